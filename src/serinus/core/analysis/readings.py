"""
The reading: the judge's memory, made ready for the planner and for people.

====================  ==========================================================================
a check's outcome     when
====================  ==========================================================================
``error``             it cannot be judged: the router has no such bound
``no data``           no request of the candidate was counted yet; or it took over and too little
                      is known of stable's past
``fail``              it raised the alarm, alone or as the largest part; an objective is violated;
                      or the probe that tests it failed
``pass``              shown to be not worse than the margin; or the probe that tests it passed; or
                      in a run: after at least 3 blocks and 100 requests of stable the evidence of
                      a regression is below 1 and the rate within the limit: the counts speak
                      against a regression *so far*
``inconclusive``      everything else
====================  ==========================================================================

After a takeover "stable" means its past, and the sentences say so.
"""

from collections.abc import Mapping
from typing import NamedTuple

from serinus.core.analysis import (
    doubts,
    eprocess,
    lookreadings,
    memory,
    pods,
    probe,
    sentences,
    strand,
    stream,
    takeover,
    weigh,
)
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.strand import Strand
from serinus.core.analysis.stream import Stream
from serinus.core.spec.delivery import AgainstSlo, Check
from serinus.core.state.verdict import Outcome, Reading, StreamReading, TestKind

_BLOCKS = 3
_STABLE_REQUESTS = 100


def reading(judge: Judge) -> Reading:
    """Say all that may be known of the evidence so far."""
    parts = weigh.parts(judge)
    accused = weigh.accused(judge, parts)
    streams = tuple(
        [
            _stream(judge, check, one, part, accused)
            for check, one, part in zip(judge.terms.checks, judge.streams, parts, strict=False)
        ]
    )
    seen = lookreadings.readings(judge, parts[len(streams) :], accused)
    said = {one.check: one.sentence for one in streams}
    said.update({one.check: one.sentence for one in seen})
    verified = weigh.verified(judge)
    luck = weigh.luck(judge)
    found = pods.readings(judge)
    carried, suspects = pods.weighed(judge, found, accused)
    return Reading(
        test=judge.test,
        blocks=judge.blocks,
        log_evidence=weigh.combined(judge, parts),
        alarm=judge.alarmed and judge.test.kind is not TestKind.TAKEOVER,
        accused=accused,
        probe=judge.probe,
        probe_share=weigh.probe_share(judge),
        slo_violated=said[judge.violated] if judge.violated else "",
        slo_check=judge.violated,
        regressed=_regressed(judge, said),
        unjudged=_unjudged(judge),
        verified=verified,
        smallest=judge.smallest,
        probes=luck[0],
        alarms=luck[1],
        luck=sentences.luck(judge.placebo),
        chance=judge.placebo.chance if judge.placebo else 0.0,
        excused=judge.excused,
        requests=judge.requests,
        bad=judge.bad,
        test_requests=judge.test_requests,
        test_stable_requests=judge.test_stable_requests,
        data_at=judge.data_at,
        stable_data_at=judge.stable_data_at,
        streams=streams,
        looks=seen,
        struck=lookreadings.struck(judge, said),
        halted=lookreadings.halted(judge, said),
        unknown=lookreadings.unknown(judge),
        sentence=_sentence(judge, said, accused, carried, verified=verified),
        replicas=found,
        carried=carried,
        carrier=suspects[0] if len(suspects) == 1 else "",
        suspects=suspects,
        doubts=doubts.doubts(judge),
    )


def _stream(judge: Judge, check: Check, one: Stream, part: float, accused: str) -> StreamReading:
    found = place(judge, one)
    if found is None:
        text = one.problem or "waits for stable's first requests to choose its bounds"
        return StreamReading(
            check=check.name,
            outcome=Outcome.ERROR if one.problem else Outcome.NO_DATA,
            evidence=1.0,
            requests=0,
            bad=0,
            stable_requests=0,
            stable_bad=0,
            limit=0.0,
            verified=False,
            sentence=f"{check.name}: {text}",
        )
    shown = one.strands[found]
    evidence = _evidence(judge, one)
    verified = stream.verified(one, judge.terms.verify_error)
    rates = _past(judge, check, shown) or _onset(judge, check, shown) or _rates(check, shown)
    outcome = _outcome(judge, check, one, part, accused, rates=rates)
    text = sentences.UNHEARD if one.logs and judge.requests else sentences.NOBODY
    if one.problem:
        text = one.problem
    elif rates.unknown:
        text = sentences.unjudged(check.name, rates.unknown)
    elif rates.requests:
        text = sentences.rates(
            check, shown.bound_ms, rates.shares, rates.requests, evidence, before=rates.before
        )
        if verified and outcome is Outcome.PASS:
            proof = sentences.not_worse(check, judge.terms.margin, judge.terms.verify_error)
            text = f"{text}; {proof}"
        if check.name == judge.violated:
            shared = weigh.shared(judge, one)
            text = sentences.objective(check.name, text, shared=shared)
    return StreamReading(
        check=check.name,
        outcome=outcome,
        evidence=evidence,
        requests=shown.requests,
        bad=shown.bad,
        stable_requests=shown.stable_requests,
        stable_bad=shown.stable_bad,
        limit=rates.shares[2],
        verified=verified,
        sentence=text,
        bounds_ms=tuple([each.bound_ms for each in one.strands if each.bound_ms]),
        unguarded=_unguarded(judge, one),
    )


class _Rates(NamedTuple):
    """
    The shares of the candidate, of stable, and the limit; and the requests behind the first.

    ``before``: stable's is from before the switch; ``unknown``: why there is nothing to compare.
    """

    shares: tuple[float, float, float]
    requests: int
    before: bool = False
    unknown: str = ""


