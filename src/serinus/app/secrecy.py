"""
What nobody should read: which values are secrets, and what is shown in their place.

::

    DB_PASSWORD: hunter2             by its name         DB_PASSWORD: •••
    DB: postgres://app:hunter2@db    by its value        DB: •••
    KEY: the text of a private key   by its value        KEY: •••

A mark stands for the value of its own place and of no other: moved to another name it stands for
nothing, and whoever wants the value there has to know it. Where two values are compared, a mark
tells whether they differ, with a key that nobody outside this process has: a guess of the value
cannot be tried against it.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from serinus.core.spec import patch
from serinus.core.spec.place import Place
from serinus.ports.documents import Edit

MARK = "•••"
"""What stands in the place of a secret in a text."""

MASK = "••• set"
"""What a row of a form shows in its place."""

_NAME = re.compile(r"(?i)token|secret|passw|credential|api_?key|private_?key|auth|_key$|_dsn$")
_WORD = r"[\w-]*(?:token|secret|passw|credential|api[_-]?key)[\w-]*"
_IN = re.compile(
    r"://(?:[^\s/@]*:[^\s@]*|[^\s/?\#@]+)@"  # postgres://app:hunter2@db
    rf"|(?i:[?&;]{_WORD}=[^\s&\"']+)"  # ?api_key=hunter2
    rf"|(?i:(?:^|\s)(?:--?)?{_WORD}=[^\s$])"  # --password=hunter2
    r"|-----BEGIN [A-Z0-9 ]+-----"
)
_FACT = re.compile(r"""([A-Za-z_][\w.-]*)(["']?\s*[:=]\s*)(?=\S)""")
_HEAD, _FOOT = "-----BEGIN ", "-----END "
_KEY = secrets.token_bytes(32)


class Secret(NamedTuple):
    """One value: its place, whose it is (names in the place of the indices of lists), and it."""

    place: Place
    owner: tuple[Any, ...]
    value: Any


def named(name: str) -> bool:
    """Tell by the name of a value whether it is a secret."""
    return _NAME.search(name) is not None


def valued(value: Any) -> bool:
    """Tell by a value whether it is, or holds, a secret."""
    return isinstance(value, str) and _IN.search(value) is not None


def marked(value: Any) -> bool:
    """Tell whether a value is a mark, or has one in it."""
    return isinstance(value, str) and MARK in value


# --- in a document ------------------------------------------------------------------------------


def found(data: Any) -> tuple[Secret, ...]:
    """Return all secrets of a document, and all marks."""
    return tuple(_found(data, (), (), inside=False))


def _found(value: Any, where: Place, owner: tuple[Any, ...], *, inside: bool) -> Iterator[Secret]:
    if isinstance(value, Mapping):
        own = value.get("name")
        for key, inner in value.items():
            # A variable is a key of a mapping, or an item of a list with its name and its value.
            listed = inside and key == "value" and isinstance(own, str)
            name = str(own) if listed else str(key)
            here, whose = (*where, str(key)), (*owner, str(key))
            if inside and _said(inner) and named(name):
                yield Secret(here, whose, inner)
            else:
                yield from _found(inner, here, whose, inside=_holds(str(key), where))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            called = inner.get("name") if isinstance(inner, Mapping) else None
            item: Any = ("name", called) if isinstance(called, str) else index
            yield from _found(inner, (*where, index), (*owner, item), inside=inside)
    elif valued(value) or marked(value):
        yield Secret(where, owner, value)


def _holds(key: str, where: Place) -> bool:
    """Tell whether what stands below a key is told by names: variables, headers that are set."""
    return key == "env" or (key == "set" and where[-1:] == ("headers",))


def _said(value: Any) -> bool:
    return value is not None and not isinstance(value, bool) and value not in ("", [], {})


def hidden(data: Any) -> tuple[Edit, ...]:
    """Return the edits that put a mark in the place of each secret."""
    return tuple(Edit(one.place, MARK) for one in found(data) if one.value != MARK)


def veiled(data: Any) -> Any:
    """Return plain data with marks in the place of all secrets."""
    for edit in hidden(data):
        data = patch.changed(data, edit.place, edit.value)
    return data


def restored(data: Any, before: Any) -> tuple[Edit, ...]:
    """Return the edits that put back the values for which marks stand, of the document before."""
    known = {one.owner: one.value for one in found(before)}
    return tuple(
        Edit(one.place, known[one.owner])
        for one in found(data)
        if one.value in {MARK, MASK} and one.owner in known and known[one.owner] != one.value
    )


def lost(data: Any, before: Any) -> tuple[Place, ...]:
    """Return the places of marks that stand for nothing: of a value that had another name."""
    known = {one.owner: one.value for one in found(before)}
    return tuple(
        one.place
        for one in found(data)
        if marked(one.value) and known.get(one.owner) != one.value
        if not (one.value in {MARK, MASK} and one.owner in known)
    )


# --- where values are compared ------------------------------------------------------------------


def shown(name: str, value: str) -> str:
    """Return a variable's value, or a mark that tells two of them apart if it is a secret."""
    return told(value) if value and (named(name) or valued(value)) else value


def told(value: Any) -> str:
    """Return a mark that tells whether two secrets differ, while this process lasts."""
    sign = hmac.digest(_KEY, msgspec.json.encode(value), hashlib.sha256).hex()
    return value if value == MARK else f"{MARK} ({sign[:8]})"


def lines(text: Sequence[str]) -> Iterator[str]:
    """Return the lines of any file with marks in the place of what looks like a secret."""
    inside = False
    for line in text:
        inside = inside or _HEAD in line
        if inside:
            yield told(line)
            inside = _FOOT not in line
        else:
            yield _line(line)


def _line(text: str) -> str:
    for fact in _FACT.finditer(text):
        if named(fact[1]):
            return f"{text[: fact.end()]}{told(text[fact.end() :])}"
    return told(text) if valued(text) else text
