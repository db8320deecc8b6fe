"""
Turn: what the parts of one decision pass to each other.

A turn is a value: a move makes a new one. It holds what was observed, the status as it stands
after the moves so far, and the events and answers that they made.
"""

from datetime import datetime, timedelta
from typing import Any, Self

import msgspec
from msgspec.structs import replace

from serinus.core.planner import cohorts, replicas, transitions
from serinus.core.spec.delivery import Delivery, Step
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Event, Kind
from serinus.core.state.observed import Observed, Status
from serinus.core.state.release import Phase, Progress, Release, Wait
from serinus.core.state.verdict import Reading
from serinus.core.state.workload import Replica


class Turn(msgspec.Struct, frozen=True):
    """One decision in the making."""

    observed: Observed
    status: Status
    events: tuple[Event, ...] = ()
    answers: tuple[Answer, ...] = ()

    # --- what is so ---------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The instant of this decision."""
        return self.observed.now

    @property
    def release(self) -> Release:
        """The current release; only asked for where there is one."""
        release = self.status.release
        if release is None:
            message = f"{self.status.key} has no release"
            raise LookupError(message)
        return release

    @property
    def active(self) -> Release | None:
        """The release in flight, None when the last one has ended or there never was one."""
        release = self.status.release
        return None if release is None or release.ended_at is not None else release

    @property
    def progress(self) -> Progress:
        """The current release's progress."""
        return self.release.progress

    @property
    def delivery(self) -> Delivery:
        """The current release's frozen plan."""
        return self.release.delivery

    @property
    def step(self) -> Step:
        """The step that the release is in."""
        return self.delivery.steps[min(self.progress.step, len(self.delivery.steps) - 1)]

    @property
    def reading(self) -> Reading | None:
        """The judge's reading, if it is about the current test."""
        reading = self.observed.reading
        if reading is None or reading.test.number != self.progress.test.number:
            return None
        return reading

    def since(self, instant: datetime | None) -> float:
        """Return the seconds from an instant until now, 0 for None."""
        return 0.0 if instant is None else (self.now - instant).total_seconds()

    def after(self, seconds: float, instant: datetime | None = None) -> datetime:
        """Return the instant so many seconds after another one, or after now."""
        return (instant or self.now) + timedelta(seconds=seconds)

    def serving(self) -> list[Replica]:
        """Return the candidate's replicas that may serve, as the platform has them."""
        return replicas.of(self.observed.replicas, self.release.candidate, self.progress.ordinals)

    def weight(self) -> int:
        """Return the candidate's share as the data plane was seen to have it."""
        route = self.observed.route
        return 0 if route is None else route.weight(self.release.candidate)

    def follows(self) -> bool:
        """Tell whether the data plane was seen to give the candidate what is wanted."""
        route = self.observed.route
        if self.observed.route_problem or self.weight() != self.progress.share:
            return False
        copied = 0 if route is None or route.mirror is None else route.mirror.share
        matches = () if route is None else route.matches
        return (copied, matches) == (cohorts.copied(self.release), cohorts.matches(self.release))

    # --- moves --------------------------------------------------------------------------------

    def status_with(self, **changes: Any) -> Self:
        """Return the turn with a changed status."""
        return replace(self, status=replace(self.status, **changes))

    def release_with(self, **changes: Any) -> Self:
        """Return the turn with a changed release."""
        return self.status_with(release=replace(self.release, **changes))

    def with_(self, **changes: Any) -> Self:
        """Return the turn with a changed progress."""
        return self.release_with(progress=replace(self.progress, **changes))

    def waits(self, cause: str, until: datetime | None, then: str) -> Self:
        """Return the turn with the reason for waiting, its deadline and what happens then."""
        wait = Wait(cause=cause, until=until, then=then)
        return self if wait == self.progress.wait else self.with_(wait=wait)

    def to(self, phase: Phase, reason: str, sentence: str, kind: Kind, **changes: Any) -> Self:
        """
        Return the turn moved into a phase, with the event that tells it.

        Raises ValueError for a move that :data:`serinus.core.planner.transitions.ALLOWED` does not
        have: that is a fault of the planner, never of its input.
        """
        before = self.progress.phase
        if phase is not before and phase not in transitions.ALLOWED[before]:
            message = f"{self.release.name}: no move from {before} to {phase} ({reason})"
            raise ValueError(message)
        since = self.progress.since if phase is before else self.now
        moved = self.with_(
            **{"phase": phase, "since": since, "sentence": sentence, "wait": Wait(), **changes}
        )
        if phase.ended:
            moved = moved.release_with(ended_at=self.now)
        return moved.tell(kind, reason, sentence)

    def tell(self, kind: Kind, reason: str, sentence: str) -> Self:
        """Return the turn with one more event."""
        release = self.status.release
        event = Event(
            at=self.now,
            application=self.status.key.application,
            environment=self.status.key.environment,
            kind=kind,
            reason=reason,
            sentence=sentence,
            release=None if release is None else release.number,
        )
        return replace(self, events=(*self.events, event))

    def fresh(self, number: int) -> tuple[Self, tuple[int, ...]]:
        """Return the turn and that many ordinals which were never used before."""
        first = self.status.next_ordinal
        return self.status_with(next_ordinal=first + number), tuple(range(first, first + number))
