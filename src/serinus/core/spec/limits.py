"""What a platform can do: specs that ask for more are refused before anything starts."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

FEATURES = (
    *("weight", "header", "cookie", "query", "mirror", "sticky", "edits", "visits"),
    *("many", "combined"),
)
"""What a router may be able to do, in the words of :class:`serinus.core.state.traffic.Feature`.

``visits``: it notes who came, which the report of an A/B test is made of. ``many``: more than two
revisions get requests at once, which no delivery needs. ``combined``: several conditions choose.
"""


def _any_pattern(_: str) -> str:
    return ""


class Limits(NamedTuple):
    """
    What the platform can do.

    ``finest``: the finest share in per mille; ``rounds``: what is finer is rounded up, with a
    warning, in place of being refused; ``bounds_ms``: the latency bounds that it counts at, all if
    empty; ``images``: whether it runs images; ``cluster``: whether it asks of a workload what
    Kubernetes asks; ``replicas``: the most of one application; ``enforced``: the resources that it
    keeps a replica from exceeding; ``pattern``: says what is wrong with a regular expression, empty
    if it can be used; ``router``: its name, for people; ``features``: what it can do of
    :data:`FEATURES`, None: all of them.
    """

    finest: float = 1
    bounds_ms: tuple[int, ...] = ()
    images: bool = False
    replicas: int = 200
    enforced: tuple[str, ...] = ()
    pattern: Callable[[str], str] = _any_pattern
    cluster: bool = False
    router: str = ""
    features: frozenset[str] | None = None
    rounds: bool = False

    def fits(self, share: Fraction) -> bool:
        """Tell whether the platform can give a share (a fraction of one) of the traffic."""
        steps = float(share * 1000) / self.finest
        # A third of three replicas is written as 33.3 %: the router's own 0.1 % is near enough.
        return abs(steps - round(steps)) * self.finest < 1 if self.finest > 1 else steps % 1 == 0

    def nearest(self, mille: int) -> int:
        """Return the share, in per mille, that is given in place of one that does not fit."""
        if not self.rounds or self.fits(Fraction(mille, 1000)):
            return mille
        return min(1000, round(math.ceil(mille / self.finest) * self.finest))

    def can(self, feature: str) -> bool:
        """Tell whether the router has a feature."""
        return self.features is None or feature in self.features
