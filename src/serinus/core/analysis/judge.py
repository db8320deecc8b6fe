"""
The judge: from ticks to a reading, one station after the other.

::

    ticks ── blocks ── streams ── combined evidence ── alarm, probe, safety ── sentences
             ≥ 5 s     one a      weighted mean         what the planner        what people
                       check            │               acts on                 read
    samples ── looks ───────────────────┘

A :class:`Judge` is one release's whole memory: a frozen value of plain numbers that goes through
JSON and comes back bit for bit. The planner says when another test begins (:func:`turn`) and never
looks inside.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import inf, log
from typing import NamedTuple

import msgspec

from serinus.core.analysis import (
    attempts,
    blocks,
    eprocess,
    looks,
    memory,
    placebo,
    pods,
    readings,
    routing,
    ruling,
    shape,
    sight,
    strand,
    stream,
    takeover,
    weigh,
)
from serinus.core.analysis.blocks import Block
from serinus.core.analysis.memory import Judge, Terms
from serinus.core.analysis.strand import Capital
from serinus.core.analysis.stream import Stream
from serinus.core.spec.delivery import AgainstSlo, Check, Delivery, LatencyCheck, SettleStep
from serinus.core.state.counts import CANDIDATE, STABLE, TWIN, Arm, Tick
from serinus.core.state.sample import Sample
from serinus.core.state.verdict import Outcome, Reading, Test, TestKind

_RATE_HALF_LIFE_S = 60.0
_ROUNDING = 1e-9
_NO_ARM = Arm(replicas={})


class Past(NamedTuple):
    """
    What else is known from before a release.

    ``samples``: of stable, oldest first; ``kinds``: of log lines that it wrote, by check.
    """

    samples: Sequence[Sample] = ()
    kinds: Mapping[str, Iterable[str]] = {}


NO_PAST = Past()


def open(  # noqa: A001  judge.open is what the loop says
    delivery: Delivery,
    history: Sequence[Tick],
    *,
    plan_seconds: float,
    test: Test,
    since: float = 0.0,
    past: Past = NO_PAST,
) -> Judge:
    """
    Begin judging a release; ``history`` are the ticks from before it, oldest first.

    ``since``: from when on (epoch seconds) they are those of the version that is stable now.
    """
    gauges = memory.gauges(delivery.looks)
    whole = sum(check.weight for check in (*delivery.checks, *gauges))
    terms = Terms(
        checks=delivery.checks,
        log_weights=tuple(log(check.weight / whole) for check in delivery.checks),
        block_s=max(blocks.LEAST_S, delivery.every_s),
        plan_s=max(plan_seconds, 1.0),
        margin=delivery.margin,
        verify_error=delivery.verify_error,
        retreat=delivery.retreat,
        settle_s=_settle(delivery),
        looks=delivery.looks,
        gauge_weights=tuple(log(look.weight / whole) for look in gauges),
        rule=delivery.rule,
    )
    seen = blocks.cut(history, terms.block_s)
    streams = tuple(
        stream.remember(stream.open(check), check, seen, since) for check in terms.checks
    )
    rate = (0.0, 0.0)
    for block in seen[-24:]:
        rate = _rate(rate, sum(side.requests for side in block.sides.values()), block.seconds)
    sights = looks.open(delivery, history, past.samples, past.kinds)
    ruled = ruling.open(terms.rule)
    return Judge(terms=terms, test=test, streams=streams, rate=rate, looks=sights, ruled=ruled)


def _settle(delivery: Delivery) -> float:
    kept = [step.keep_old_s for step in delivery.steps if isinstance(step, SettleStep)]
    return max([60.0, *kept])


# --- forward -----------------------------------------------------------------------------------


def advance(judge: Judge, tick: Tick) -> Judge:
    """Take in one tick; evidence is counted whenever a block is full."""
    pending = (*judge.pending, tick)
    candidate = tick.arms.get(CANDIDATE, _NO_ARM)
    stable = tick.arms.get(STABLE, _NO_ARM)
    n_c, n_p = candidate.requests, stable.requests
    open_c, open_p = n_c, n_p
    if tick.masked:
        open_c -= sum([n for name, (n, _) in candidate.replicas.items() if name in tick.masked])
        open_p -= sum([n for name, (n, _) in stable.replicas.items() if name in tick.masked])
    judge = msgspec.structs.replace(
        judge,
        pending=pending,
        rate=_rate(judge.rate, n_c + n_p, tick.seconds),
        requests=judge.requests + n_c,
        bad=judge.bad + candidate.errors + _slow(judge, tick, candidate),
        test_requests=judge.test_requests + open_c,
        test_stable_requests=judge.test_stable_requests + open_p,
        data_at=tick.at if n_c else judge.data_at,
        stable_data_at=tick.at if n_p else judge.stable_data_at,
        routing=routing.advance(judge.routing, tick),
    )
    if judge.ruled is not None:
        judge = ruling.heard(judge, tick)
    if judge.looks:
        judge = looks.heard(judge, tick, (open_c, open_p))
    if not blocks.full(sum([t.seconds for t in pending]), judge.terms.block_s):
        return judge
    return _close(judge, count=True)


def look(judge: Judge, samples: Sequence[Sample]) -> Judge:
    """Take in what sources said since; every sample is taken in once."""
    return looks.take(judge, samples)


def set_back(judge: Judge, at: float) -> Judge:
    """Go on after the clock was set back: nothing was seen later than ``at`` (epoch seconds)."""
    return msgspec.structs.replace(
        judge,
        at=min(judge.at, at),
        since=min(judge.since, at),
        begun=min(judge.begun, at),
        data_at=min(judge.data_at, at),
        stable_data_at=min(judge.stable_data_at, at),
        served=(min(judge.served[0], at), min(judge.served[1], at)),
        looks=tuple([sight.set_back(one, at) for one in judge.looks]),
    )


def _rate(rate: tuple[float, float], requests: int, seconds: float) -> tuple[float, float]:
    fade = 0.5 ** (seconds / _RATE_HALF_LIFE_S)
    return rate[0] * fade + requests, rate[1] * fade + seconds


def _slow(judge: Judge, tick: Tick, candidate: Arm) -> int:
    if not candidate.timed:
        return 0
    for check, one in zip(judge.terms.checks, judge.streams, strict=True):
        if isinstance(check, LatencyCheck) and one.strands:
            bound = one.strands[one.shown].bound_ms
            if bound in tick.bounds_ms and len(candidate.slower) == len(tick.bounds_ms):
                return candidate.slower[tick.bounds_ms.index(bound)]
            return 0
    return 0


def _close(judge: Judge, *, count: bool) -> Judge:
    """End the block; what was begun under another test is learnt from, never counted."""
    block = blocks.join(judge.pending)
    masked = any(tick.masked for tick in judge.pending)
    whole = blocks.join(judge.pending, masked=False) if masked else block
    elapsed = max(block.seconds, block.at - judge.at) if judge.at else block.seconds
    if judge.test.kind is TestKind.TAKEOVER and not _served(block, STABLE):
        # What stable did is all there is to compare with, and does not get older by being used.
        elapsed = 0.0
    if TWIN in block.sides:
        judge = attempts.hear_twin(judge, block)
    if count and (judge.streams or judge.looks):
        judge = _shaped(pods.count(judge, block), block)
        probing = judge.test.kind is TestKind.PROBE
        judge = attempts.probe_block(judge, block) if probing else _run(judge, block)
    streams = tuple(
        [stream.show(stream.learn(one, block, elapsed), whole) for one in judge.streams]
    )
    judge = msgspec.structs.replace(judge, pending=(), at=block.at, streams=streams)
    return _weighed(judge) if count else judge


def _shaped(judge: Judge, block: Block) -> Judge:
    """Compare all of the latency, where a check is about some of it."""
    timed = [each for one in judge.streams for each in one.strands if each.bound_ms]
    if not timed or not block.bounds_ms:
        return judge
    phi = max([one.phi for one in timed])
    return msgspec.structs.replace(judge, shape=shape.step(judge.shape, block, phi))


def _weighed(judge: Judge) -> Judge:
    """
    Find the smallest visible regression anew when the evidence has grown by a twentieth.

    It takes as long as all else in a block; until then the last one, a little too large, holds.
    """
    judged = weigh.judged(judge)
    if judged < judge.weighed * 1.05 or judged <= judge.weighed:
        return judge
    return msgspec.structs.replace(judge, smallest=weigh.smallest(judge), weighed=judged)


def _run(judge: Judge, block: Block) -> Judge:
    capital = _capital(judge, block)
    streams = tuple(
        [
            _bet(judge, check, one, block, capital)
            for check, one in zip(judge.terms.checks, judge.streams, strict=True)
        ]
    )
    if judge.test.kind is TestKind.TRIAL:
        streams = attempts.again(judge, streams, block)
    judge = msgspec.structs.replace(
        judge,
        streams=streams,
        cash=capital.cash,
        blocks=judge.blocks + _counts(judge, block),
        crew=_crew(block) or judge.crew,
    )
    violated = weigh.violated(judge)
    if violated != judge.violated:
        judge = msgspec.structs.replace(judge, violated=violated)
    return weigh.alarm(judge)


def _capital(judge: Judge, block: Block) -> Capital:
    """Return what may be bet on a block: more than half of it all on the first one."""
    terms, over = judge.terms, judge.test.kind is TestKind.TAKEOVER
    if over and not _served(block, CANDIDATE):
        return Capital(0.0, judge.cash)
    length = terms.settle_s if over else terms.plan_s
    wanted = (1 - eprocess.FIRST) * block.seconds / length
    share = min(judge.cash, eprocess.FIRST if judge.cash >= 1.0 else wanted)
    cash = judge.cash - share if judge.cash - share > _ROUNDING else 0.0
    return Capital(share, cash, log(terms.retreat.give_up) / 2 if over else inf)


def _bet(judge: Judge, check: Check, one: Stream, block: Block, capital: Capital) -> Stream:
    """Count a block as evidence for one check."""
    line, margin = stream.line(check), stream.margin(check, judge.terms.margin)
    slo = isinstance(check.against, AgainstSlo)
    over = judge.test.kind is TestKind.TAKEOVER and not slo
    strands = []
    for place, old in enumerate(one.strands):
        counts, stable = stream.counts(one, place, check, block, alone=over)
        if over:
            new = takeover.run(old, counts, line, margin, capital)
        else:
            new = strand.run(old, counts, line, margin, Capital(capital.share, capital.cash))
        if slo:
            n_p, x_p = stream.pair(one, place, stable, block)
            new = strand.watch_stable(new, n_p, x_p, line, capital.share)
        strands.append(new)
    return msgspec.structs.replace(one, strands=tuple(strands))


def _crew(block: Block) -> int:
    """Return how many of the candidate's replicas answered in a block."""
    side = block.sides.get(CANDIDATE)
    return 0 if side is None else sum([n > 0 for n, _ in side.replicas])


