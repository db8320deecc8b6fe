"""
What the core may raise, and the problems that it carries.

::

    Exception
    └─ SpecError(problems)   the asker's mistake: shown whole, never retried until the spec changes

:class:`Problem` stands here, below everything else, because the error carries problems and every
floor of the core may find one.
"""

import enum
from collections.abc import Sequence

import msgspec


class Severity(enum.StrEnum):
    """An error keeps the spec from being used; a warning is worth reading."""

    ERROR = "error"
    WARNING = "warning"


class Problem(msgspec.Struct, frozen=True):
    """
    One thing that is wrong with a spec.

    ``path`` is where, in the words of the document (``spec.delivery.plan[0].hold.for``).
    ``document`` is the index of the document within ``file``. ``line`` and ``column`` count from
    one; None: not known (yet), see :func:`serinus.core.spec.problems.located`.
    """

    path: str
    message: str
    severity: Severity = Severity.ERROR
    line: int | None = None
    column: int | None = None
    file: str = ""
    document: int = 0

    def __str__(self) -> str:
        """Write it as people read it: ``shop.yaml:12:7 spec.replicas: …``."""
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        where = " ".join(part for part in (place, self.path) if part)
        said = self.message if self.severity is Severity.ERROR else f"warning: {self.message}"
        return f"{where}: {said}" if where else said


class SpecError(Exception):
    """What was asked for cannot be done as it stands. All problems are told at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems; the message is all of them, one a line."""
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
