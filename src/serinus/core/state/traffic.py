"""
Where requests go: the route that is wanted, and the one that is seen.

A :class:`Route` is a value without any proxy's words. Routers (``adapters/routers``) render it into
:class:`Document` values and read it back; platforms deliver documents.
"""

import enum
from collections.abc import Mapping
from typing import Any

import msgspec


class Feature(enum.Flag):
    """What a router can do beyond sending everything to one place."""

    NONE = 0
    WEIGHT = enum.auto()
    HEADER = enum.auto()
    COOKIE = enum.auto()
    MIRROR = enum.auto()
    STICKY = enum.auto()


class Endpoint(msgspec.Struct, frozen=True, order=True):
    """One replica that takes requests. ``address`` is ``host:port``."""

    replica: str
    address: str


class Backend(msgspec.Struct, frozen=True):
    """
    A revision's part in a route.

    ``weight`` is per mille. ``endpoints`` are the serving replicas: one that runs but is kept
    without traffic is not among them. A backend with weight 0 and endpoints is known to the router
    and gets nothing.
    """

    revision: str
    weight: int
    endpoints: tuple[Endpoint, ...] = ()
    health_path: str | None = None


class Route(msgspec.Struct, frozen=True):
    """Where the requests for one application in one environment go. Weights sum to 1000."""

    application: str
    environment: str
    host: str
    backends: tuple[Backend, ...]
    timeout_s: float = 15.0

    def weight(self, revision: str) -> int:
        """Return the share of a revision in per mille, 0 for one that has no part."""
        return sum(b.weight for b in self.backends if b.revision == revision)

    def serving(self, revision: str) -> tuple[str, ...]:
        """Return the names of the replicas of a revision that may get requests, sorted."""
        names = (e.replica for b in self.backends if b.revision == revision for e in b.endpoints)
        return tuple(sorted(names))


class Ref(msgspec.Struct, frozen=True, order=True):
    """The name of a document that a router owns or shares."""

    kind: str
    name: str


Document = Mapping[str, Any]
Documents = Mapping[Ref, Document]