def _counts(judge: Judge, block: Block) -> int:
    """Return 1 for a block that has what the test needs, else 0."""
    both = judge.test.kind is TestKind.TAKEOVER or _served(block, STABLE)
    return int(both and _served(block, CANDIDATE))


def _served(block: Block, name: str) -> bool:
    side = block.sides.get(name)
    return side is not None and side.requests > 0


# --- what bad luck would do --------------------------------------------------------------------


def wonders(judge: Judge) -> bool:
    """Tell whether it should be looked up what the accusation's probe would find in the past."""
    new = bool(judge.charge.check) and judge.looked != judge.charge
    return new and weigh.design(judge) is not None


def placebos(judge: Judge, ticks: Sequence[Tick]) -> Judge:
    """
    Repeat the probe on stable's replicas in the past; ``ticks``: of stable, oldest first.

    What came after the alarm is left out, so that it does not matter when this is asked.
    """
    design = weigh.design(judge)
    if design is None:
        return judge
    check = memory.find(judge, judge.charge.check)[0]
    end = judge.charge.at
    known = [tick for tick in ticks if end - placebo.PAST_S < tick.at <= end]
    found = placebo.look(placebo.past(known, check, judge.terms.block_s), design)
    return msgspec.structs.replace(judge, placebo=found, looked=judge.charge)


