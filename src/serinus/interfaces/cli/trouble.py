"""
Errors as people read them, and what a command's exit code says.

::

    error: state.db is damaged and cannot be read
    why:   SQLite says: file is not a database
    try:   serinus up --recover
"""

import enum
from collections.abc import Sequence

from serinus.boot.settings import Cluster
from serinus.core.errors import SpecError
from serinus.core.state.command import Command
from serinus.core.state.release import Phase
from serinus.interfaces.cli import typed
from serinus.ports import failures


class Code(enum.IntEnum):
    """What scripts read."""

    OK = 0
    ERROR = 1
    USAGE = 2
    REFUSED = 3
    ROLLED_BACK = 4
    TIMED_OUT = 5
    NEEDS_APPROVAL = 6
    HELD = 7
    SUPERSEDED = 8
    INTERRUPTED = 130


OUTCOMES = {
    Phase.SUCCEEDED.value: Code.OK,
    Phase.SETTLING.value: Code.OK,
    Phase.ROLLED_BACK.value: Code.ROLLED_BACK,
    Phase.SUPERSEDED.value: Code.SUPERSEDED,
    Phase.CONCLUDED.value: Code.OK,
    Phase.FAILED.value: Code.ERROR,
    Phase.HELD.value: Code.HELD,
    Phase.WAITING.value: Code.NEEDS_APPROVAL,
}
"""What ``--wait`` ends with; a state that is not here goes on."""


class Trouble(Exception):
    """A command cannot do what was asked."""

    def __init__(
        self,
        error: str,
        *,
        why: str = "",
        hint: str = "",
        next: Sequence[Command] = (),  # noqa: A002 - one of them is typed next
        code: Code = Code.ERROR,
    ) -> None:
        """
        Keep the three sentences and the exit code; without ``hint`` it is one of ``next``.

        ``cluster``: the one that was looked at, if any, where the next command leads as well.
        """
        super().__init__(error)
        self.why = why
        self.hint = hint
        self.next = tuple(next)
        self.code = code
        self.cluster: Cluster | None = None


def of(failure: failures.PortFailure | SpecError, cluster: Cluster | None = None) -> Trouble:
    """Tell a failure of a port or of a spec as trouble."""
    if isinstance(failure, SpecError):
        return Trouble(str(failure), hint="serinus lint   (shows all problems with their lines)")
    hint = failure.hint
    if not hint and not failure.next and isinstance(failure, failures.Unavailable):
        hint = "the same command again in a moment"
    told = Trouble(str(failure), why=failure.why, hint=hint, next=failure.next)
    told.cluster = cluster
    return told


def refused(refusal: failures.Rejected) -> Trouble:
    """Tell what will not be done because of what was asked for, with its own exit code."""
    found = of(refusal)
    found.code = Code.REFUSED
    return found


def text(trouble: Trouble) -> str:
    """Write the three lines; what there is not to say is left out."""
    hint = trouble.hint or typed.either(trouble.next, trouble.cluster)
    parts = (("error:", str(trouble)), ("why:", trouble.why), ("try:", hint))
    return "\n".join(f"{label:<7}{_indented(said)}" for label, said in parts if said)


def _indented(said: str) -> str:
    return said.rstrip().replace("\n", "\n" + " " * 7)
