"""
What the API server's refusals mean: each becomes one of the failures that may cross a port.

::

    404                       Missing      the object is not there, or its kind is not installed
    409                       Conflict     someone was faster, or owns the field
    410                       Gone         the history was compacted: list again
    400 403 405 413 415 422   Rejected     with what the API server says, and the right that lacks
    401 408 429 5xx           Unavailable  with the pause that it asks for
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from serinus.ports.failures import Conflict, Missing, PortFailure, Rejected, Unavailable

_LONGEST = 1_000  # characters of somebody else's message
_LONGEST_PAUSE_S = 300.0
_NOT_FOUND, _CONFLICT, _GONE = 404, 409, 410
_UNAUTHORIZED, _FORBIDDEN, _TIMEOUT, _TOO_MANY, _SERVER = 401, 403, 408, 429, 500
_RIGHT = re.compile(
    r'cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)"| at the cluster scope)?'
)


class Gone(Unavailable):
    """That moment of the history is no longer known: list again, and go on from there."""


class _Details(msgspec.Struct, frozen=True):
    name: str = ""
    retry_after: float = msgspec.field(name="retryAfterSeconds", default=0)


class Refusal(msgspec.Struct, frozen=True):
    """The part of a Status object that we read."""

    message: str = ""
    reason: str = ""
    code: int = 0
    details: _Details | None = None


def failure(
    asked: str, status: int, content: bytes, headers: Mapping[str, str] | None = None
) -> PortFailure:
    """
    Return the failure that an answer stands for.

    ``asked``: what was asked, as people would say it: ``apply Deployment team/shop``.
    """
    try:
        refusal = msgspec.json.decode(content, type=Refusal)
    except (msgspec.DecodeError, ValueError, RecursionError):  # a proxy's page, or the plain 404
        refusal = Refusal(message=_line(content.decode(errors="replace")))
    return told(asked, status, refusal, headers)


def told(
    asked: str, status: int, refusal: Refusal, headers: Mapping[str, str] | None = None
) -> PortFailure:
    """Return the failure that a Status object stands for; see :func:`failure`."""
    said = _line(refusal.message) or refusal.reason or "no reason given"
    message = f"{asked}: {said} ({status})"
    if status == _NOT_FOUND:
        return _missing(message, refusal)
    if status == _CONFLICT:
        return Conflict(message)
    if status == _GONE:
        return Gone(message)
    if status == _UNAUTHORIZED:
        return Unavailable(
            f"{asked}: the API server does not accept our credentials ({status}): {said}",
            hint="check the user of the kubeconfig, or the token of the service account",
        )
    if status in {_TIMEOUT, _TOO_MANY} or status >= _SERVER:
        return Unavailable(message, _pause_s(refusal, headers or {}))
    if status == _FORBIDDEN and (right := _RIGHT.search(refusal.message)):
        return Rejected(message, hint=_lacking(right))
    return Rejected(message)


def _missing(message: str, refusal: Refusal) -> Missing:
    if refusal.details is not None and refusal.details.name:
        return Missing(message)
    return Missing(message, hint="the kind may not be installed: install its CRDs")


def _lacking(right: re.Match[str]) -> str:
    group = f".{right['group']}" if right["group"] else ""
    where = f"in namespace {right['namespace']}" if right["namespace"] else "in the whole cluster"
    return f"give the right to {right['verb']} {right['resource']}{group} {where}"


def _pause_s(refusal: Refusal, headers: Mapping[str, str]) -> float | None:
    wish = headers.get("retry-after", "")
    pause = float(wish) if wish.isdecimal() else 0.0
    if refusal.details is not None:
        pause = max(pause, refusal.details.retry_after)
    return min(pause, _LONGEST_PAUSE_S) if pause > 0 else None


def _line(text: Any) -> str:
    """Return somebody else's words on one line, not too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
