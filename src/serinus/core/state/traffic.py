"""
Where requests go: the route that is wanted, and the one that is seen.

A :class:`Route` is a value without any proxy's words. Routers (``adapters/routers``) render it into
:class:`Document` values and read it back; platforms deliver documents.
"""

import enum
from collections.abc import Mapping
from typing import Any

import msgspec

from serinus.core.spec.requests import Edits, Match, Part


class Feature(enum.Flag):
    """
    What a router can do beyond sending everything to one place.

    ``MANY``: more than two revisions get requests at once. ``COMBINED``: several matches, or
    several conditions in one. ``VISITS``: it is noted who came.
    """

    NONE = 0
    WEIGHT = enum.auto()
    HEADER = enum.auto()
    COOKIE = enum.auto()
    MIRROR = enum.auto()
    STICKY = enum.auto()
    QUERY = enum.auto()
    EDITS = enum.auto()
    VISITS = enum.auto()
    MANY = enum.auto()
    COMBINED = enum.auto()


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
    edits: Edits = Edits()


class Sticky(msgspec.Struct, frozen=True):
    """
    A user stays on a side: ``cookie`` names him, for ``ttl_s`` seconds.

    The router draws a place from 0 to 999 by the cookie's value alone. The backends divide these
    places in their order, so that a share that grows takes places from the others and gives none
    back: buckets are nested.
    """

    cookie: str
    ttl_s: float


class Mirror(msgspec.Struct, frozen=True):
    """
    A copy of some requests, sent to a revision whose answers nobody gets.

    ``share`` is per mille of the requests with one of the ``methods`` (empty: all methods).
    """

    revision: str
    share: int
    methods: tuple[str, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    health_path: str | None = None
    edits: Edits = Edits()


class Route(msgspec.Struct, frozen=True):
    """
    Where the requests for one application in one environment go. Weights sum to 1000.

    ``matches``: requests of any of these go to the revision ``matched``, which is one of the
    backends, whatever the weights say. ``sticky`` concerns the weights. ``visits``: it is noted
    who came, for :meth:`serinus.ports.platform.Platform.visits`.
    """

    application: str
    environment: str
    host: str
    backends: tuple[Backend, ...]
    timeout_s: float = 15.0
    matches: tuple[Match, ...] = ()
    matched: str = ""
    sticky: Sticky | None = None
    mirror: Mirror | None = None
    visits: bool = False

    def weight(self, revision: str) -> int:
        """Return the share of a revision in per mille, 0 for one that has no part."""
        return sum(b.weight for b in self.backends if b.revision == revision)

    def serving(self, revision: str) -> tuple[str, ...]:
        """Return the names of the replicas of a revision that may get requests, sorted."""
        names = (e.replica for b in self.backends if b.revision == revision for e in b.endpoints)
        return tuple(sorted(names))

    def needs(self) -> Feature:
        """Return the features that a router must have to carry this route out."""
        weighted = {b.revision for b in self.backends if b.weight}
        taking = weighted | ({self.matched} if self.matches else set())
        conditions = [c for match in self.matches for c in match.conditions]
        edited = any(b.edits != Edits() for b in self.backends)
        found = Feature.NONE
        for condition in conditions:
            found |= _PARTS[condition.part]
        for feature, needed in (
            (Feature.WEIGHT, len(weighted) > 1),
            (Feature.MANY, len(taking) > 2),  # noqa: PLR2004  stable and candidate
            (Feature.COMBINED, len(conditions) > 1),
            (Feature.STICKY, self.sticky is not None),
            (Feature.MIRROR, self.mirror is not None),
            (Feature.EDITS, edited or (self.mirror is not None and self.mirror.edits != Edits())),
            (Feature.VISITS, self.visits),
        ):
            found |= feature if needed else Feature.NONE
        return found


_PARTS = {
    Part.HEADER: Feature.HEADER,
    Part.COOKIE: Feature.COOKIE,
    Part.QUERY: Feature.QUERY,
}


class Ref(msgspec.Struct, frozen=True, order=True):
    """
    The name of a document that a router owns or shares.

    A name that ends with ``*`` is that of every document whose name begins so.
    """

    kind: str
    name: str

    def covers(self, other: "Ref") -> bool:
        """Tell whether ``other``, the name of one document, is meant by this name."""
        if self.kind != other.kind:
            return False
        if self.name.endswith("*"):
            return other.name.startswith(self.name[:-1])
        return other.name == self.name


Document = Mapping[str, Any]
Documents = Mapping[Ref, Document]
