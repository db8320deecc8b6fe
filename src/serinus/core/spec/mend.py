"""
Going on after a mistake: what has not its form is taken out, and the rest is looked at.

So the second kind of problems (a share that falls) is told together with the first (a duration
that is none), and nothing is said about what was taken out.
"""

from collections.abc import Iterable
from typing import Any, Generic, NamedTuple, TypeVar

from serinus.core.errors import Problem
from serinus.core.spec import checker, patch, place
from serinus.core.spec.place import Place

T = TypeVar("T")
_ROUNDS = 5
"""What is taken out may leave a hole that is one, too: so many times the next larger part goes."""


class Mended(NamedTuple, Generic[T]):
    """
    A value of a type, as far as it has its form.

    ``value`` is None when nothing is left of it. ``problems`` are those of the form alone.
    """

    value: T | None
    problems: tuple[Problem, ...]
    removed: tuple[Place, ...] = ()

    def other(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Return the problems of what is left: not those of a part that was taken out."""
        return tuple(
            problem
            for problem in problems
            if not any(patch.touches(place.parse(problem.path), gone) for gone in self.removed)
        )


def check(value: object, kind: type[T]) -> Mended[T]:
    """Check a value, and take out what keeps it from having its form."""
    found, problems = checker.check(value, kind)
    removed: list[Place] = []
    wrong, rest = problems, value
    for _ in range(_ROUNDS):
        if found is not None or not wrong:
            break
        gone = [_nearest(rest, place.parse(problem.path)) for problem in wrong]
        rest = _without(rest, {path for path in gone if path})
        removed += gone
        found, wrong = checker.check(rest, kind)
    return Mended(found, problems, tuple(removed))


def _nearest(value: Any, path: Place) -> Place:
    """Return the deepest part of a path that is there, and that can go: an item of a list stays."""
    deepest: Place = ()
    for length, part in enumerate(path, start=1):
        if isinstance(value, dict) and part in value:
            deepest = path[:length]
        elif not (isinstance(value, list) and isinstance(part, int) and part < len(value)):
            break
        value = value[part]
    return deepest


def _without(value: Any, gone: set[Place], path: Place = ()) -> Any:
    if isinstance(value, dict):
        return {
            key: _without(item, gone, (*path, key))
            for key, item in value.items()
            if isinstance(key, str) and (*path, key) not in gone
        }
    if isinstance(value, list):
        return [_without(item, gone, (*path, index)) for index, item in enumerate(value)]
    return value
