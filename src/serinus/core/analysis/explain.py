"""
Explaining: from the judge's memory to every number behind a verdict, and what would change it.

::

    Judge ──▶ reading ──▶ Explanation     what it says: evidence, limits, samples, replicas
      └────▶ forecast ────────┘           what it would say, at this traffic
    Release ─▶ questions ─────┘           what was asked, word for word

It decides nothing and costs time, so that it is made when a person asks, and once for each
decision, without forecasts.
"""

from datetime import UTC, datetime
from math import exp, log

import msgspec

from serinus.core.analysis import (
    ahead,
    eprocess,
    foretold,
    judge,
    looks,
    memory,
    question,
    readings,
    stream,
    weigh,
)
from serinus.core.analysis.ahead import Traffic
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.sight import Sight
from serinus.core.analysis.stream import Stream
from serinus.core.spec.delivery import (
    FULL,
    AgainstSlo,
    Check,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
    Look,
    MatchStep,
    MirrorStep,
    NewLinesCheck,
    PreviewStep,
    QueryCheck,
    Threshold,
    TrafficStep,
    UsageCheck,
)
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.explanation import (
    Asked,
    CheckExplained,
    Explanation,
    LookExplained,
)
from serinus.core.state.release import Release
from serinus.core.state.verdict import (
    LookReading,
    Outcome,
    Reading,
    StreamReading,
    TestKind,
)

ALARM, GIVE_UP, PROBE, OBJECTIVE = "alarm", "give up", "probe", "objective"
"""What evidence is measured against."""

NUMBERS = {"memory": "memory of each replica", "cpu": "CPU time for each request"}


def explain(found: Judge, release: Release, *, foretelling: bool = True) -> Explanation:
    """
    Explain the verdict of a release as it stands.

    ``foretelling``: look ahead as well, which takes some tenths of a second.
    """
    read = judge.reading(found)
    now = _traffic(found, release)
    acts = found.terms.rule is None and now is not None and ahead.able(found, now)
    foretelling = foretelling and acts
    checks = tuple(
        [
            _check(found, check, one, said, now if foretelling else None)
            for check, one, said in zip(
                found.terms.checks, found.streams, read.streams, strict=True
            )
        ]
    )
    ruled = len(read.looks) - len(found.looks)
    numbers = (
        *map(_rule, read.looks[:ruled]),
        *[
            _look(found, look, one, said, release)
            for look, one, said in zip(
                found.terms.looks, found.looks, read.looks[ruled:], strict=True
            )
        ],
    )
    at = found.pending[-1].at if found.pending else found.at
    return Explanation(
        at=datetime.fromtimestamp(at, UTC) if at else None,
        test=found.test.kind.value,
        number=found.test.number,
        rate=found.rate[0] / found.rate[1] if found.rate[1] else 0.0,
        share=None if now is None else now.share,
        evidence=eprocess.value(read.log_evidence) if checks or numbers else None,
        needed=_odds(_level(found)) if checks or found.terms.gauges else None,
        threshold=_threshold(found),
        accused=read.accused,
        alarmed=found.alarmed,
        verified=read.verified,
        requests=read.requests,
        bad=read.bad,
        test_requests=read.test_requests,
        test_stable_requests=read.test_stable_requests,
        smallest=read.smallest,
        sentence=read.sentence,
        carried=read.carried,
        checks=checks,
        looks=numbers,
        replicas=read.replicas,
        forecasts=foretold.stays(found, now) if foretelling and now is not None else (),
        missing=_missing(read),
    )


def _traffic(found: Judge, release: Release) -> Traffic | None:
    """Return the traffic of this moment, None where the evidence decides nothing by itself."""
    steps = release.delivery.steps
    step = steps[min(release.progress.step, len(steps) - 1)] if steps else None
    if release.ended_at is not None or isinstance(step, MirrorStep | PreviewStep):
        return None
    if isinstance(step, MatchStep):
        seen = found.test_requests + found.test_stable_requests
        return ahead.traffic(found, round(FULL * found.test_requests / max(seen, 1)))
    if found.test.kind is TestKind.TAKEOVER:
        return ahead.traffic(found, FULL)
    moved = isinstance(step, TrafficStep)
    return ahead.traffic(found, release.progress.share) if moved else None


def _level(found: Judge) -> float:
    """Return the logarithm of the evidence that all checks together need."""
    if found.test.kind is TestKind.PROBE:
        return max(log(found.terms.retreat.probe), found.test.level)
    return memory.level(found)


def _odds(log_evidence: float) -> float:
    """Return a threshold as it was written: 10, and not 10.000000000000002."""
    return round(exp(log_evidence), 6)


def _threshold(found: Judge) -> str:
    if found.test.kind is TestKind.PROBE:
        return PROBE
    return GIVE_UP if found.test.kind is TestKind.TAKEOVER else ALARM


def _missing(read: Reading) -> tuple[str, ...]:
    """Say what cannot be judged, and why."""
    streams = [(one.check, one.outcome, one.sentence) for one in read.streams]
    numbers = [(one.check, one.outcome, one.sentence) for one in read.looks]
    said = [
        text if text.startswith(f"{name}: ") else f"{name}: {text}"
        for name, outcome, text in (*streams, *numbers)
        if outcome in {Outcome.NO_DATA, Outcome.ERROR}
    ]
    return (*said, read.unjudged) if read.unjudged else tuple(said)


