"""
The plan: what one decision asks the world to do.

Actions name what should be so, never how to get there: carrying one out twice is the same as once.
"""

from datetime import datetime

import msgspec

from serinus.core.state.gates import Question
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Event
from serinus.core.state.observed import Status
from serinus.core.state.traffic import Route
from serinus.core.state.workload import Group


class SetGroups(msgspec.Struct, frozen=True):
    """Exactly these replicas of this application should exist; all others are drained away."""

    groups: tuple[Group, ...]
    drain_s: float


class SetRoute(msgspec.Struct, frozen=True):
    """Send the application's requests like this."""

    route: Route


class RemoveRoute(msgspec.Struct, frozen=True):
    """Stop routing the application at all (it is deleted)."""


class Forget(msgspec.Struct, frozen=True):
    """Remove what is stored of a deleted application, but for its history."""


class Ask(msgspec.Struct, frozen=True):
    """
    Ask at a gate, as long as this action comes again; the answer is observed in a later turn.

    ``every_s``: how long to leave whoever is asked in peace after an answer that is not final.
    """

    question: Question
    every_s: float


Action = SetGroups | SetRoute | RemoveRoute | Forget | Ask


class Plan(msgspec.Struct, frozen=True):
    """
    The answer of :func:`serinus.core.planner.decide.decide`.

    ``status`` is written before any action is carried out, so that a restart goes on from here.
    ``wake`` is when to decide again even if nothing happens (None: only when something happens).
    """

    status: Status
    actions: tuple[Action, ...] = ()
    events: tuple[Event, ...] = ()
    answers: tuple[Answer, ...] = ()
    wake: datetime | None = None
