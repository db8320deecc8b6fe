"""
Tests that promote nobody: an A/B test and a shadow end with what they have shown.

The traffic is stable's again, the candidate's replicas are kept for a while for those who want to
look, and the same test is not begun again. What comes of it is for a person to decide: deploy the
version by another template, or not.
"""

from datetime import datetime

from serinus.core.planner import evidence, finish, stopwatch, waits, words
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import MatchStep, MirrorStep, Strategy
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase, Release

ENDS = frozenset({Strategy.AB_TEST, Strategy.MIRROR})
"""The strategies whose plan ends in a report, not in a promotion."""


FEW = 2
"""So many goals are told with all of their numbers; of more, the report tells the sum."""

LATE_S = 60.0
"""A report that cannot be made is waited for so long."""


def over(release: Release, now: datetime) -> bool:
    """Tell whether the time of an A/B test is over: then its report is the final one."""
    steps = release.delivery.steps
    step = steps[min(release.progress.step, len(steps) - 1)]
    if release.ended_at is not None or not isinstance(step, MatchStep):
        return False
    begun = release.progress.step_at is not None
    return begun and stopwatch.held_at(release.progress, now) >= step.hold.for_s


def matching(turn: Turn, step: MatchStep) -> Turn | None:
    """Hold the cohort for its time, guarded by objectives, thresholds and liveness."""
    worry = finish.liveness(turn) or finish.forbidden(turn)
    if worry is not None:
        return worry
    if turn.progress.step_at is None:
        if not turn.follows():
            then = "the test begins"
            return waits.capacity(turn, then) or waits.following(turn, then)
        turn = stopwatch.reached(turn)
    if turn.progress.paused:
        return waits.resumed(stopwatch.stopped(turn))
    halted = evidence.objective(turn) or evidence.burning(turn)
    if halted and not turn.progress.skip:
        then = "it goes on when that ends; serinus next ends the test, serinus rollback goes back"
        return stopwatch.stopped(turn).waits(halted, None, then)
    turn = stopwatch.tick(turn)
    late = stopwatch.held(turn) - step.hold.for_s
    if turn.progress.skip or late >= (0.0 if turn.observed.report else LATE_S):
        return conclude(turn)
    if late >= 0.0:
        return waits.within(turn, "the report is made", LATE_S, "it is concluded")
    until = turn.after(step.hold.for_s - turn.progress.held_s, turn.progress.clock_at)
    return turn.waits("the test runs", until, "it is concluded")


def conclude(turn: Turn) -> Turn:
    """End a test: the traffic is stable's again, and its report is the sentence."""
    release, progress = turn.release, turn.progress
    turn = finish.counted(turn)
    keep = release.delivery.keep_candidate_s
    if keep and progress.ordinals:
        turn = turn.status_with(
            kept=release.candidate,
            kept_ordinals=progress.ordinals[: finish.KEPT],
            kept_until=turn.after(keep),
        )
    turn = turn.status_with(concluded=(release.candidate, release.delivery_hash))
    head = "Concluded early" if progress.skip else "Concluded"
    sentence = f"{head} after {words.seconds(turn.since(release.created_at))}: {_shown(turn)}."
    return turn.to(
        Phase.CONCLUDED,
        "Concluded",
        f"{sentence} {release.stable_version} serves everybody.",
        Kind.RESULT,
        share=0,
        ordinals=(),
        spare=(),
        clock_at=None,
    )


def _shown(turn: Turn) -> str:
    """Say what a test has shown."""
    report = turn.observed.report
    if isinstance(turn.step, MirrorStep):
        return _mirrored(turn)
    if report is None:
        return "nobody was counted"
    if 1 <= len(report.goals) <= FEW:
        told = "; ".join(goal.sentence.removesuffix(".") for goal in report.goals)
        return f"{report.warning}; {told}" if report.warning else told
    return report.sentence.removesuffix(".")


def _mirrored(turn: Turn) -> str:
    reading = turn.reading
    if not turn.delivery.checks:
        return "nothing was compared, as there are no checks"
    if reading is None or not reading.requests:
        return "nothing was mirrored"
    count = f"{reading.requests:,} mirrored requests"
    if reading.verified:
        margin = turn.delivery.margin
        return (
            f"not worse than {margin.ratio:g} × {turn.release.stable_version} plus "
            f"{margin.plus * 100:g} pp ({count})"
        )
    return f"{reading.sentence} ({count})"