def _rates(check: Check, shown: Strand) -> _Rates:
    """Return what people see of both arms since the release began."""
    stable = shown.stable_bad / shown.stable_requests if shown.stable_requests else shown.theta_p
    ratio, plus = stream.line(check)
    own = shown.bad / shown.requests if shown.requests else 0.0
    return _Rates((own, stable, min(ratio * stable + plus, 1.0)), shown.requests)


def _onset(judge: Judge, check: Check, shown: Strand) -> _Rates | None:
    """
    Return the same where the candidate is accused, else None.

    In a run since it became bad, as it seems; in a probe all of it, since it begins with a replica.
    """
    probed = judge.test.kind is TestKind.PROBE
    if judge.charge.check != check.name or not (probed or judge.alarmed):
        return None
    whole = _rates(check, shown)
    requests, bad = strand.onset(shown, whole.shares[2])
    if probed:
        requests, bad = sum(n for n, _ in shown.late), sum(x for _, x in shown.late)
    if not requests:
        return None
    return _Rates((bad / requests, *whole.shares[1:]), requests)


def _past(judge: Judge, check: Check, shown: Strand) -> _Rates | None:
    """Return the same since the switch, beside stable's past; None while stable serves."""
    if isinstance(check.against, AgainstSlo) or not memory.alone(judge):
        return None
    limit = takeover.limit(shown, stream.line(check))
    if limit is None:
        unknown = sentences.TOO_LITTLE if shown.known >= 1 else sentences.NOTHING
        return _Rates((0.0, 0.0, 1.0), 0, before=True, unknown=unknown)
    own = shown.own_failed / shown.own if shown.own else 0.0
    stable = shown.failed / shown.known
    return _Rates((own, stable, limit), round(shown.own), before=True)


def place(judge: Judge, one: Stream) -> int | None:
    """Choose the strand that people see: the accused one, else the one that says most."""
    if not one.strands:
        return None
    if judge.charge.check == one.check and (judge.alarmed or judge.test.kind is TestKind.PROBE):
        return judge.charge.place
    leading = stream.leading(one)
    if one.strands[leading].evidence > 0.0:
        return leading
    return one.shown


def _evidence(judge: Judge, one: Stream) -> float:
    if judge.test.kind is not TestKind.PROBE:
        return eprocess.value(stream.evidence(one))
    charge = weigh.accusation(judge)
    if charge.check != one.check:
        return 1.0
    return eprocess.value(probe.evidence(one.strands[charge.place].probe))


def _unguarded(judge: Judge, one: Stream) -> float:
    if judge.test.kind is TestKind.PROBE:
        return _evidence(judge, one)
    return eprocess.value(stream.unguarded(one))


def _outcome(
    judge: Judge, check: Check, one: Stream, part: float, accused: str, *, rates: _Rates
) -> Outcome:
    if one.problem:
        return Outcome.ERROR
    if rates.unknown or not any(each.requests for each in one.strands):
        return Outcome.NO_DATA
    if judge.test.kind is TestKind.PROBE:
        return judge.probe if check.name == accused else Outcome.INCONCLUSIVE
    alone = part >= memory.level(judge)
    if alone or check.name == judge.violated or (judge.alarmed and check.name == accused):
        return Outcome.FAIL
    if stream.verified(one, judge.terms.verify_error) and not rates.before:
        return Outcome.PASS
    watched = judge.blocks >= _BLOCKS and judge.test_stable_requests >= _STABLE_REQUESTS
    if isinstance(check.against, AgainstSlo):
        watched = one.strands[0].judged[0] >= _STABLE_REQUESTS
    if rates.before:
        watched = judge.blocks >= _BLOCKS and rates.requests >= _STABLE_REQUESTS
    if watched and stream.evidence(one) < 0.0 and rates.shares[0] <= rates.shares[2]:
        return Outcome.PASS
    return Outcome.INCONCLUSIVE


# --- the whole -----------------------------------------------------------------------------------


def _sentence(
    judge: Judge, said: Mapping[str, str], accused: str, carried: str, *, verified: bool
) -> str:
    if not said:
        return "nothing is compared: the delivery has no checks"
    text = said.get(accused) or next(iter(said.values()))
    if judge.test.kind is TestKind.PROBE or judge.alarmed:
        return f"{text}; {carried}" if carried else text
    if judge.violated:
        return said[judge.violated]
    if not judge.requests:
        return sentences.NOBODY
    if memory.alone(judge) or not judge.streams:
        return text
    check, _ = memory.find(judge, weigh.heaviest(judge))
    if verified:
        proof = sentences.not_worse(check, judge.terms.margin, judge.terms.verify_error)
        return f"{check.name}: {proof}"
    return f"{text}; {sentences.unverified(judge.smallest)}"


def _regressed(judge: Judge, said: Mapping[str, str]) -> str:
    """Say what got worse in a takeover, beginning with the check's name; empty if nothing did."""
    if judge.test.kind is not TestKind.TAKEOVER or not judge.alarmed or weigh.lucky(judge):
        return ""
    name = judge.charge.check
    text = said[name]
    return text if text.startswith(f"{name} ") else f"{name}: {text}"


def _unjudged(judge: Judge) -> str:
    """Say why a takeover could not be judged so far; empty if it could, or nothing should be."""
    wanted = {check.name for check in judge.terms.compared}
    if judge.test.kind is not TestKind.TAKEOVER or not wanted:
        return ""
    strands = [each for one in judge.streams if one.check in wanted for each in one.strands]
    if any(each.own for each in strands):
        return ""
    if not judge.test_requests:
        return sentences.SILENCE
    return sentences.TOO_LITTLE if any(each.known for each in strands) else sentences.NOTHING
