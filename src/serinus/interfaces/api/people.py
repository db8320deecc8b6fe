"""
Who asks, and what they may do.

::

    a request ──▶ a mode ──▶ Person ──▶ lacks(person, verb, key) ──▶ "" or why not
                  local: a session that a one-time link began
                  proxy: headers of a proxy that is known by its address

A mode is one class. Those to come (OpenID Connect, a cluster's own accounts) recognise people in
their own way, and may ask somebody else for each right: that is why :meth:`Mode.lacks` waits.
"""

import enum
import fnmatch
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key


class Right(enum.StrEnum):
    """What a role allows. The verbs of a release are spread over ``operate`` and ``approve``."""

    VIEW = "view"
    OPERATE = "operate"
    DEPLOY = "deploy"
    APPROVE = "approve"
    TEMPLATES = "templates"
    ADMIN = "admin"


EVERY = frozenset(Right)

_NEEDED = {
    Verb.PAUSE: Right.OPERATE,
    Verb.RESUME: Right.OPERATE,
    Verb.NEXT: Right.OPERATE,
    Verb.PROMOTE: Right.OPERATE,
    Verb.ROLLBACK: Right.OPERATE,
    Verb.RETRY: Right.OPERATE,
    Verb.APPROVE: Right.APPROVE,
    Verb.REJECT: Right.APPROVE,
    Verb.DELETE: Right.DEPLOY,
}


class Unknown(Exception):
    """
    Nobody knows who asks; the message says what to do.

    ``command``: what one types for that, whole. ``detail``: why they are not known.
    """

    def __init__(self, hint: str, *, command: str = "", detail: str = "") -> None:
        super().__init__(hint)
        self.command = command
        self.detail = detail or "Nobody knows who you are."


class Forbidden(Exception):
    """
    Who asks may not do that; the message says what they need.

    ``hint``: who has that right, or can give it; empty where nothing is known of that.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights in some environments alone: ``environments`` are patterns (``staging-*``)."""

    rights: frozenset[Right]
    environments: tuple[str, ...]

    def covers(self, right: Right, key: Key | None) -> bool:
        """Tell whether a right is given there; without a key: anywhere."""
        there = key is None or any(
            fnmatch.fnmatchcase(key.environment, one) for one in self.environments
        )
        return right in self.rights and there


@dataclass(frozen=True, slots=True)
class Person:
    """
    Who asks. ``name`` signs what they do, ``rights`` are those that they have everywhere.

    ``session`` is what their forms are sealed with. ``bearer``: a program that shows a token with
    each request, which no other page can make a browser do.
    """

    name: str
    rights: frozenset[Right] = EVERY
    session: str = ""
    bearer: bool = False
    grants: tuple[Grant, ...] = ()


class Mode(Protocol):
    """One way to know people; a process has one."""

    @property
    def name(self) -> str:
        """The word for it: ``local``, ``proxy``."""
        ...

    @property
    def hint(self) -> str:
        """What somebody does whom nobody knows."""
        ...

    @property
    def command(self) -> str:
        """What they type for that, whole; empty where there is nothing to type."""
        ...

    async def person(self, request: Request) -> Person | None:
        """Return who asks, None where that is nobody we know."""
        ...

    async def lacks(self, person: Person, right: Right, key: Key | None) -> str:
        """Return what a person lacks for a right, empty when they have it."""
        ...

    def givers(self, right: Right, key: Key | None) -> str:
        """Say who has a right, and who can give it, empty where nothing is known of that."""
        ...


def needed(wanted: Verb | Right) -> Right:
    """Return the right that a verb needs."""
    return wanted if isinstance(wanted, Right) else _NEEDED[wanted]


def lacks(person: Person, wanted: Verb | Right, key: Key | None = None) -> str:
    """Return what a person lacks, as a sentence for the page; empty when they may."""
    right = needed(wanted)
    if right in person.rights or any(grant.covers(right, key) for grant in person.grants):
        return ""
    where = f" on {key}" if key is not None else ""
    return f"needs the role {right}{where}"
