"""
All that may cross a port.

::

    PortFailure
    ├─ Unavailable(retry_after)  not now           back off, the same plan next time
    ├─ Conflict                  someone was faster  observe again at once
    ├─ Missing                   not there         an observation, usually handled where one looks
    └─ Rejected                  will not          final until the spec or the settings change
"""

from collections.abc import Sequence

from serinus.core.state.command import Command


class PortFailure(Exception):
    """
    Something outside did not do what was asked. The message says what, and what to do.

    ``why`` (what was found) and ``hint`` (what to type next) are for the error form of the command
    line, where there is more to say than fits into one sentence. Commands about an application are
    in ``next``, one of them to be typed: how depends on where the reader is.
    """

    def __init__(
        self,
        message: str,
        *,
        why: str = "",
        hint: str = "",
        next: Sequence[Command] = (),  # noqa: A002 - what a person may do next
    ) -> None:
        """Keep the message, what was found and what to do."""
        super().__init__(message)
        self.why = why
        self.hint = hint
        self.next = tuple(next)


class Unavailable(PortFailure):
    """Not now. ``retry_after_s`` is the other side's own wish, if it has one."""

    def __init__(
        self,
        message: str,
        retry_after_s: float | None = None,
        *,
        why: str = "",
        hint: str = "",
        next: Sequence[Command] = (),  # noqa: A002 - the attribute is called so
    ) -> None:
        """Keep the message and the wish."""
        super().__init__(message, why=why, hint=hint, next=next)
        self.retry_after_s = retry_after_s


class Conflict(PortFailure):
    """Someone was faster: observe again at once."""


class Missing(PortFailure):
    """What was asked for is not there."""


class Rejected(PortFailure):
    """The other side understood and will not do it."""
