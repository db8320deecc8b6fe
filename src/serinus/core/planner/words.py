"""The words of the planner: shares, lengths of time and counts as people read them."""

from serinus.core.spec.delivery import FULL
from serinus.core.spec.prose import seconds as seconds
from serinus.core.spec.prose import several as several


def share(per_mille: int) -> str:
    """Write a share: ``5 %``, ``0.5 %``."""
    return f"{per_mille / 10:g} %"


def of_traffic(per_mille: int) -> str:
    """Write a share as a part of the traffic."""
    return "all traffic" if per_mille == FULL else f"{share(per_mille)} of the traffic"
