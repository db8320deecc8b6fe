"""What people may be told about: the words behind ``notify: - on:`` of an environment."""

import enum


class Topic(enum.StrEnum):
    """One kind of news."""

    RETREAT = "retreat"
    HOLD = "hold"
    ROLLBACK = "rollback"
    FAILURE = "failure"
    SUCCESS = "success"
    APPROVAL = "approval"


ALL = frozenset(Topic)
"""What a place is told that asks for nothing in particular."""
