"""
Matches in Envoy's words: which requests a route is for.

==========  ====================================  ================================================
part        compared with                         what Envoy looks at
==========  ====================================  ================================================
header      the value, as sent                    any of the headers of that name
cookie      the value, as sent, by whole name     the first cookie of that name
query       the value, encoded in any common way  the first parameter of that name
==========  ====================================  ================================================

A pattern matches the whole of what was sent. In a query that is the encoded text: Envoy does not
decode it, and a pattern cannot be turned into one that does.
"""

import string
from typing import Any, assert_never

from serinus.core.spec.requests import Condition, Match, Part

ANYTHING = r"\C*"
"""Every sequence of bytes, also those that are no text (``.`` is a character in RE2)."""

_PLAIN = frozenset(string.ascii_letters + string.digits + "-._~")


def match(wanted: Match) -> dict[str, Any]:
    """Return the match of a route: all conditions hold."""
    found: dict[str, Any] = {"prefix": "/"}
    for condition in wanted.conditions:
        place, matcher = _matcher(condition)
        found.setdefault(place, []).append(matcher)
    return found


def methods(wanted: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the conditions on the method of a request."""
    regex = "|".join(quoted(method) for method in wanted)
    return [{"name": ":method", "string_match": {"safe_regex": {"regex": regex}}}]


def cookie(name: str, regex: str) -> dict[str, Any]:
    """Return the condition that the first cookie of a name is of a form."""
    return {"name": name, "string_match": {"safe_regex": {"regex": regex}}}


def quoted(text: str) -> str:
    """Return a regular expression for one text, in RE2's syntax."""
    return "".join(c if c.isalnum() and c.isascii() else f"\\x{{{ord(c):X}}}" for c in text)


def encoded(text: str) -> str:
    """Return a regular expression for a text in a query, whatever of it is percent-encoded."""
    return "".join(c if c in _PLAIN - {"."} else _encoded(c) for c in text)


def _encoded(character: str) -> str:
    percent = "".join(f"%(?i:{byte:02X})" for byte in character.encode())
    other = r"|\+" if character == " " else ""
    return f"(?:{quoted(character)}|{percent}{other})"


def _matcher(condition: Condition) -> tuple[str, dict[str, Any]]:
    match condition.part:
        case Part.HEADER:
            return "headers", {"name": condition.name} | _present(condition)
        case Part.QUERY:
            return "query_parameters", {"name": condition.name} | _present(condition)
        case Part.COOKIE:
            return "cookies", {"name": condition.name} | _told(condition, ANYTHING)
        case _:
            assert_never(condition.part)


def _present(condition: Condition) -> dict[str, Any]:
    return {"present_match": True} if condition.value is None else _told(condition, "")


def _told(condition: Condition, presence: str) -> dict[str, Any]:
    value = condition.value
    if value is None:
        return {"string_match": {"safe_regex": {"regex": presence}}}
    if condition.pattern:
        return {"string_match": {"safe_regex": {"regex": value}}}
    if condition.part is Part.QUERY and not _PLAIN.issuperset(value):
        return {"string_match": {"safe_regex": {"regex": encoded(value)}}}
    return {"string_match": {"exact": value}}
