"""
Looks: the checks that are no counts, in the judge's memory.

Samples come when they come, and not with the blocks. A number counts for the test in which all of
it was taken, while the arm that it is about answered requests of replicas that are old enough.

====================  =========================================================================
a look                acts by
====================  =========================================================================
against a threshold   strikes (:mod:`~serinus.core.analysis.threshold`), in every test
compared with stable  evidence, which is weighed with that of the counts in a run; a probe tests
                      it when it was accused. In a takeover it is shown and moves nothing: what
                      cannot be given back must not hang on an approximation
new lines             a halt: a person looks before anything goes on
====================  =========================================================================
"""

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite

import msgspec

from serinus.core.analysis import eprocess, gauge, newlines, sight, weigh
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.sight import Served, Sight
from serinus.core.spec.delivery import (
    Compared,
    Delivery,
    Look,
    NewLinesCheck,
    QueryCheck,
    UsageCheck,
)
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.sample import Sample
from serinus.core.state.verdict import Outcome, TestKind

WITHIN_S = 30.0
"""An arm answers requests when one came within so many seconds, or two looks."""

_NOBODY = Arm(replicas={})


def open(  # noqa: A001  read as looks.open, like its siblings
    delivery: Delivery,
    history: Sequence[Tick],
    samples: Sequence[Sample],
    kinds: Mapping[str, Iterable[str]],
) -> tuple[Sight, ...]:
    """
    Begin all looks of a delivery with stable's past.

    ``samples``: of stable from before, oldest first and at the distance of later looks; ``kinds``:
    of lines that stable wrote before, by check.
    """
    found = []
    for look in delivery.looks:
        one = sight.open(look)
        if one.lines is not None:
            lines = newlines.know(one.lines, tuple(kinds.get(look.name, ())))
            for tick in history:
                stable = tick.arms.get(STABLE)
                if stable is not None and look.name in stable.kinds:
                    lines = newlines.know(lines, stable.kinds[look.name], stable.requests)
            one = msgspec.structs.replace(one, lines=lines)
        past = [s.values[STABLE] for s in samples if s.check == look.name and STABLE in s.values]
        found.append(sight.remember(one, [value for value in past if isfinite(value)]))
    return tuple(found)


def heard(judge: Judge, tick: Tick, requests: tuple[int, int]) -> Judge:
    """Take in a tick; ``requests``: of candidate and stable, young replicas left out."""
    served = (
        tick.at if requests[0] else judge.served[0],
        tick.at if requests[1] else judge.served[1],
    )
    candidate = tick.arms.get(CANDIDATE, _NOBODY)
    stable = tick.arms.get(STABLE, _NOBODY)
    found = judge.looks
    if candidate.kinds or stable.kinds:
        all_requests = (candidate.requests, stable.requests)
        found = tuple(
            [
                sight.kinds(one, candidate.kinds.get(name), stable.kinds.get(name), all_requests)
                for name, one in ((one.check, one) for one in judge.looks)
            ]
        )
    return msgspec.structs.replace(judge, looks=found, served=served)


def take(judge: Judge, samples: Sequence[Sample]) -> Judge:
    """Take in what was looked at since; a sample twice, or older than the last, is left out."""
    places = {look.name: place for place, look in enumerate(judge.terms.looks)}
    for sample in sorted(samples, key=lambda one: one.at):
        place = places.get(sample.check)
        if place is None or sample.at <= judge.looks[place].at:
            continue
        look = judge.terms.looks[place]
        if not isinstance(look, NewLinesCheck):
            judge = _one(judge, place, look, sample)
    return judge


def _one(judge: Judge, place: int, look: QueryCheck | UsageCheck, sample: Sample) -> Judge:
    before, length = judge.looks[place], length_s(judge, look)
    since = sample.at - max(WITHIN_S, 2 * length)
    served = Served(judge.served[0] > since, judge.served[1] > since)
    found = sight.read(look, sample, served)
    if sample.at - length < judge.since:
        # Part of it was taken in another test, maybe of other replicas: it is learnt from.
        found = found._replace(own=None)
        one = msgspec.structs.replace(before, at=sample.at)
        return _put(judge, place, sight.learn(one, found))
    one = sight.take(before, look, sample.at, found)
    if not isinstance(look.against, Compared) or one.gauge is None:
        return _put(judge, place, one)
    if found.own is None or found.stable is None:
        return _put(judge, place, sight.learn(one, found))
    pair = (found.own, found.stable)
    if judge.test.kind is TestKind.PROBE:
        judge = _probe(judge, place, one, look.against, pair)
        return _put(judge, place, sight.learn(judge.looks[place], found))
    elapsed = min(sample.at - before.at, 2 * length)
    share = (1 - eprocess.FIRST) * elapsed / judge.terms.plan_s
    new = gauge.run(one.gauge, look.against, pair, share)
    one = sight.learn(msgspec.structs.replace(one, gauge=new), found)
    return weigh.alarm(_put(judge, place, one))


def length_s(judge: Judge, look: Look) -> float:
    """Return how much time one look of it covers, in seconds."""
    return look.every_s if isinstance(look, QueryCheck) else judge.terms.block_s


def _put(judge: Judge, place: int, one: Sight) -> Judge:
    found = (*judge.looks[:place], one, *judge.looks[place + 1 :])
    return msgspec.structs.replace(judge, looks=found)


def _probe(
    judge: Judge, place: int, one: Sight, against: Compared, pair: tuple[float, float]
) -> Judge:
    charge = weigh.accusation(judge)
    if charge.check != one.check or one.gauge is None or judge.probe is not Outcome.INCONCLUSIVE:
        return _put(judge, place, one)
    new = gauge.try_out(one.gauge, against, pair, charge.theta, one.at)
    judge = _put(judge, place, msgspec.structs.replace(one, gauge=new))
    return probed(msgspec.structs.replace(judge, blocks=judge.blocks + 1), new, one.at)


def probed(judge: Judge, found: gauge.Gauge, at: float) -> Judge:
    """Decide the probe of an accused look, as far as it can be at a moment."""
    if judge.probe is not Outcome.INCONCLUSIVE:
        return judge
    outcome = gauge.tried(found, at, judge.terms.retreat)
    return msgspec.structs.replace(judge, probe=outcome)


def begin(judge: Judge) -> tuple[Sight, ...]:
    """Begin another test."""
    return tuple([sight.begin(one) for one in judge.looks])
