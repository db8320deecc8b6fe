"""
Strikes: how often in a row a number was outside of its threshold.

A look that brought no number, or whose source could not be asked, is neither a strike nor a pass:
it leaves the count as it is. Only a number within the threshold sets it back, and another test,
which is about other replicas.
"""

from serinus.core.spec.delivery import Threshold


def outside(against: Threshold, value: float) -> bool:
    """Tell whether a number is outside of a threshold; the limits themselves are within."""
    above = against.max is not None and value > against.max
    below = against.min is not None and value < against.min
    return above or below


def strikes(against: Threshold, before: int, value: float) -> int:
    """Count one more number."""
    return before + 1 if outside(against, value) else 0


def struck(against: Threshold, found: int) -> bool:
    """Tell whether a number has had all its strikes."""
    return found >= max(1, against.strikes)


def limit(against: Threshold, value: float | None) -> float | None:
    """Return the limit that a number is beyond, else the one that is nearer to it."""
    if against.max is None or against.min is None or value is None:
        return against.max if against.max is not None else against.min
    return against.max if abs(against.max - value) <= abs(value - against.min) else against.min