# --- another test ------------------------------------------------------------------------------


def turn(judge: Judge, test: Test) -> Judge:
    """Begin another test with fresh evidence; the same number again changes nothing."""
    if test.number == judge.test.number:
        return judge
    if judge.pending:
        judge = _close(judge, count=False)
    streams = []
    for check, one in zip(judge.terms.checks, judge.streams, strict=True):
        slo = isinstance(check.against, AgainstSlo)
        strands = tuple(
            strand.begin(old, slo=slo, probe_follows=test.kind is TestKind.PROBE)
            for old in one.strands
        )
        streams.append(msgspec.structs.replace(one, strands=strands))
    return msgspec.structs.replace(
        judge,
        test=test,
        streams=tuple(streams),
        looks=looks.begin(judge),
        pods=pods.begin(judge),
        ruled=ruling.begin(judge, test),
        since=judge.at,
        cash=1.0,
        blocks=0,
        begun=0.0,
        alarmed=False,
        probe=Outcome.INCONCLUSIVE,
        excused=False,
        test_requests=0,
        test_stable_requests=0,
    )


# --- what it amounts to ------------------------------------------------------------------------


def reading(judge: Judge) -> Reading:
    """Say all that may be known of the evidence so far."""
    return ruling.read(judge, readings.reading(judge))
