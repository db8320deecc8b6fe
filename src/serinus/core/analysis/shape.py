"""
The shape of the latency: are requests of the candidate as slow and as fast as those of stable?

A latency check asks one thing, whether more requests are slower than a bound. This one asks whether
*anything* is different, faster requests included, over all buckets of the histogram at once::

    stable     ▂▅█▃▁
    candidate  ▂▃▅▆▂      bets that the shares are those seen so far, of each arm by itself

The bets are made before a block is seen, and the nearest pair of equal shares is their mean by
requests; so the likelihood ratio is worth at most 1 for equal arms, as long as requests are
independent. (For correlated ones that is proven of a single bucket, not of all of them together:
the evidence is divided by the dispersion of the latency checks, and is no proof.)

A version that got faster is different, too. So nothing is taken back for this, and nothing is held:
it is something to know.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log

import msgspec

from serinus.core.analysis import eprocess, figures, sentences
from serinus.core.analysis.blocks import NOBODY, Block, Side
from serinus.core.state.counts import CANDIDATE, STABLE

LEVEL = 1000.0
"""The evidence at which it is told: wrong in one release of a thousand."""

PRIOR = 100.0
"""So many requests are thought of, shared as all arms share theirs, before any was seen."""

_THOUSAND = 1000


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """
    What is remembered: requests of each arm by bucket, the last one for those beyond all bounds.

    ``evidence``: a logarithm; ``told``: it was once enough.
    """

    bounds_ms: tuple[int, ...] = ()
    candidate: tuple[int, ...] = ()
    stable: tuple[int, ...] = ()
    evidence: float = 0.0
    told: bool = False


def step(shape: Shape, block: Block, phi: float) -> Shape:
    """Count one block; with other bounds it begins anew."""
    if not block.bounds_ms:
        return shape
    own = _parts(block.sides.get(CANDIDATE, NOBODY))
    other = _parts(block.sides.get(STABLE, NOBODY))
    if shape.bounds_ms != block.bounds_ms:
        none = (0,) * (len(block.bounds_ms) + 1)
        shape = Shape(block.bounds_ms, none, none, told=shape.told)
    if not own and not other:
        return shape
    evidence = shape.evidence
    if own and other:
        evidence += gain(shape, own, other) / phi
    return msgspec.structs.replace(
        shape,
        candidate=_sum(shape.candidate, own),
        stable=_sum(shape.stable, other),
        evidence=evidence,
        told=shape.told or evidence >= log(LEVEL),
    )


def gain(shape: Shape, own: Sequence[int], other: Sequence[int]) -> float:
    """Return the logarithm of what a block is worth: the bets against their mean by requests."""
    n_c, n_p = sum(own), sum(other)
    both = [a + b + 0.5 for a, b in zip(shape.candidate, shape.stable, strict=True)]
    whole = sum(both)
    known_c, known_p = sum(shape.candidate) + PRIOR, sum(shape.stable) + PRIOR
    total = 0.0
    for place, one in enumerate(both):
        prior = PRIOR * one / whole
        theta_c = (shape.candidate[place] + prior) / known_c
        theta_p = (shape.stable[place] + prior) / known_p
        mean = (n_c * theta_c + n_p * theta_p) / (n_c + n_p)
        if own[place]:
            total += own[place] * log(theta_c / mean)
        if other[place]:
            total += other[place] * log(theta_p / mean)
    return total


def _parts(side: Side) -> tuple[int, ...]:
    """Return the requests of each bucket; empty where nothing can be said."""
    if not side.timed:
        return ()
    over = (side.timed, *side.slower, 0)
    found = tuple([a - b for a, b in pairwise(over)])
    return found if min(found) >= 0 else ()


def _sum(before: tuple[int, ...], more: tuple[int, ...]) -> tuple[int, ...]:
    return tuple([a + b for a, b in zip(before, more, strict=True)]) if more else before


def sentence(shape: Shape) -> str:
    """Say where the arms differ most; empty as long as they need not."""
    n_c, n_p = sum(shape.candidate), sum(shape.stable)
    if not shape.told or not n_c or not n_p:
        return ""
    away = [a / n_c - b / n_p for a, b in zip(shape.candidate, shape.stable, strict=True)]
    # Of a bucket that lost requests and one that got them, the one that got them.
    place = max(range(len(away)), key=lambda i: (round(abs(away[i]), 6), away[i]))
    own, other = shape.candidate[place] / n_c, shape.stable[place] / n_p
    proof = sentences.odds(eprocess.value(max(shape.evidence, log(LEVEL))))
    return (
        f"the latency is distributed otherwise: {sentences.percent(own)} of the candidate's"
        f" requests took {_bucket(shape.bounds_ms, place)}, {sentences.percent(other)} of stable's"
        f" (evidence {proof}); whether that is worse is for the checks to say"
    )


def _bucket(bounds_ms: Sequence[int], place: int) -> str:
    if not place:
        return f"at most {_time(bounds_ms[0])}"
    if place == len(bounds_ms):
        return f"more than {_time(bounds_ms[-1])}"
    return f"{_time(bounds_ms[place - 1])} to {_time(bounds_ms[place])}"


def _time(ms: int) -> str:
    return figures.figure(ms / _THOUSAND, figures.SECONDS)
