"""
Cohorts: who took part in an A/B test, and what they did.

A user is known by a number that stands for his cookie; he counts once, on the side where he was
seen first. Counts are what a report is made of: see :mod:`serinus.core.analysis.report`.
"""

from collections.abc import Mapping

import msgspec


class Visit(msgspec.Struct, frozen=True, array_like=True):
    """
    One request of one user, as the router noted it.

    ``user``: a 63-bit hash of his cookie, 0 when he has none; ``revision``: who answered.
    ``path`` is without its query.
    """

    user: int
    revision: str
    method: str
    path: str
    status: int


class Side(msgspec.Struct, frozen=True):
    """
    One side of a test.

    ``users`` were seen on it first; ``reached``: how many of them reached each goal, by its name,
    whichever side answered then. ``requests``: all that it answered; ``hits``: how many of these
    reached each goal, whoever sent them.
    """

    users: int = 0
    reached: Mapping[str, int] = {}
    requests: int = 0
    hits: Mapping[str, int] = {}


class Cohort(msgspec.Struct, frozen=True):
    """
    Both sides by arm (``stable``, ``candidate``).

    ``crossed``: users who were seen on both sides; they count on the first. ``full``: no more users
    could be remembered, so that later ones are missing.
    """

    sides: Mapping[str, Side] = {}
    crossed: int = 0
    full: bool = False
