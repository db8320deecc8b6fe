"""
The scales: many checks in one number, and what that number asks for.

The weights of all checks together make 1, objectives and compared looks included. A weighted mean
of e-values is an e-value, whatever the checks have to do with each other: the chance of a false
alarm is at most 1 / ``alarm`` for each test (about so much where a number is among them). An
objective that stable violates, too, adds nothing: taking traffic from the candidate would not help.
"""

from math import ceil, log

import msgspec

from serinus.core.analysis import eprocess, gauge, memory, placebo, probe, safety, strand, stream
from serinus.core.analysis.memory import Charge, Judge
from serinus.core.analysis.stream import Stream
from serinus.core.spec import wayback
from serinus.core.spec.delivery import (
    FULL,
    AgainstSlo,
    AgainstStable,
    Check,
    Compared,
    QueryCheck,
    UsageCheck,
)
from serinus.core.state.verdict import TestKind

Weighed = Check | QueryCheck | UsageCheck

GAUGED = 20.0
"""Requests within a block that a number should be about, when a look is probed."""

AIDED = 3.0
AGREED = 3.0
"""So many times the alarm's evidence stable's past has to give, and so much the same seconds."""

SLO_LEVEL = 100.0
"""The evidence at which an objective counts as violated: wrong in one release of a hundred."""


def parts(judge: Judge) -> list[float]:
    """
    Return the logarithm of what each check adds to the combined evidence, by its weight.

    First the checks that count, then the looks that compare.
    """
    found = []
    for check, one, weight in zip(
        judge.terms.checks, judge.streams, judge.terms.log_weights, strict=True
    ):
        evidence = stream.evidence(one)
        if evidence > 0.0 and isinstance(check.against, AgainstSlo) and shared(judge, one):
            evidence = 0.0
        found.append(evidence + weight)
    if judge.looks:
        gauges = [one.gauge for one in judge.looks if one.gauge is not None]
        weights = judge.terms.gauge_weights
        found += [g.evidence + weight for g, weight in zip(gauges, weights, strict=True)]
    return found


def alarm(judge: Judge) -> Judge:
    """Raise the alarm when all evidence together has reached the level of the test."""
    if judge.alarmed or not _reached(judge):
        return judge
    if judge.test.kind is TestKind.TRIAL:
        return msgspec.structs.replace(judge, alarmed=True, charge=sharpened(judge))
    return msgspec.structs.replace(judge, alarmed=True, charge=charge(judge))


def _reached(judge: Judge) -> bool:
    """
    Tell whether the evidence is enough for the alarm of this test.

    Where traffic can be taken away and given back, stable's past may be a witness as well: if it
    speaks loudly (:data:`AIDED`), stable is what it was, and the comparison of the same seconds
    agrees (:data:`AGREED`), that is an alarm. What gives a release up is never this.
    """
    found = parts(judge)
    total = combined(judge, found)
    if total >= memory.level(judge):
        return True
    if judge.test.kind is TestKind.TAKEOVER or total < log(AGREED):
        return False
    lent = []
    for one, weight in zip(judge.streams, judge.terms.log_weights, strict=True):
        if one.strands and all(strand.steady(each) for each in one.strands):
            lent.append(stream.aided(one) + weight)
    return bool(lent) and eprocess.total(lent, 0.0) >= memory.level(judge) + log(AIDED)


def shared(judge: Judge, one: Stream) -> bool:
    """Tell whether stable violates this objective as well."""
    return stream.stable_too(one, judge.cash, judge.terms.retreat.alarm)


def combined(judge: Judge, found: list[float]) -> float:
    """Return the logarithm of the combined evidence, ``found`` being the parts of all checks."""
    if not found:
        return 0.0
    if judge.test.kind is TestKind.PROBE:
        charge = accusation(judge)
        if (look := memory.gauge(judge, charge.check)) is not None:
            return probe.evidence(look.probe)
        strands = memory.find(judge, charge.check)[1].strands
        return probe.evidence(strands[charge.place].probe) if strands else 0.0
    if judge.test.kind is TestKind.TAKEOVER:
        found = [part for _, part in _acting(judge, found)]
    if not found:
        return 0.0
    total = eprocess.total(found, 0.0) if len(found) > 1 else found[0]
    if judge.test.kind is TestKind.TRIAL and (one := tried(judge)) is not None:
        return eprocess.mean((total, probe.evidence(one.probe)))
    return total


