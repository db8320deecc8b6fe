"""
What Envoy would refuse, found before it is asked.

Envoy takes a route table whole or not at all, and there is one table for all applications: a
pattern that it cannot use would hold up everybody. The review of a spec says the same earlier and
better; this is the last door.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import re2  # type: ignore[import-untyped]  # the wheel has no types

from serinus.core.state.notice import Key
from serinus.ports.failures import Rejected

LARGEST = 10_000
"""The size of a pattern's program at which Envoy is told to refuse it."""

_NAME = re.compile(r":?[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_PARAMETER = re.compile(r"[^\x00-\x1f\x7f]{1,1024}")
_WORDS = {"headers": "a header", "cookies": "a cookie", "query_parameters": "a parameter"}
_BAD = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_UNTOUCHABLE = {"host", ":authority", ":method", ":path", ":scheme"}


def check(key: Key, hosts: Sequence[Mapping[str, Any]]) -> None:
    """Raise ``Rejected`` for the first thing that Envoy would refuse."""
    for host in hosts:
        for name, value in _pairs(host):
            problem = _problem(name, value)
            if problem:
                raise Rejected(f"{key}: {problem}", hint="correct it and deploy again")


def _pairs(found: Any) -> Iterator[tuple[str, Any]]:
    """Return all names with their values, however deep they stand."""
    if isinstance(found, Mapping):
        for name, value in found.items():
            yield name, value
            yield from _pairs(value)
    elif isinstance(found, list | tuple):
        for value in found:
            yield from _pairs(value)


def _problem(name: str, value: Any) -> str:
    match name:
        case "regex":
            return _pattern(value)
        case "header" if isinstance(value, Mapping) and "key" in value:
            return _header(value["key"], value["value"])
        case "headers" | "cookies" | "query_parameters" if isinstance(value, list):
            form = _PARAMETER if name == "query_parameters" else _NAME
            wrong = [one["name"] for one in value if not form.fullmatch(one["name"])]
            return f"{wrong[0]!r} is not the name of {_WORDS[name]}" if wrong else ""
        case "request_headers_to_remove":
            wrong = [one for one in value if not _NAME.fullmatch(one) or one in _UNTOUCHABLE]
            return f"the header {wrong[0]!r} cannot be removed" if wrong else ""
        case _:
            return ""


def _pattern(pattern: str) -> str:
    quiet = re2.Options()
    quiet.log_errors = False
    try:
        size = re2.compile(pattern, quiet).programsize
    except re2.error as exc:
        return f"the pattern {pattern!r} cannot be used: {exc}"
    if size > LARGEST:
        return f"the pattern {pattern[:80]!r} is too large: {size} instructions, at most {LARGEST}"
    return ""


def _header(name: str, value: str) -> str:
    if not _NAME.fullmatch(name) or name in _UNTOUCHABLE:
        return f"the header {name!r} cannot be set"
    if _BAD.search(value):
        return f"the value of the header {name} has control characters"
    return ""
