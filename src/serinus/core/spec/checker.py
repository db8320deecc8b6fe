"""
The one checker: plain data against Struct types, with every problem and its path.

msgspec itself stops at the first problem. This walks the same types, so that there is one truth of
what a document may hold, and goes on.
"""

import datetime as dt
import difflib
import functools
import math
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from serinus.core.errors import Problem
from serinus.core.spec import formats, place
from serinus.core.spec.place import Place

T = TypeVar("T")
_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}
_LARGEST = 2**53
"""Whole numbers above this are not the same number everywhere that JSON is read."""

_DEEPEST, _MOST = 64, 100_000
_LINE = 60


def check(value: object, kind: type[T], path: Place = ()) -> tuple[T | None, tuple[Problem, ...]]:
    """Return the value as the type, or None, with everything that is wrong with it."""
    found: list[Problem] = []
    _walk(value, kind, path, found)
    if found:
        return None, tuple(found)
    try:
        return msgspec.convert(value, kind), ()
    except msgspec.ValidationError as problem:
        # The walk is meant to find everything that msgspec does; this is for what it may miss.
        return None, (Problem(place.text(path), str(problem)),)


def unknown(name: str, known: Sequence[str], what: str) -> str:
    """Say that a name is not known, with the nearest that is, or all of them."""
    same = [word for word in known if word.lower() == name.lower()]
    near = same or difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"unknown {what} {shown(name)}; did you mean '{near[0]}'?"
    return f"unknown {what} {shown(name)}; known: {', '.join(sorted(known)) or 'none'}"


