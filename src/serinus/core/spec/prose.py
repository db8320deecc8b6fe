"""Lengths of time and counts as people read them: one way to write them, on every floor."""

MINUTE = 60
HOUR = 3600


def seconds(length: float) -> str:
    """Write a length of time in two units at most: ``8s``, ``4m10s``, ``2h05m``."""
    whole = round(length)
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        minutes, rest = divmod(whole, MINUTE)
        return f"{minutes}m{rest:02d}s" if rest else f"{minutes}m"
    hours, rest = divmod(whole, HOUR)
    return f"{hours}h{rest // MINUTE:02d}m" if rest >= MINUTE else f"{hours}h"


def several(number: int, one: str, many: str = "") -> str:
    """Write a count with its noun: ``1 replica``, ``3 replicas``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