# --- a check that counts -------------------------------------------------------------------------


def kind(check: Check) -> str:
    """Return the word for what a check counts."""
    if isinstance(check, ErrorsCheck):
        return "errors"
    if isinstance(check, LatencyCheck):
        return "latency"
    return "logs" if isinstance(check, LogCheck) else "network"


def _check(
    found: Judge,
    check: Check,
    one: Stream,
    said: StreamReading,
    now: Traffic | None,
) -> CheckExplained:
    weight = exp(found.terms.log_weights[found.terms.checks.index(check)])
    slo = isinstance(check.against, AgainstSlo)
    ratio, plus = stream.line(check)
    margin_ratio, margin_plus = stream.margin(check, found.terms.margin)
    plain = CheckExplained(
        name=check.name,
        kind=kind(check),
        against="slo" if slo else STABLE,
        outcome=said.outcome.value,
        sentence=said.sentence,
        weight=weight,
        ratio=ratio,
        plus=plus,
        margin_ratio=margin_ratio,
        margin_plus=margin_plus,
    )
    place = readings.place(found, one)
    if place is None:
        return plain
    shown = one.strands[place]
    stable_rate = said.stable_bad / said.stable_requests if said.stable_requests else None
    base = shown.theta_p if stable_rate is None else stable_rate
    tested = found.test.kind is not TestKind.PROBE or weigh.accusation(found).check == check.name
    needed, against = _needed(found, check, weight)
    return msgspec.structs.replace(
        plain,
        bound_ms=shown.bound_ms or None,
        requests=said.requests,
        bad=said.bad,
        stable_requests=said.stable_requests,
        stable_bad=said.stable_bad,
        judged=shown.judged[0],
        stable_judged=shown.judged[1],
        rate=said.bad / said.requests if said.requests else None,
        stable_rate=stable_rate,
        limit=said.limit,
        margin=min(margin_ratio * base + margin_plus, 1.0),
        evidence=said.evidence if tested else None,
        unguarded=said.unguarded if tested else None,
        needed=needed if tested else None,
        threshold=against if tested else "",
        safety=eprocess.value(min(each.safe for each in one.strands)),
        safety_needed=1 / found.terms.verify_error,
        verified=said.verified,
        dispersion=shown.phi,
        forecasts=() if now is None else foretold.worse(found, check, shown, now),
    )


def _needed(found: Judge, check: Check, weight: float) -> tuple[float, str]:
    """Return the evidence that this check needs alone, and for what."""
    if found.test.kind is TestKind.PROBE:
        return _odds(_level(found)), PROBE
    if isinstance(check.against, AgainstSlo):
        return weigh.SLO_LEVEL, OBJECTIVE
    return round(exp(memory.level(found)) / weight, 6), _threshold(found)


# --- a look --------------------------------------------------------------------------------------


def _look(
    found: Judge, look: Look, one: Sight, said: LookReading, release: Release
) -> LookExplained:
    plain = LookExplained(
        name=look.name,
        kind="query" if isinstance(look, QueryCheck) else "usage",
        outcome=said.outcome.value,
        sentence=said.sentence,
        value=said.value,
        stable_value=said.stable_value,
        limit=said.limit,
        unit=said.unit,
        trouble=one.trouble,
        asked=_asked(look, release),
    )
    replace = msgspec.structs.replace
    if isinstance(look, NewLinesCheck):
        return replace(plain, kind="newLines", evidence=said.evidence)
    if isinstance(look.against, Threshold):
        return replace(
            plain,
            strikes=one.strikes,
            strikes_needed=max(1, look.against.strikes),
            forecasts=foretold.strikes(look.against, one, looks.length_s(found, look)),
        )
    weight = exp(found.terms.gauge_weights[found.terms.gauges.index(look)])
    needed: float | None = _odds(_level(found))
    if found.test.kind is TestKind.TAKEOVER:
        needed = None  # it is shown there, and moves nothing
    elif found.test.kind is not TestKind.PROBE:
        needed = round(exp(_level(found)) / weight, 6)
    count = 0 if one.gauge is None else one.gauge.count
    return replace(plain, count=count, evidence=said.evidence, needed=needed)


def _rule(said: LookReading) -> LookExplained:
    """Explain what another tool's rule says, which stands in the place of the evidence."""
    return LookExplained(
        name=said.check,
        kind="rule",
        outcome=said.outcome.value,
        sentence=said.sentence,
        value=said.value,
        limit=said.limit,
        strikes=said.strikes,
    )


def _asked(look: Look, release: Release) -> tuple[Asked, ...]:
    """Return what is asked, filled in."""
    if isinstance(look, QueryCheck):
        return tuple(
            [
                Asked(one.arm or "everybody", look.source, one.query)
                for one in question.questions(look, release)
            ]
        )
    if isinstance(look, UsageCheck):
        text = NUMBERS.get(look.what, look.what)
        return tuple([Asked(arm, "platform", text) for arm in (CANDIDATE, STABLE)])
    text = f"kinds of lines that match: {look.pattern}"
    return tuple([Asked(arm, "log", text) for arm in (CANDIDATE, STABLE)])