def tried(judge: Judge) -> strand.Strand | None:
    """Return the strand that the last alarm accused, None where that was no count."""
    name = judge.charge.check
    if not name or memory.gauge(judge, name) is not None:
        return None
    strands = memory.find(judge, name)[1].strands
    return strands[judge.charge.place] if strands else None


def _pairs(judge: Judge, found: list[float]) -> list[tuple[Weighed, float]]:
    if not judge.looks:
        return list(zip(judge.terms.checks, found, strict=True))
    return list(zip((*judge.terms.checks, *judge.terms.gauges), found, strict=True))


def _acting(judge: Judge, found: list[float]) -> list[tuple[Weighed, float]]:
    """
    Return the checks that the current test acts by, with their parts.

    Going back for good on an objective is for the objective to say, not for the evidence; and it
    does not hang on a number whose guarantee is an approximate one.
    """
    pairs = _pairs(judge, found)
    if judge.test.kind is not TestKind.TAKEOVER:
        return pairs
    return [pair for pair in pairs if isinstance(pair[0].against, AgainstStable)]


def accused(judge: Judge, found: list[float]) -> str:
    """Return the check that carries most of the evidence, ``found`` being the parts of all."""
    if judge.test.kind is TestKind.PROBE and found:
        return accusation(judge).check
    if judge.alarmed and judge.charge.check:
        return judge.charge.check
    acting = _acting(judge, found) or _pairs(judge, found)
    if not acting:
        return ""
    level = memory.level(judge)
    # Where a comparison with stable says it alone, no objective is needed to say it.
    clear = [
        (check, part)
        for check, part in acting
        if part >= level and isinstance(check.against, AgainstStable | Compared)
    ]
    return max(clear or acting, key=lambda pair: pair[1])[0].name


def heaviest(judge: Judge) -> str:
    """Return the check that weighs most, those against stable first."""
    checks = judge.terms.compared or judge.terms.checks
    return max(checks, key=lambda check: check.weight).name if checks else ""


def judged(judge: Judge) -> float:
    """Return how many of the candidate's requests were used as evidence, over all strands."""
    return sum([each.judged[0] for one in judge.streams for each in one.strands])


def verified(judge: Judge) -> bool:
    """Tell whether every check against stable is shown to be no worse than the margin."""
    wanted = {check.name for check in judge.terms.compared or judge.terms.checks}
    ones = [one for one in judge.streams if one.check in wanted]
    error = judge.terms.verify_error
    return bool(ones) and not judge.alarmed and all(stream.verified(one, error) for one in ones)


def smallest(judge: Judge) -> float | None:
    """Return the smallest regression that could have been seen so far by the heaviest check."""
    name = heaviest(judge)
    if not name:
        return None
    check, one = memory.find(judge, name)
    weight = judge.terms.log_weights[judge.terms.checks.index(check)]
    level = log(judge.terms.retreat.alarm) - weight
    line = stream.line(check)
    found = [
        safety.smallest(each.judged, each.theta_p, line, each.phi, level)
        for each in one.strands
        if each.judged[0] > 0
    ]
    return min(found) if found else None


def design(judge: Judge) -> placebo.Design | None:
    """Return the probe that the charge asks for, to be repeated on stable; None where it cannot."""
    one = tried(judge)
    if one is None or one.bound_ms or not judge.rate[1]:
        return None  # latency is counted for each revision, not for each replica
    check = memory.find(judge, judge.charge.check)[0]
    block_s = judge.terms.block_s
    rate = judge.rate[0] / judge.rate[1]
    requests = rate * probe_share(judge) / FULL
    return placebo.Design(
        theta=judge.charge.theta,
        theta_p=one.theta_p,
        line=stream.line(check),
        phi=one.phi,
        requests=requests * block_s,
        block_s=block_s,
        level=judge.terms.retreat.probe,
        window_s=probe_limit(judge),
    )


def lucky(judge: Judge) -> bool:
    """
    Tell whether bad luck of replicas may be all that a takeover shows, or that is not known yet.

    There is no probe any more to tell luck from the version. Where stable's own replicas had such
    luck in the past hour, going back for good on it would be wrong more often than right. It has to
    have been seen: where there is little of a past, or one replica alone, nothing excuses a fault.
    """
    if design(judge) is None:
        return False
    found = judge.placebo
    if judge.looked != judge.charge or found is None:
        return True
    return found.crossed > 0 and found.chance > wayback.RESTLESS


