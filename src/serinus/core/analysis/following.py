"""
Following: has the data plane taken over a new split, or does it still keep the old one?

What is written is not what is so. Requests are counted since the change, and two claims are held
against each other, the old share and the new one::

    written 1 % → 5 %          each request for the candidate      each other one
                               speaks log(5/1) for the new share   log(0.95/0.99), for the old one
                                                  ╲                  ╱
    ── the old split ──┤ −4.6        not enough requests yet        +5.1 ├── follows ──

It is Wald's sequential test of two simple claims: the likelihood ratio is a martingale under the
claim that it speaks against, so that, whenever somebody looks and however often,

- a data plane that keeps the old share is said to follow in at most :data:`WRONGLY` of all changes;
- one that follows is said to keep the old share in at most :data:`WRONGLY` of all looks from a
fresh
  beginning. Requests that began before the change and end after it can do that as well, so this
  answer begins the test anew, and nobody acts on a single one.

A test that begins anew has less of the chance to err that is left: 6/π²k² of it for the k-th, all
of them together one. A router that deals in turns, and not by chance, is surer than the test
believes. Where users stay on their side, or requests are chosen by what they say, shares follow
weights slowly or not at all, and there is no such test.
"""

import enum
from math import log, pi

import msgspec

from serinus.core.spec import prose
from serinus.core.spec.delivery import FULL
from serinus.core.state.observed import LAGS

WRONGLY = 0.01
"""The chance of either wrong answer."""

LEAK = 0.0001
"""A share of nothing lets through so many, and one of all as many less: nothing is that sure."""


class Answer(enum.StrEnum):
    """What the requests say so far."""

    FOLLOWS = "follows"
    OLD = "the old split"
    OPEN = "not enough requests yet"


class Following(msgspec.Struct, frozen=True):
    """
    What is known since a change of the share of one side, from ``old`` to ``new`` (per mille).

    ``ratio``: the logarithm of the likelihood ratio since the test began last; ``begun``: how often
    it did. ``requests`` and ``taken``: of all since the change, and the side's. ``answer``: the
    last one; of :attr:`Answer.OLD` the next request begins anew.
    """

    old: int
    new: int
    ratio: float = 0.0
    begun: int = 1
    requests: int = 0
    taken: int = 0
    answer: Answer = Answer.OPEN


def count(known: Following, requests: int, taken: int) -> Following:
    """Count requests that ended since the last time, ``taken`` of them the side's own."""
    if known.answer is Answer.FOLLOWS or not requests:
        return known
    taken = min(taken, requests)
    again = known.answer is Answer.OLD
    begun = known.begun + again
    ratio = (0.0 if again else known.ratio) + gain(known.old, known.new, requests, taken)
    answer = Answer.OPEN
    if ratio >= log(begun**2 * pi**2 / (6 * WRONGLY)):
        answer = Answer.FOLLOWS
    elif ratio <= log(WRONGLY):
        answer = Answer.OLD
    return Following(
        old=known.old,
        new=known.new,
        ratio=ratio,
        begun=begun,
        requests=known.requests + requests,
        taken=known.taken + taken,
        answer=answer,
    )


def gain(old: int, new: int, requests: int, taken: int) -> float:
    """Return what requests say for the new share and against the old one (a logarithm)."""
    p, q = _share(old), _share(new)
    return taken * log(q / p) + (requests - taken) * log((1.0 - q) / (1.0 - p))


def needed(old: int, new: int) -> float:
    """Return about how many requests it takes to see that the new share is followed."""
    q = _share(new)
    p = _share(old)
    each = q * log(q / p) + (1.0 - q) * log((1.0 - q) / (1.0 - p))
    return log(pi**2 / (6 * WRONGLY)) / each if each else float("inf")


def sentence(known: Following, seconds: float) -> str:
    """Say that the router does not follow, ``seconds`` after it should have."""
    return (
        f"{LAGS}: wanted {known.new / 10:g} %, "
        f"seen {known.taken:,} of {prose.several(known.requests, 'request')}"
        f" for {prose.seconds(seconds)}"
    )


def _share(mille: int) -> float:
    return min(max(mille / FULL, LEAK), 1.0 - LEAK)
