"""
What a series of a router means: whose requests it counts, and what became of them.

Routers count under names and labels of their own. A *dialect* (``adapters/counters``) says of one
series what it means; adding up is then the same for all of them::

    requests_total{code="503", service="team-shop-3f2a9c01d4-80@kubernetes"}  41
                        │                       │
                     what: ENDED | FAILED    places: team/shop-3f2a9c01d4, team-shop/3f2a9c01d4
"""

import enum
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from serinus.core.state import labels

_REVISION = re.compile(f"[0-9a-f]{{{labels.DIGITS}}}")


class What(enum.Flag):
    """What a series counts; one may be several things at once."""

    ENDED = enum.auto()
    """Requests that ended, in whatever way."""

    FAILED = enum.auto()
    """Requests that ended badly: 5xx, reset, timed out, or given up by the caller."""

    BROKEN = enum.auto()
    """Requests that met a broken connection, as far as the router tells."""

    ACTIVE = enum.auto()
    """Requests that are in flight now: a gauge."""

    WITHIN = enum.auto()
    """Timed requests that took at most ``bound_ms``: a cumulative bucket of a histogram."""


class Place(NamedTuple):
    """A Service, a Deployment or a pod, by its namespace and its name."""

    namespace: str
    name: str


class Meaning(NamedTuple):
    """
    What one series means.

    ``places``: whose requests it counts, by Service or Deployment; several where the label can be
    read in several ways, of which the one is right that exists. ``pod``: the one pod that they
    reached, None where the series does not tell pods apart. ``bound_ms``: of a bucket; infinite for
    the one that holds all timed requests.
    """

    what: What
    places: tuple[Place, ...] = ()
    pod: Place | None = None
    bound_ms: float = 0.0


SERVER_ERROR = 500
ABANDONED = 499
"""The caller left before he had his answer; a status that routers write down and nobody sends."""


def ended(status: str, broken: tuple[str, ...] = ()) -> What:
    """
    Return what a request with a status was; ``broken``: statuses that mean a broken connection.

    One without a number ended without an answer, which is a failure.
    """
    what = What.ENDED
    known = status.isdecimal()
    if not known or int(status) >= SERVER_ERROR or int(status) in {0, ABANDONED}:
        what |= What.FAILED
    if status in broken:
        what |= What.BROKEN
    return what


def bound(le: str, unit_ms: float) -> float:
    """Return the bound of a bucket in milliseconds, NaN when it is no number."""
    try:
        return round(float(le) * unit_ms, 6)
    except ValueError:
        return float("nan")


def places(joined: str) -> tuple[Place, ...]:
    """Return how ``namespace-name`` can be read, when both may hold dashes."""
    parts = joined.split("-")
    return tuple(
        Place("-".join(parts[:middle]), "-".join(parts[middle:])) for middle in range(1, len(parts))
    )


def portless(joined: str) -> Iterator[str]:
    """
    Yield a name without its port, which may hold dashes: ``shop-80``, ``shop-http-web``.

    The digits of a revision are no port: what one has served is not the whole application's.
    """
    name, dash, last = joined.rpartition("-")
    while dash and not _REVISION.fullmatch(last):
        yield name
        name, dash, last = name.rpartition("-")


def own(told: Mapping[str, str], name: str) -> str:
    """
    Return a label as the router wrote it.

    Prometheus renames it where the scraped target has a label of that name: ``exported_namespace``.
    """
    return told.get(f"exported_{name}", told.get(name, ""))
