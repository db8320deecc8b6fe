"""What a platform can do: specs that ask for more are refused before anything starts."""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple


def _any_pattern(_: str) -> str:
    return ""


class Limits(NamedTuple):
    """
    What the platform can do.

    ``finest``: the finest share in per mille; ``bounds_ms``: the latency bounds that it counts at,
    all if empty; ``images``: whether it runs images; ``replicas``: the most of one application;
    ``enforced``: the resources that it keeps a replica from exceeding; ``pattern``: says what is
    wrong with a regular expression, empty if it can be used.
    """

    finest: float = 1
    bounds_ms: tuple[int, ...] = ()
    images: bool = False
    replicas: int = 200
    enforced: tuple[str, ...] = ()
    pattern: Callable[[str], str] = _any_pattern

    def fits(self, share: Fraction) -> bool:
        """Tell whether the platform can give a share (a fraction of one) of the traffic."""
        steps = float(share * 1000) / self.finest
        # A third of three replicas is written as 33.3 %: the router's own 0.1 % is near enough.
        return abs(steps - round(steps)) * self.finest < 1 if self.finest > 1 else steps % 1 == 0
