"""
The router: does it give the candidate the share of the requests that it was asked for?

The evidence against a candidate counts on it: whatever the outcomes of requests have to do with
each other, a healthy candidate looks worse only by chance *as long as chance decides who serves
which request*. So the requests themselves are counted, bad or not::

    wanted 5 % ── requests of a block: 500, of these the candidate's: 45 (9 %) ── bets ── evidence

An e-process as for the checks, with bets on both sides: the odds of reaching the candidate are a
quarter to eleven times higher than they should be, or lower. A tenth more or less is allowed: some
routers deal in turns, and count replicas. Half of the capital is there at once, the rest comes over
the plan, so that a router that begins to drift late is told as well.

Requests come in clumps (one connection, one client), so that the evidence is divided by a
dispersion, learnt from how unequal neighbouring blocks are, and taken larger while few were seen.
What lasts for minutes is not covered
by it. Where users stay on their side nothing is judged: then shares follow the weights slowly, and
users are counted instead (:mod:`serinus.core.analysis.report`).

It says something about the comparison, not about the candidate. So it is a warning, and nothing is
taken back for it.
"""

from math import log, sqrt

import msgspec

from serinus.core.analysis import dispersion, eprocess, sentences
from serinus.core.spec.delivery import FULL
from serinus.core.state.counts import CANDIDATE, Tick

ALLOWED = 1.1
"""How many times the wanted odds the router may give, or may fall short of."""

LEVEL = 1000.0
"""The evidence at which it is told: wrong in one release of a thousand."""

MOST = 40.0
PAIRS = 8
"""So many pairs of blocks show how requests clump, before anything is bet."""

BLOCK_S = 5.0
TIMES = (1.25, 1.5, 2.0, 4.0, 12.0)
_FIRST = 0.5
_PLAN_S = 1800.0
_RECENT_S = 60.0
_BETS = 2 * len(TIMES)
_FRESH = (eprocess.EMPTY,) * _BETS


class Routing(msgspec.Struct, frozen=True, array_like=True):
    """
    What is remembered of the router.

    ``wanted``: the share (per mille) of the last tick; ``settled``: a block has passed with it.
    ``open``: seconds, requests and the candidate's in the block that is not full yet; ``last``:
    requests of the block before. ``spread``, ``events``: sums for the dispersion over so many
    ``pairs`` of neighbouring blocks. ``recent``: requests and the candidate's, fading, with the
    share that is wanted now. ``weights``: the capital of each bet, ``cash``: what is not injected.
    ``told``: (seen share, wanted share) when it was first clear that the router does not follow.
    """

    wanted: int = 0
    settled: bool = False
    open: tuple[float, int, int] = (0.0, 0, 0)
    last: tuple[int, int] = (0, 0)
    recent: tuple[float, float] = (0.0, 0.0)
    spread: float = 0.0
    events: float = 0.0
    pairs: int = 0
    weights: tuple[float, ...] = _FRESH
    cash: float = 1.0
    evidence: float = 0.0
    told: tuple[float, int] | None = None


def advance(routing: Routing, tick: Tick) -> Routing:
    """Count one tick; where the wanted share is not known, or changes, the block is given up."""
    wanted = tick.wanted or 0
    if not 0 < wanted < FULL:
        return routing if not routing.wanted else _changed(routing, 0)
    if wanted != routing.wanted:
        routing = _changed(routing, wanted)
    seconds, n, n_c = routing.open
    seconds += tick.seconds
    n += sum([arm.requests for arm in tick.arms.values()])
    n_c += tick.arms[CANDIDATE].requests if CANDIDATE in tick.arms else 0
    if seconds < BLOCK_S:
        return msgspec.structs.replace(routing, open=(seconds, n, n_c))
    return _close(routing, seconds, n, n_c)


def _changed(routing: Routing, wanted: int) -> Routing:
    return msgspec.structs.replace(
        routing, wanted=wanted, settled=False, open=(0.0, 0, 0), last=(0, 0), recent=(0.0, 0.0)
    )


