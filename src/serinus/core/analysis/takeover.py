"""
The takeover: a candidate that gets everybody at once, with nobody left beside it to compare with.

::

    stable     ▇▇▇▇▇▇▇▇▇▇▇▇▇▇ its past: shares of bad requests, fading, with an upper bound
                            ╲
    candidate                ▇▇▇▇▇▇▇▇▇ is judged as by an objective: ratio × that bound + plus

Where stable serves as well (a rolling release half-way) a block is compared with stable's side of
the same block, as always. Where it does not, its own past stands in for it, as it was when it last
served. Little past makes a wide limit; none at all, and nothing is judged: the reading says so.

The past is not the present, so this is an approximation, and its sentences say so. Whatever else
changes at the same time is charged to the candidate: a dependency that fails just then, an hour of
the day with other requests, caches that are cold after the switch. No probe can tell them apart
here, hence three guards: the evidence of one block is limited, so that it takes three bad blocks in
a row; it must reach the level at which a release is given up, not that of an alarm; and it happens
once, as the change is quarantined.
"""

from math import log

import msgspec

from serinus.core.analysis import safety, strand
from serinus.core.analysis.strand import Capital, Counts, Line, Strand

ERROR = 0.01
"""How probable it is that stable's true share lies above its upper bound."""

_STEPS = 40
_ROOM = 0.9
"""A limit above this leaves no room for a regression that could be told from it."""


def upper(requests: float, bad: float, phi: float) -> float:
    """
    Return the largest share of bad requests that a past does not contradict.

    By Chernoff's bound for Poisson counts, ``phi`` being how much the bad ones clump.
    """
    needed = -log(ERROR) * phi
    share = min(bad / requests, 1.0) if requests > 0.0 else 1.0
    if requests * _against(share, 1.0) <= needed:
        return 1.0
    low, high = share, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if requests * _against(share, middle) < needed:
            low = middle
        else:
            high = middle
    return high


def _against(share: float, bound: float) -> float:
    """Return the evidence for each request that a seen ``share`` yields against ``bound``."""
    return safety.distance(share, bound) if share > 0.0 else bound


def limit(one: Strand, line: Line) -> float | None:
    """Return the share that the candidate may have by stable's past, None if it cannot be said."""
    if one.known < strand.KNOWN:
        return None
    found = line[0] * upper(one.known, one.failed, one.phi) + line[1]
    return found if found < _ROOM else None


def run(
    one: Strand, counts: Counts | None, line: Line, margin: Line | None, capital: Capital
) -> Strand:
    """Count one block as evidence of a regression: against stable if it serves, else its past."""
    if counts is None or counts[2]:
        return strand.run(one, counts, line, margin, capital)
    most = limit(one, line)
    if most is None:
        return strand.run(one, None, line, margin, capital)
    new = strand.run(one, counts, (0.0, most), None, capital)
    return msgspec.structs.replace(new, judged=one.judged)