def shown(value: object) -> str:
    """Write a found value as people wrote it, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, dt.date):
        return f"the date {value}"
    if isinstance(value, str | float):
        text = str(value).lower() if isinstance(value, float) else repr(value)
    else:
        try:
            text = msgspec.json.encode(value).decode()
        except (TypeError, ValueError, RecursionError):
            text = f"a {type(value).__name__}"
    return text if len(text) <= _LINE else f"{text[: _LINE - 3]}…"


def size(value: object) -> tuple[Problem, ...]:
    """Refuse what is nested without end or large beyond reason, before anything walks it."""
    left, waiting = _MOST, [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        left -= 1
        if depth > _DEEPEST:
            return (Problem("", f"more than {_DEEPEST} levels deep; is an alias part of itself?"),)
        if left < 0:
            return (Problem("", f"more than {_MOST:,} values; is an alias used too often?"),)
        if isinstance(item, Mapping):
            waiting += [(inner, depth + 1) for inner in item.values()]
        elif isinstance(item, list | tuple):
            waiting += [(inner, depth + 1) for inner in item]
    return ()


def _walk(value: object, kind: Any, path: Place, found: list[Problem]) -> None:
    origin = typing.get_origin(kind)
    if kind is Any:
        _plain(value, path, found)
        return
    if origin is Annotated:
        _formatted(value, kind, path, found)
    elif origin in {types.UnionType, typing.Union}:
        _union(value, typing.get_args(kind), path, found)
    elif origin in {list, tuple}:
        _list(value, typing.get_args(kind)[0], path, found)
    elif origin is dict:
        _mapping(value, typing.get_args(kind)[1], path, found)
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        _struct(value, kind, path, found)
    elif origin is Literal:
        _word(value, typing.get_args(kind), path, found)
    else:
        _scalar(value, kind, path, found)


def _plain(value: object, path: Place, found: list[Problem]) -> None:
    """Accept what JSON can say, and nothing else."""
    if isinstance(value, Mapping):
        _mapping(value, Any, path, found)
    elif isinstance(value, list):
        _list(value, Any, path, found)
    elif value is not None:
        known = next((k for k in (bool, int, float) if isinstance(value, k)), str)
        _scalar(value, known, path, found)


def _scalar(value: object, kind: Any, path: Place, found: list[Problem]) -> None:
    if not _is(value, kind):
        wanted = _WORDS.get(kind, str(kind))
        _report(found, path, f"{shown(value)} is not {wanted}{_hint(value, kind)}")
    elif isinstance(value, str) and not _writable(value):
        _report(found, path, f"{shown(value)} holds a character that cannot be written")
    elif isinstance(value, float) and not math.isfinite(value):
        _report(found, path, f"{shown(value)} is not a number to reckon with")
    elif isinstance(value, int | float) and abs(value) > _LARGEST:
        _report(found, path, f"{shown(value)} is beyond every reason")


def _word(value: object, known: tuple[str, ...], path: Place, found: list[Problem]) -> None:
    """Accept one of a few words."""
    if not isinstance(value, str):
        _scalar(value, str, path, found)
    elif value not in known:
        _report(found, path, unknown(value, known, "word"))


def _is(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def _writable(text: str) -> bool:
    """Tell whether a text can be an argument of a program, and be stored."""
    return "\0" not in text and (
        text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
    )


def _hint(value: object, kind: type) -> str:
    """Help with what YAML reads in another way than people mean it."""
    if kind is str and isinstance(value, bool | int | float | dt.date):
        return f'; put it in quotes: "{str(value).lower() if isinstance(value, bool) else value}"'
    if kind in {int, float} and isinstance(value, str) and value.strip().isdigit():
        return "; leave the quotes away"
    return ""


def _formatted(value: object, kind: Any, path: Place, found: list[Problem]) -> None:
    inner, *metas = typing.get_args(kind)
    forms = [form for meta in metas if (form := (meta.extra or {}).get("format"))]
    bare = isinstance(value, int | float) and not isinstance(value, bool)
    wrong = [w for w in (formats.wrong(f, str(value)) for f in forms) if w]
    if (bare or isinstance(value, str)) and wrong:
        # A bare number where a unit is wanted needs the unit, not quotes.
        _report(found, path, wrong[0])
    else:
        _walk(value, inner, path, found)


def _union(value: object, kinds: tuple[Any, ...], path: Place, found: list[Problem]) -> None:
    if value is None and types.NoneType in kinds:
        return
    rest = [k for k in kinds if k is not types.NoneType]
    if len(rest) == 1:
        _walk(value, rest[0], path, found)
        return
    tries = []
    for kind in rest:
        attempt: list[Problem] = []
        _walk(value, kind, path, attempt)
        if not attempt:
            return
        tries.append(attempt)
    deepest = [t for t in tries if any(len(place.parse(p.path)) > len(path) for p in t)]
    if not deepest and isinstance(value, str | int | float):
        # What might be a text of some format is told what is wrong with it as such.
        pairs = zip(rest, tries, strict=True)
        deepest = [t for kind, t in pairs if typing.get_origin(kind) is Annotated]
    if deepest:
        found.extend(deepest[0])
    else:
        wanted = " or ".join(_name(kind) for kind in rest)
        _report(found, path, f"{shown(value)} is not {wanted}")


def _name(kind: Any) -> str:
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return _name(typing.get_args(kind)[0])
    if origin in {list, tuple}:
        return "a list"
    if origin is dict or (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return "a mapping"
    return _WORDS.get(kind, str(kind))


def _list(value: object, kind: Any, path: Place, found: list[Problem]) -> None:
    if not isinstance(value, list):
        _report(found, path, f"{shown(value)} is not a list")
        return
    for index, item in enumerate(value):
        _walk(item, kind, (*path, index), found)


def _mapping(value: object, kind: Any, path: Place, found: list[Problem]) -> None:
    if not isinstance(value, Mapping):
        _report(found, path, f"{shown(value)} is not a mapping")
        return
    for key, item in value.items():
        if not isinstance(key, str):
            _report(found, path, f"the key {shown(key)} is not a text; put it in quotes")
        elif not _writable(key):
            _report(found, path, f"the key {shown(key)} holds a character that cannot be written")
        else:
            _walk(item, kind, (*path, key), found)


def _struct(value: object, kind: type[msgspec.Struct], path: Place, found: list[Problem]) -> None:
    if not isinstance(value, Mapping):
        _report(found, path, f"{shown(value)} is not a mapping")
        return
    fields = _fields(kind)
    for key in value:
        if not isinstance(key, str):
            _report(found, path, f"the key {shown(key)} is not a text; put it in quotes")
        elif key not in fields:
            _report(found, (*path, key), unknown(key, list(fields), "field"))
    for name, field in fields.items():
        if name in value:
            _walk(value[name], field.type, (*path, name), found)
        elif field.required:
            _report(found, (*path, name), f"'{name}' is missing; wanted {_name(field.type)}")


@functools.cache
def _fields(kind: type[msgspec.Struct]) -> Mapping[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _report(found: list[Problem], path: Place, message: str) -> None:
    found.append(Problem(place.text(path), message))