def _close(routing: Routing, seconds: float, n: int, n_c: int) -> Routing:
    """Use a block as evidence, then learn from it; the first one at a share is left out."""
    if not routing.settled:
        return msgspec.structs.replace(routing, settled=True, open=(0.0, 0, 0))
    if not n:
        return msgspec.structs.replace(routing, open=(0.0, 0, 0))
    if routing.pairs < PAIRS:
        return _learnt(routing, seconds, n, n_c)
    share = min(routing.cash, _FIRST if routing.cash >= 1.0 else _FIRST * seconds / _PLAN_S)
    cash = max(0.0, routing.cash - share)
    weights = routing.weights
    if share:
        extra = log(share / _BETS)
        weights = tuple([eprocess.add(w, extra) for w in weights])
    sure = 1 + 2 * sqrt(2 / routing.pairs)
    phi = dispersion.phi(routing.spread, routing.events, MOST) * sure
    weights = eprocess.bet(weights, gains(n, n_c, routing.wanted / FULL), phi)
    evidence = eprocess.total(weights, cash)
    routing = _learnt(routing, seconds, n, n_c)
    routing = msgspec.structs.replace(routing, weights=weights, cash=cash, evidence=evidence)
    if routing.told is None and routing.evidence >= log(LEVEL):
        told = (routing.recent[1] / routing.recent[0], routing.wanted)
        return msgspec.structs.replace(routing, told=told)
    return routing


def _learnt(routing: Routing, seconds: float, n: int, n_c: int) -> Routing:
    """Learn from a block how requests clump, and what the share is now."""
    spread, events = dispersion.clumps((routing.last, (n, n_c)))
    fade = 0.5 ** (seconds / _RECENT_S)
    return msgspec.structs.replace(
        routing,
        open=(0.0, 0, 0),
        last=(n, n_c),
        recent=(routing.recent[0] * fade + n, routing.recent[1] * fade + n_c),
        spread=routing.spread + spread,
        events=routing.events + events,
        pairs=routing.pairs + (routing.last[0] > 0),
    )


def gains(n: int, n_c: int, share: float) -> list[float]:
    """
    Return the logarithm of each bet's factor for ``n`` requests, ``n_c`` of them the candidate's.

    First the bets that it gets too much, then those that it gets too little. Each is a likelihood
    ratio against the end of what is allowed, and so worth at most 1 for all that is within.
    """
    odds = share / (1 - share)
    found = []
    for edge, times in ((ALLOWED, TIMES), (1 / ALLOWED, tuple([1 / t for t in TIMES]))):
        null = odds * edge
        for factor in times:
            bet = odds * factor
            found.append(n_c * log(bet / null) - n * log((1 + bet) / (1 + null)))
    return found


def follows(routing: Routing) -> bool:
    """Tell whether what was seen within the last minute is what is wanted."""
    n, n_c = routing.recent
    if not n or not routing.wanted:
        return True
    share = routing.wanted / FULL
    odds, seen = share / (1 - share), (n_c + 0.5) / (n - n_c + 0.5)
    return odds / ALLOWED <= seen <= odds * ALLOWED


def sentence(routing: Routing) -> str:
    """Say that the router does not follow, or did not; empty as long as nothing speaks for it."""
    if routing.told is None:
        return ""
    end = "so that the two versions may not be comparable: look at the router and at who is sent"
    if follows(routing):
        seen, wanted = routing.told
        return (
            f"the router did not follow for a while: {sentences.percent(seen)} of the requests"
            f" reached the candidate, {wanted / 10:g} % were wanted"
            f"{'; it does now' if routing.recent[0] else ''}"
        )
    n, n_c = routing.recent
    return (
        f"the router does not follow: {sentences.percent(n_c / n)} of the requests of the last"
        f" minutes reached the candidate, {routing.wanted / 10:g} % were wanted"
        f" (evidence {sentences.odds(eprocess.value(max(routing.evidence, log(LEVEL))))}), {end}"
    )
