"""How far a release is, step by step: what each step took, takes, or will take at least."""

from collections.abc import Sequence
from datetime import datetime
from math import exp

import msgspec
from msgspec.structs import replace

from serinus.core.planner import gates as planned_gates
from serinus.core.planner import steps as planned
from serinus.core.spec.delivery import (
    Approval,
    MatchStep,
    MirrorStep,
    PreviewStep,
    SettleStep,
    Step,
    TrafficStep,
)
from serinus.core.state.notice import Event
from serinus.core.state.release import Phase, Release

LARGEST = 1e9
"""Odds beyond this are all the same to a reader, and infinite ones cannot be written as JSON."""

STARTED = "StepStarted"
"""The reason of the event with which a step begins: one for each step, in their order."""


class StepView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One step of the plan.

    ``state``: done, current, stopped (the release ended there) or to come. ``seconds``: what it
    took, or how long it has been held so far; ``needed``: how long it is held at least. ``gates``:
    what it waits for before it begins.
    """

    number: int
    title: str
    state: str
    share: float | None = None
    started_at: datetime | None = None
    seconds: float | None = None
    needed: float = 0.0
    min_samples: int = 0
    approvals: int = 0
    gates: tuple[str, ...] = ()


def steps(
    release: Release, events: Sequence[Event], seen_at: datetime | None = None
) -> tuple[StepView, ...]:
    """
    Return all steps of the plan.

    ``events`` are those of the release, oldest first; ``seen_at`` is how far the clock of the
    current step has run.
    """
    if release.stable is None:
        return ()  # The first release of all has nothing to be compared with, and takes no steps.
    starts = [event.at for event in events if event.reason == STARTED]
    views = [
        _view(release, index, step, starts) for index, step in enumerate(release.delivery.steps)
    ]
    clock = release.progress.clock_at
    if seen_at is None or clock is None or seen_at <= clock:
        return tuple(views)
    more = (seen_at - clock).total_seconds()
    return tuple(
        replace(view, seconds=(view.seconds or 0.0) + more) if view.state == "current" else view
        for view in views
    )


def odds(log_evidence: float) -> float:
    """Write the logarithm of evidence as odds, cut where nobody can tell the difference."""
    return min(exp(min(log_evidence, 700.0)), LARGEST)


def _view(release: Release, index: int, step: Step, starts: Sequence[datetime]) -> StepView:
    state = _state(release, index)
    begun = starts[index] if index < len(starts) and state != "to come" else None
    held = TrafficStep | PreviewStep | MirrorStep | MatchStep
    hold = step.hold if isinstance(step, held) else None
    gates = () if isinstance(step, SettleStep) else step.gates
    return StepView(
        number=index + 1,
        title=planned.title(step),
        state=state,
        share=step.share / 1000 if isinstance(step, TrafficStep | MatchStep) else None,
        started_at=begun,
        seconds=_seconds(release, index, state, starts),
        needed=hold.for_s if hold else 0.0,
        min_samples=hold.min_samples if hold else 0,
        approvals=sum(gate.count for gate in gates if isinstance(gate, Approval)),
        gates=tuple(planned_gates.said(gate) for gate in gates),
    )


def _state(release: Release, index: int) -> str:
    phase, current = release.progress.phase, release.progress.step
    if phase is Phase.PROMOTING and _is_settle(release, index):
        return "to come"
    done = {Phase.SUCCEEDED, Phase.SETTLING, Phase.PROMOTING, Phase.CONCLUDED}
    if phase in done or index < current:
        settles = phase is Phase.SETTLING and index == len(release.delivery.steps) - 1
        return "current" if settles and _is_settle(release, index) else "done"
    if index > current or phase in {Phase.QUEUED, Phase.STARTING, Phase.FAILED}:
        return "to come"
    ended = release.ended_at is not None or phase is Phase.ROLLING_BACK
    return "stopped" if ended else "current"


def _is_settle(release: Release, index: int) -> bool:
    return isinstance(release.delivery.steps[index], SettleStep)


def _seconds(release: Release, index: int, state: str, starts: Sequence[datetime]) -> float | None:
    if state == "current":
        return release.progress.held_s
    if index >= len(starts) or state == "to come":
        return None
    end = starts[index + 1] if index + 1 < len(starts) else release.ended_at
    return (end - starts[index]).total_seconds() if end else None
