"""How long to wait before something that fell is started again: 1 s, doubled up to a minute."""

FIRST_S = 1.0
LONGEST_S = 60.0
FORGIVEN_S = 60.0
"""After so long in health, earlier falls are forgotten."""


def delay_s(falls: int) -> float:
    """Return the wait after so many falls in a row."""
    return min(LONGEST_S, FIRST_S * 2.0 ** min(falls - 1, 10)) if falls > 0 else 0.0


def falls_after(falls: int, healthy_s: float) -> int:
    """Count one more fall, after this long in health."""
    return 1 if healthy_s >= FORGIVEN_S else falls + 1
