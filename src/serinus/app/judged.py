"""What the judge said, as people see it: checks that count, looks, reports and budgets."""

from collections.abc import Sequence

from serinus.app.shown import BudgetView, CheckView, GoalView, ReportView
from serinus.core.spec import rules
from serinus.core.state.release import Release
from serinus.core.state.verdict import (
    BudgetReading,
    GoalReading,
    LookReading,
    Report,
    StreamReading,
)


def checks(release: Release, streams: Sequence[StreamReading]) -> tuple[CheckView, ...]:
    """Return every check of the plan, those without a reading too, in the order of the plan."""
    if release.stable is None and not streams:
        return ()  # The first release of all has nothing to be compared with.
    read = {stream.check: stream for stream in streams}
    names = dict.fromkeys([*(check.name for check in release.delivery.checks), *read])
    return tuple(
        _check(read[name])
        if name in read
        else CheckView(
            name=name,
            outcome="",
            sentence="not judged yet" if release.ended_at is None else "not judged",
        )
        for name in names
    )


def looks(release: Release, looks: Sequence[LookReading]) -> tuple[CheckView, ...]:
    """Return the rule and the checks that are no counts, those without a reading too."""
    if release.stable is None:
        return ()
    read = {look.check: look for look in looks}
    rule = release.delivery.rule
    names = [look.name for look in release.delivery.looks]
    names = names if rule is None else [rules.name(rule), *names]
    return tuple(_look(name, read.get(name), release) for name in names)


def _look(name: str, look: LookReading | None, release: Release) -> CheckView:
    if look is None:
        said = "not judged yet" if release.ended_at is None else "not judged"
        return CheckView(name=name, outcome="", sentence=said)
    return CheckView(
        name=name,
        outcome=look.outcome.value,
        sentence=look.sentence,
        value=look.value,
        stable_value=look.stable_value,
        limit=look.limit,
        strikes=look.strikes,
        unit=look.unit,
    )


def _check(stream: StreamReading) -> CheckView:
    return CheckView(
        name=stream.check,
        outcome=stream.outcome.value,
        sentence=stream.sentence,
        evidence=stream.evidence,
        rate=_rate(stream.bad, stream.requests),
        stable_rate=_rate(stream.stable_bad, stream.stable_requests),
        limit=stream.limit,
        requests=stream.requests,
        bad=stream.bad,
        stable_requests=stream.stable_requests,
        stable_bad=stream.stable_bad,
        verified=stream.verified,
        bounds_ms=stream.bounds_ms,
    )


def _rate(bad: int, requests: int) -> float | None:
    return bad / requests if requests else None


def report(found: Report | None) -> ReportView | None:
    """Return the report of an A/B test, None where there was none."""
    if found is None:
        return None
    return ReportView(
        users=found.users,
        stable_users=found.stable_users,
        goals=tuple(_goal(goal) for goal in found.goals),
        final=found.final,
        warning=found.warning,
        sentence=found.sentence,
    )


def _goal(found: GoalReading) -> GoalView:
    return GoalView(
        name=found.goal,
        share=found.share,
        stable_share=found.stable_share,
        difference=found.difference,
        low=found.low,
        high=found.high,
        sentence=found.sentence,
    )


def budget(found: BudgetReading) -> BudgetView:
    """Return an error budget."""
    return BudgetView(
        check=found.check,
        spent=found.spent,
        requests=found.requests,
        bad=found.bad,
        burning=found.burning,
        freezes=found.freeze,
        sentence=found.sentence,
    )
