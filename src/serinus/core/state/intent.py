"""What people ask for: one record for CLI, API and page, answered *done* or *refused because …*."""

import enum
from datetime import datetime

import msgspec


class Verb(enum.StrEnum):
    """What can be asked of a release or an application."""

    PAUSE = "pause"
    RESUME = "resume"
    NEXT = "next"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    RETRY = "retry"
    APPROVE = "approve"
    REJECT = "reject"
    DELETE = "delete"


class Intent(msgspec.Struct, frozen=True):
    """
    One wish of one person.

    ``id`` is the idempotency key: the same id is carried out once, and asked again gives the same
    answer. ``expect_release`` and ``expect_step`` (1-based, as people see it) refuse the intent
    when the world has moved.
    """

    id: str
    application: str
    environment: str
    verb: Verb
    actor: str
    at: datetime
    reason: str = ""
    expect_release: int | None = None
    expect_step: int | None = None


class Answer(msgspec.Struct, frozen=True):
    """What became of an intent. ``sentence`` says what was done, or why it was refused."""

    intent: str
    done: bool
    sentence: str
