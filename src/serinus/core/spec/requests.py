"""
Requests: what tells one from another, what is changed in them, and what a user reaches by them.

Routers know these three by the same words: a *match* chooses requests, *edits* change their headers
on the way to the candidate, a *goal* is a request that a user of an A/B test is hoped to make.
"""

import enum

import msgspec


class Part(enum.StrEnum):
    """The parts of a request that a condition may look at."""

    HEADER = "header"
    COOKIE = "cookie"
    QUERY = "query"


class Condition(msgspec.Struct, frozen=True):
    """
    One thing about a request.

    ``value`` None: the part is there, whatever it says. ``pattern``: the value is a regular
    expression (RE2 syntax) that must match all of it. Names of headers are in lower case.
    """

    part: Part
    name: str
    value: str | None = None
    pattern: bool = False


class Match(msgspec.Struct, frozen=True):
    """Requests for which all conditions hold; there is at least one."""

    conditions: tuple[Condition, ...]


class Edits(msgspec.Struct, frozen=True):
    """Changes of request headers: what is set (and replaced), and what is removed."""

    set: tuple[tuple[str, str], ...] = ()
    remove: tuple[str, ...] = ()


class Goal(msgspec.Struct, frozen=True):
    """
    What a user is hoped to do: a request that is answered with less than 400.

    ``path``: the whole path without its query, or with ``*`` at the end its beginning. ``methods``
    empty: any.
    """

    name: str
    path: str
    methods: tuple[str, ...] = ()

    def reached(self, method: str, path: str, status: int) -> bool:
        """Tell whether a request reaches the goal."""
        if self.methods and method not in self.methods:
            return False
        if not 100 <= status < 400:  # noqa: PLR2004  the classes of HTTP that are no failures
            return False
        if self.path.endswith("*"):
            return path.startswith(self.path[:-1])
        return path == self.path