def probe_limit(judge: Judge) -> float:
    """
    Return how long a probe may take (seconds).

    Where replicas have bad luck now and then, every minute more asks for it: no longer than needed.
    """
    longest = judge.terms.retreat.probe_limit_s
    one, found = tried(judge), judge.placebo
    restless = found is not None and found.chance > wayback.RESTLESS
    if one is None or not judge.rate[1] or not restless:
        return longest
    check = memory.find(judge, judge.charge.check)[0]
    requests = judge.rate[0] / judge.rate[1] * probe_share(judge) / FULL
    limit = min(strand.limit(one, stream.line(check)), 0.99)
    wanted = probe.requests(judge.charge.theta, limit, one.phi, judge.terms.retreat)
    return min(max(1.5 * placebo.WINDOW_S, 3.0 * wanted / max(requests, 1e-9)), longest)


def luck(judge: Judge) -> tuple[int, int]:
    """Return how many probes have to fail, and how many alarms there may be; 0: not known."""
    found = judge.placebo
    if found is None:
        return 0, 0
    plan_s = judge.terms.plan_s
    return (
        placebo.probes(found, plan_s, judge.crew),
        placebo.alarms(found, plan_s, judge.crew, 1),
    )


def probe_share(judge: Judge) -> int:
    """Return the smallest share (per mille) at which a probe decides in about the target time."""
    if not judge.charge.check:
        return judge.terms.retreat.min_share
    rate = judge.rate[0] / judge.rate[1] if judge.rate[1] else 0.0
    if memory.gauge(judge, judge.charge.check) is not None:
        wanted = ceil(FULL * GAUGED / (rate * judge.terms.block_s)) if rate else FULL
        return min(max(wanted, judge.terms.retreat.min_share), FULL)
    check, one = memory.find(judge, judge.charge.check)
    each = one.strands[judge.charge.place]
    limit = min(strand.limit(each, stream.line(check)), 0.99)
    return probe.share(judge.charge.theta, limit, each.phi, rate, judge.terms.retreat)


def charge(judge: Judge) -> Charge:
    """Say what the alarm accuses: which strand, and what share it points at."""
    name = accused(judge, parts(judge))
    if (found := memory.gauge(judge, name)) is not None:
        return Charge(check=name, theta=gauge.belief(found), at=_before(judge))
    check, one = memory.find(judge, name)
    place = stream.leading(one)
    theta = strand.belief(one.strands[place], stream.line(check))
    limit = strand.limit(one.strands[place], stream.line(check))
    high = probe.targets(theta, min(limit, 0.99))[0]
    return Charge(check=name, place=place, theta=high, at=_before(judge))


def _before(judge: Judge) -> float:
    """Return the end of the last block; before the first one, where that begins."""
    first = judge.pending[0].at - judge.pending[0].seconds if judge.pending else 0.0
    return judge.at or first


def sharpened(judge: Judge) -> Charge:
    """Return what a failed trial accuses: what it tried again, or something that is new."""
    new = charge(judge)
    return judge.charge if new.check == judge.charge.check else new


def confirmed(judge: Judge, charge: Charge) -> Charge:
    """
    Let a failed probe sharpen what the next one looks for.

    The first bad seconds show little of an outage. What fails clearly needs less traffic to fail
    again; what fails less clearly than the alarm said keeps the alarm's word.
    """
    one = memory.find(judge, charge.check)[1].strands[charge.place]
    seen = (one.own_failed + 0.5) / (one.own + 1.0)
    return msgspec.structs.replace(charge, theta=max(charge.theta, min(seen, 0.98)))


def accusation(judge: Judge) -> Charge:
    """Return what the probe tests; without an alarm's word for it, the middle of what is bad."""
    name = judge.test.accused or judge.charge.check or heaviest(judge)
    name = name or next((look.name for look in judge.terms.gauges), "")
    if judge.charge.check == name:
        return judge.charge
    if not name or memory.gauge(judge, name) is not None:
        return Charge(check=name)
    return Charge(check=name, place=memory.find(judge, name)[1].shown)


def violated(judge: Judge) -> str:
    """
    Return the objective that counts as violated: once found it stays, with one exception.

    One whose check says *roll back* takes the place of one whose check does not.
    """
    found = judge.violated
    for check, one in zip(judge.terms.checks, judge.streams, strict=True):
        against = check.against
        if not isinstance(against, AgainstSlo) or stream.evidence(one) < log(SLO_LEVEL):
            continue
        if not found or (against.rollback and not _gives_up(judge, found)):
            found = check.name
    return found


def _gives_up(judge: Judge, name: str) -> bool:
    """Tell whether an objective's check says: roll back."""
    return getattr(memory.find(judge, name)[0].against, "rollback", False)
