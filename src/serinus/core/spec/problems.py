"""Problems as values: sorting them, finding their lines, and writing them for people."""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from serinus.core.errors import Problem as Problem
from serinus.core.errors import Severity as Severity
from serinus.core.spec import place

_LAST = 2**53

Position = tuple[int, int]
Positions = Mapping[str, Position]
"""Where each path of a document stands: (line, column), counted from one."""


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems that keep a spec from being used."""
    return tuple(problem for problem in problems if problem.severity is Severity.ERROR)


def located(
    problems: Iterable[Problem], positions: Callable[[str, int], Positions]
) -> tuple[Problem, ...]:
    """
    Give each problem the line and column of its path, or of the nearest path above it.

    ``positions`` is asked for a file and the index of a document in it, and only when there is a
    problem to place: reading positions costs more than reading values.
    """
    found = []
    for problem in problems:
        if problem.line is None and problem.file:
            position = nearest(problem.path, positions(problem.file, problem.document))
            if position is not None:
                line, column = position
                placed = msgspec.structs.replace(problem, line=line, column=column)
                found.append(placed)
                continue
        found.append(problem)
    return ordered(found)


def nearest(path: str, positions: Positions) -> Position | None:
    """Return the position of a path, or of the nearest path above it."""
    parts = place.parse(path)
    for length in range(len(parts), -1, -1):
        position = positions.get(place.text(parts[:length]))
        if position is not None:
            return position
    return None


def ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort by place, each problem once: errors before warnings on the same line."""
    return tuple(
        sorted(
            dict.fromkeys(problems),
            key=lambda p: (p.file, p.document, p.line or 0, p.column or 0, p.path, p.severity),
        )
    )


def as_written(problems: Iterable[Problem], data: object) -> tuple[Problem, ...]:
    """Sort by where the document says it, each problem once; what it does not say comes last."""

    def key(problem: Problem) -> tuple[int, ...]:
        value, found = data, []
        for part in place.parse(problem.path):
            if isinstance(value, Mapping) and part in value:
                found.append(list(value).index(part))
                value = value[part]
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                found.append(part)
                value = value[part]
            else:
                return (*found, _LAST)
        return tuple(found)

    return tuple(sorted(dict.fromkeys(problems), key=key))


def text(problems: Iterable[Problem]) -> str:
    """
    Write problems for people, one a line.

    ::

        shop.yaml:12:7 spec.delivery.parameters.start: 110% is above the maximum of 5%
    """
    return "\n".join(str(problem) for problem in problems)
