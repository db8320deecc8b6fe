"""
Explaining a release: its verdict now, or what it was when it was decided.

::

    in flight   the judge's memory ─▶ explanation, with forecasts
    ended       the explanation that was kept with the decision
    before      the last reading: the numbers that it has, and what is not known any more
"""

from collections.abc import Mapping, Sequence

from anyio import to_thread
from msgspec.structs import replace

from serinus.app import progress, watch, whys
from serinus.app.observe import Seen
from serinus.app.whys import Decided, Ledger, Why
from serinus.core.analysis import explain
from serinus.core.analysis.memory import Judge
from serinus.core.planner.plan import Plan
from serinus.core.spec.delivery import Check, LogCheck
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.explanation import Asked, CheckExplained, Explanation, LookExplained
from serinus.core.state.notice import Event, Key, Kind
from serinus.core.state.release import Phase, Release
from serinus.core.state.verdict import Reading, TestKind
from serinus.ports.store import Store

AFTER = frozenset({"RolledBack", "ProbeStarted"})
"""Decisions that only carry out another one."""

UNKNOWN = (
    "Only its last reading was kept: the evidence at each decision, how far it was from what was"
    " needed, and how much bad requests came in clumps are not known any more."
)

TOLD = frozenset({Kind.RETREAT, Kind.VERDICT, Kind.RESULT})


# --- when something is decided -------------------------------------------------------------------


def decided(seen: Seen, plan: Plan) -> Explanation | None:
    """Explain the verdict that a decision was made of, None when nothing was decided by it."""
    judge, release = seen.measured.watch.judge, plan.status.release
    before = seen.observed.status.release
    if judge is None or release is None or before is None or before.number != release.number:
        return None
    told = _deciding(before, release, plan.events)
    if told is None:
        return None
    found = explain.explain(judge, before, foretelling=False)
    return replace(
        found,
        at=told.at,
        reason=told.reason,
        decision=told.sentence,
        share=before.progress.share / 1000,
    )


def _deciding(before: Release, after: Release, events: Sequence[Event]) -> Event | None:
    promotes = after.progress.phase is Phase.PROMOTING is not before.progress.phase
    for event in events:
        if (event.kind in TOLD or promotes) and event.reason not in AFTER:
            return event
    return None


# --- when somebody asks --------------------------------------------------------------------------


async def explained(
    store: Store,
    key: Key,
    release: Release,
    counters: Mapping[str, str],
    reading: Reading | None,
    *,
    foretelling: bool = True,
) -> Why:
    """
    Say why a release is where it is; ``counters``: by the kind of a check, what is counted.

    To look ahead (``foretelling``) takes some tenths of a second, so it is done beside the loop.
    """
    kept = await store.explanations(key, release.number)
    going = release.ended_at is None
    body = await store.judge(key) if going else None
    found = None if body is None else watch.decode(body)
    judge = found.judge if found is not None and found.release == release.number else None
    unknown: tuple[str, ...] = ()
    if judge is not None:
        verdict: Explanation | None = await _explained(judge, release, foretelling=foretelling)
    else:
        verdict = _deciding_one(release, kept)
        if verdict is None and reading is not None:
            verdict, unknown = _recalled(reading)
    return Why(
        why=whys.why(release, verdict),
        ledger=_ledger(release),
        decided=judge is None,
        verdict=None if verdict is None else _with_counters(verdict, release, counters),
        decisions=tuple(_decided(one) for one in kept),
        unknown=unknown,
    )


async def _explained(judge: Judge, release: Release, *, foretelling: bool) -> Explanation:
    if not foretelling:
        return explain.explain(judge, release, foretelling=False)
    return await to_thread.run_sync(explain.explain, judge, release)


def _deciding_one(release: Release, kept: Sequence[Explanation]) -> Explanation | None:
    """Return the explanation of the decision that a release ended by."""
    beside = {TestKind.RUN, TestKind.TRIAL}
    promoted = [one for one in kept if one.reason == "Promoting" and one.test in beside]
    if release.progress.phase is Phase.SUCCEEDED and promoted:
        return promoted[-1]  # what came after it was no comparison with who serves beside it
    return kept[-1] if kept else None


def _ledger(release: Release) -> Ledger | None:
    state = release.progress.retreat
    if not state.count:
        return None
    return Ledger(
        alarms=state.count,
        failed=state.fails,
        probes=whys.wanted(release),
        evidence=progress.odds(state.ledger),
        needed=release.delivery.retreat.give_up,
        luck=state.luck,
    )


def _decided(one: Explanation) -> Decided:
    safe = [
        (check.safety, check.safety_needed)
        for check in one.checks
        if check.safety is not None and check.safety_needed is not None
    ]
    safety, needed = min(safe) if safe else (None, None)
    return Decided(
        safety=safety,
        safety_needed=needed,
        at=one.at,
        reason=one.reason,
        sentence=one.decision,
        test=one.test,
        share=one.share,
        evidence=one.evidence,
        needed=one.needed,
        threshold=one.threshold,
        accused=one.accused,
        requests=one.test_requests,
        stable_requests=one.test_stable_requests,
    )


def _recalled(reading: Reading) -> tuple[Explanation, tuple[str, ...]]:
    """Explain what can be explained by the last reading of a release from before this was kept."""
    checks = tuple(
        CheckExplained(
            name=one.check,
            kind="",
            against="",
            outcome=one.outcome.value,
            sentence=one.sentence,
            weight=0.0,
            requests=one.requests,
            bad=one.bad,
            stable_requests=one.stable_requests,
            stable_bad=one.stable_bad,
            rate=one.bad / one.requests if one.requests else None,
            stable_rate=one.stable_bad / one.stable_requests if one.stable_requests else None,
            limit=one.limit,
            evidence=one.evidence,
            unguarded=one.unguarded,
            verified=one.verified,
        )
        for one in reading.streams
    )
    looks = tuple(
        LookExplained(
            name=one.check,
            kind="",
            outcome=one.outcome.value,
            sentence=one.sentence,
            value=one.value,
            stable_value=one.stable_value,
            limit=one.limit,
            unit=one.unit,
            evidence=one.evidence,
            strikes=one.strikes,
        )
        for one in reading.looks
    )
    found = Explanation(
        at=None,
        test=reading.test.kind.value,
        number=reading.test.number,
        evidence=progress.odds(reading.log_evidence),
        accused=reading.accused,
        alarmed=reading.alarm,
        verified=reading.verified,
        requests=reading.requests,
        bad=reading.bad,
        test_requests=reading.test_requests,
        test_stable_requests=reading.test_stable_requests,
        smallest=reading.smallest,
        sentence=reading.sentence,
        carried=reading.carried,
        checks=checks,
        looks=looks,
        replicas=reading.replicas,
    )
    return found, (UNKNOWN,)


# --- what was counted ----------------------------------------------------------------------------


def _with_counters(
    verdict: Explanation, release: Release, counters: Mapping[str, str]
) -> Explanation:
    by_name = {check.name: check for check in release.delivery.checks}
    checks = tuple(
        replace(one, asked=_counted(by_name[one.name], counters)) if one.name in by_name else one
        for one in verdict.checks
    )
    return replace(verdict, checks=checks)


def _counted(check: Check, counters: Mapping[str, str]) -> tuple[Asked, ...]:
    text = counters.get(explain.kind(check), "")
    if not text:
        return ()
    source = "router"
    if isinstance(check, LogCheck):
        source, text = "log", f"{text} {check.pattern}"
    return tuple(Asked(arm, source, text) for arm in (CANDIDATE, STABLE))
