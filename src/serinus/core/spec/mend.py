"""
Going on after a mistake: what has not its form is taken out, and the rest is looked at.

So the second kind of problems (a share that falls) is told together with the first (a duration
that is none), and nothing is said about what was taken out. Problems are told by the places of the
whole value, whatever is missing before them in a list.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

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
    ``whole``: what it was made of.
    """

    value: T | None
    problems: tuple[Problem, ...]
    removed: tuple[Place, ...] = ()
    whole: Any = None

    def other(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Return the problems of what is left: not those of a part that was taken out."""
        if not self.removed:
            return tuple(problems)
        gone, left = set(self.removed), _left(self.whole, self.removed)
        placed = ((_whole(place.parse(p.path), left), p) for p in problems)
        return tuple(
            msgspec.structs.replace(problem, path=place.text(path))
            for path, problem in placed
            if not any(patch.touches(path, part) for part in gone)
        )


def check(value: object, kind: type[T]) -> Mended[T]:
    """Check a value, and take out what keeps it from having its form."""
    found, problems = checker.check(value, kind)
    removed: list[Place] = []
    wrong, rest = problems, value
    for _ in range(_ROUNDS):
        if found is not None or not wrong:
            break
        gone, left = set(removed), _left(value, removed)
        paths = [_whole(place.parse(problem.path), left) for problem in wrong]
        removed += [part for path in paths if (part := _nearest(value, path, gone))]
        rest = _without(value, set(removed))
        found, wrong = checker.check(rest, kind)
    return Mended(found, problems, tuple(dict.fromkeys(removed)), value)


def _nearest(value: Any, path: Place, gone: set[Place]) -> Place:
    """
    Return the deepest part of a path that is still there, and that can go.

    Of the items of a list only mappings can: a plan without its third word is another one.
    """
    deepest: Place = ()
    for length, part in enumerate(path, start=1):
        if path[:length] in gone:
            break
        if isinstance(value, dict) and part in value:
            deepest = path[:length]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            deepest = path[:length] if isinstance(value[part], dict) else deepest
        else:
            break
        value = value[part]
    return deepest


def _left(value: Any, removed: Iterable[Place]) -> dict[Place, list[int]]:
    """Return which items are left of the lists from which some were taken out."""
    gone: dict[Place, set[int]] = {}
    for path in removed:
        if isinstance(path[-1], int):
            gone.setdefault(path[:-1], set()).add(path[-1])
    found = {}
    for path, items in gone.items():
        inner = value
        for part in path:
            inner = inner[part]
        found[path] = [index for index in range(len(inner)) if index not in items]
    return found


def _whole(path: Place, left: Mapping[Place, list[int]]) -> Place:
    """Return the place in the whole value of a place in what is left of it."""
    found: Place = ()
    for part in path:
        items = left.get(found, [])
        if isinstance(part, int) and part < len(items):
            found = (*found, items[part])
        else:
            found = (*found, part)
    return found


def _without(value: Any, gone: set[Place], path: Place = ()) -> Any:
    if isinstance(value, dict):
        return {
            key: _without(item, gone, (*path, key))
            for key, item in value.items()
            if isinstance(key, str) and (*path, key) not in gone
        }
    if isinstance(value, list):
        return [
            _without(item, gone, (*path, index))
            for index, item in enumerate(value)
            if (*path, index) not in gone
        ]
    return value
