r"""
Matches in the words of products that look at each header and each parameter once.

Gateway API and Istio compare by name, and no name comes twice. So the conditions of a match are
folded: those on one name become one, and all cookies become one pattern for ``cookie``::

    header x-group, header x-group=beta    x-group = beta
    header x-group=beta, x-group=gamma     nothing is both: the match is left out
    cookie beta=yes, cookie group=~g.*     cookie ~ (?:.*;\s*)?(?:beta=yes…group=g[^;]*|…)(?:;.*)?

Two different patterns for one name cannot be one in RE2. Such a match is left out as well: too few
requests reach the candidate, never the wrong ones.
"""

import itertools
import re

import re2  # type: ignore[import-untyped]  # the wheel has no types

from serinus.adapters.routers.envoy_parts import matches
from serinus.core.spec.requests import Condition, Match, Part

COOKIES = "cookie"
"""The header that holds all cookies."""

_PLAIN = re.compile(r"[A-Za-z0-9._~-]*")
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$])")
_OTHERS = {r"\S": r"[^\s;]", r"\W": r"[^\w;]", r"\D": r"[^\d;]", r"\C": "[^;]", ".": "[^;]"}
"""What matches a semicolon, which ends a cookie, and what matches the same without it."""


def folded(match: Match) -> tuple[Condition, ...] | None:
    """Return conditions on headers and parameters, no name twice; None where none can be made."""
    named: dict[tuple[Part, str], list[Condition]] = {}
    for condition in match.conditions:
        named.setdefault((condition.part, condition.name), []).append(condition)
    result: list[Condition] = []
    cookies: list[Condition] = []
    for found in named.values():
        one = _one(found)
        if one is None:
            return None
        (cookies if one.part is Part.COOKIE else result).append(one)
    if not cookies:
        return tuple(result)
    if any(c.part is Part.HEADER and c.name == COOKIES for c in result):
        return None
    return (*result, Condition(Part.HEADER, COOKIES, _cookies(cookies), pattern=True))


def regex(condition: Condition) -> str:
    """Return the pattern that all of a value must match, so that the condition holds."""
    if condition.value is None:
        return ".*"
    if condition.pattern:
        return condition.value
    if condition.part is Part.QUERY and not plain(condition):
        return matches.encoded(condition.value)
    return quoted(condition.value)


def plain(condition: Condition) -> bool:
    """Tell whether a value is a text that nobody writes in another way."""
    if condition.value is None or condition.pattern or not condition.value:
        return False
    return condition.part is not Part.QUERY or bool(_PLAIN.fullmatch(condition.value))


def quoted(text: str) -> str:
    """Return a pattern for one text."""
    return _SPECIAL.sub(r"\\\1", text)


def _one(found: list[Condition]) -> Condition | None:
    """Return the one condition that says what several on the same name say."""
    values = {c.value for c in found if c.value is not None and not c.pattern}
    patterns = {c.value for c in found if c.value is not None and c.pattern}
    if len(values) > 1 or (not values and len(patterns) > 1):
        return None
    if values and not all(_matches(pattern, value) for pattern in patterns for value in values):
        return None
    return next(
        (c for c in found if c.value is not None and (not values or not c.pattern)), found[0]
    )


def _matches(pattern: str, value: str) -> bool:
    try:
        return re2.fullmatch(pattern, value) is not None
    except re2.error:  # a spec with such a pattern is refused; here it matches nothing
        return False


def _cookies(found: list[Condition]) -> str:
    """Return the pattern for a header of cookies that has all of these, in any order."""
    each = [f"{quoted(c.name)}={_value(c)}" for c in found]
    orders = "|".join(r";(?:.*;)?\s*".join(order) for order in itertools.permutations(each))
    return rf"(?:.*;\s*)?(?:{orders})(?:;.*)?"


def _value(cookie: Condition) -> str:
    if cookie.value is None:
        return "[^;]*"
    return f"(?:{_inside(cookie.value)})" if cookie.pattern else quoted(cookie.value)


def _inside(pattern: str) -> str:
    """Return a pattern that does not run over the end of a cookie into the next."""
    result: list[str] = []
    position, end = 0, len(pattern)
    while position < end:
        piece = _piece(pattern, position)
        position += len(piece)
        result.append(_without_semicolon(piece))
    return "".join(result)


def _without_semicolon(piece: str) -> str:
    if piece.startswith("[^]"):
        return rf"[^;\]{piece[3:]}"
    if piece.startswith("[^"):
        return f"[^;{piece[2:]}"
    if piece.startswith(r"\Q") and not piece.endswith(r"\E"):
        return rf"{piece}\E"
    return _OTHERS.get(piece, piece)


def _piece(pattern: str, start: int) -> str:
    """Return the next piece of a pattern: an escape, a class of characters, or one character."""
    if pattern.startswith(r"\Q", start):
        closing = pattern.find(r"\E", start)
        return pattern[start:] if closing < 0 else pattern[start : closing + 2]
    if pattern[start] == "\\":
        return pattern[start : start + 2]
    if pattern[start] != "[":
        return pattern[start]
    position = start + (2 if pattern.startswith("[^", start) else 1)
    position += pattern.startswith("]", position)  # what comes first stands for itself
    while position < len(pattern) and pattern[position] != "]":
        if pattern.startswith("[:", position):
            position = pattern.find(":]", position) + 1
        position += 2 if pattern[position] == "\\" else 1
    return pattern[start : position + 1]
