"""The decisions that a Release tells, and the events that they are: the newest hundred."""

from collections.abc import Sequence

from serinus.adapters.kubernetes import objects
from serinus.adapters.kubernetes.objects import Decision
from serinus.core.state.notice import Event, Key, Kind

_KINDS = frozenset(Kind)


def told(before: Sequence[Decision], events: Sequence[Event]) -> tuple[Decision, ...]:
    """Return the decisions of a release with those that came now; the oldest ones are let go."""
    first = before[-1].sequence + 1 if before else 1
    now = (
        Decision(
            sequence=first + index,
            at=event.at,
            kind=event.kind.value,
            reason=event.reason,
            sentence=event.sentence,
        )
        for index, event in enumerate(events)
    )
    return (*before, *now)[-objects.DECISIONS :]


def events(decisions: Sequence[Decision], key: Key, number: int) -> tuple[Event, ...]:
    """Return decisions as the events that they were, without a number."""
    return tuple(
        Event(
            at=one.at,
            application=key.application,
            environment=key.environment,
            kind=Kind(one.kind) if one.kind in _KINDS else Kind.RELEASE,
            reason=one.reason,
            sentence=one.sentence,
            release=number,
        )
        for one in decisions
    )
