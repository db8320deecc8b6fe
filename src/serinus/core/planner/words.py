"""The words of the planner: shares, lengths of time and counts as people read them."""

from datetime import datetime

from serinus.core.spec.delivery import FULL

MINUTE = 60
HOUR = 3600


def share(per_mille: int) -> str:
    """Write a share: ``5 %``, ``0.5 %``."""
    return f"{per_mille / 10:g} %"


def seconds(length: float) -> str:
    """Write a length of time: ``8s``, ``4m10s``, ``2h05m``."""
    whole = round(length)
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        minutes, rest = divmod(whole, MINUTE)
        return f"{minutes}m{rest:02d}s" if rest else f"{minutes}m"
    hours, rest = divmod(whole, HOUR)
    return f"{hours}h{rest // MINUTE:02d}m" if rest >= MINUTE else f"{hours}h"


def until(now: datetime, then: datetime) -> str:
    """Write how long it is from now until then."""
    return seconds(max(0.0, (then - now).total_seconds()))


def several(number: int, one: str, many: str = "") -> str:
    """Write a count with its noun: ``1 replica``, ``3 replicas``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def of_traffic(per_mille: int) -> str:
    """Write a share as a part of the traffic."""
    return "all traffic" if per_mille == FULL else f"{share(per_mille)} of the traffic"
