"""
The dispersion φ̂: how much more stable's bad requests clump than independent ones would.

One cause (a pause, a retry storm, a slow disk) often makes many requests bad at once. Evidence
that counts them one by one would be too sure. φ̂ is learnt from stable alone, which is *not*
under suspicion: from how unequally its bad requests fall on its replicas within a block. All
evidence is divided by it (as a logarithm). 1 is independence; it is limited to 8.

Where there are no counts for each replica (latency is counted for each revision, and a small
application has one replica), a block is compared with the one before it. That takes joint ups and
downs for clumps, which errs on the side of too little evidence.
"""

from collections.abc import Sequence

MOST = 8.0
MOST_LINES = 40.0
"""Of log lines: one failure may write a trace of many that match."""

_PRIOR = 20.0


def phi(spread: float, events: float, most: float = MOST) -> float:
    """Estimate the dispersion from the sums over past blocks."""
    return min(max((_PRIOR + spread) / (_PRIOR + events), 1.0), most)


def clumps(parts: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """
    Return what one block adds to (spread, events).

    ``parts``: (requests, bad) of each replica, or of two neighbouring blocks.
    """
    served = [part for part in parts if part[0] > 0]
    bad = sum(x for _, x in served)
    if len(served) < 2 or not bad:  # noqa: PLR2004  one part cannot be unequal to itself
        return 0.0, 0.0
    requests = sum(n for n, _ in served)
    spread = 0.0
    for n, x in served:
        share = n / requests
        spread += (x - bad * share) ** 2 / share
    return spread / (len(served) - 1), float(bad)
