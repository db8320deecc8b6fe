"""
A route that is attached to a parent, and whatever reads it there.

A gateway reads the routes that are attached to a Gateway, a mesh those that are attached to a
Service. The route is ours, or a user's in which the application takes part.
"""

import abc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from serinus.adapters.routers.gatewayapi_parts import rules, theirs
from serinus.adapters.routers.kubernetes_parts import drift, guest, seen, services, told
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Feature, Ref, Route
from serinus.ports.failures import Rejected

GROUP = "gateway.networking.k8s.io"
VERSION = f"{GROUP}/v1"


@dataclass(frozen=True)
class Attached:
    """
    How a route of ours is written.

    Args:
        kind: ``HTTPRoute`` or ``GRPCRoute``.
        parents: what it is attached to.
        host: the name under which it is reached; empty where that of the parent is meant.
        annotations: what is said beside its rules.
    """

    kind: str
    parents: Sequence[Mapping[str, Any]] = ()
    host: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)

    def document(self, site: Site, route: Route) -> Document:
        """Return the route as an object of ours."""
        write = rules.http if self.kind == rules.HTTP else rules.grpc
        spec: dict[str, Any] = {"hostnames": [self.host]} if self.host else {}
        if self.parents:
            spec["parentRefs"] = [dict(parent) for parent in self.parents]
        spec["rules"] = write(site, route)
        document = site.document(VERSION, self.kind, site.name, spec)
        return services.marked(document, dict(self.annotations))

    def carried_out(self, site: Site, route: Route, there: Document) -> bool:
        """Tell whether an object says what is wanted, and nothing else."""
        noted = all(told.annotation(there, n) == text for n, text in self.annotations.items())
        spec = self.document(site, route)["spec"]
        return noted and drift.same(spec, there.get("spec"))


class Router(abc.ABC):
    """Write routes of one kind down, attached to whatever a product reads them at; read them."""

    def __init__(self, kind: str, features: Feature, site: Site) -> None:
        """Keep the kind of routes, what can be said in them, and where the application is."""
        self.features = features
        self._kind = kind
        self._site = site

    @abc.abstractmethod
    def attached(self, site: Site, route: Route) -> Attached:
        """Return how a route of ours is written."""

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the Services of the application, and its route."""
        site = self._site.of(key)
        return (*services.refs(site), ref(site, self._kind))

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """Return the Services and the route that divides the requests between them."""
        site = self._site.of(key)
        if route is None:
            return removed(site, self._kind, found) | services.unneeded(site, None, found)
        services.demand(route, self.features)
        one = written(site, route, found, self.attached(site, route))
        return {
            **services.wanted(site, route, found),
            ref(site, self._kind): one,
            **services.unneeded(site, route, found),
        }

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the Services and the weights of the rules carry out."""
        site = self._site.of(key)
        route = weighted(key, site, self._kind, found)
        if route is None:
            return None
        return read(site, route, found, self.attached(site, route))


def ref(site: Site, kind: str) -> Ref:
    """Return the name of the route."""
    return site.ref or site.named(kind, site.name)


def written(site: Site, route: Route, found: Documents, attached: Attached) -> Document:
    """
    Return the route: ours, or a user's with the revisions in the place of the root Service.

    ``Missing`` where a user's is not there; ``Rejected`` where one is in our place, or where it
    does not name the application.
    """
    there = found.get(ref(site, attached.kind))
    if site.ref is not None:
        guest.demand(site.ref, there, rules.HTTP, rules.GRPC)
    if site.ref is not None and there is not None:
        return guest.divided(site, route, there, theirs.lists(site, there))
    if there is not None and not services.ours(there):
        raise Rejected(
            f"{attached.kind} {site.namespace}/{site.name} is there and was not made by Serinus",
            hint=f"name it in the application's route.ref (kind: {attached.kind}), or remove it",
        )
    return attached.document(site, route)


def removed(site: Site, kind: str, found: Documents) -> dict[Ref, Document | None]:
    """Return the removal of our route, or a user's as it was before us."""
    name = ref(site, kind)
    there = found.get(name)
    if there is None:
        return {}
    if site.ref is not None:
        return {name: guest.restored(site, there, theirs.lists(site, there))}
    return {name: None} if services.ours(there) else {}


def weighted(key: Key, site: Site, kind: str, found: Documents) -> Route | None:
    """Return the route with the weights of the rules, None where there is none."""
    there = found.get(ref(site, kind)) or {}
    said = seen.told_of(site, found)
    if said is None:
        return None
    if site.ref is not None:
        weights = guest.weights(site, said, there, theirs.lists(site, there))
    else:
        weights = _weights(there)
    return seen.route(key, site, found, weights)


def read(site: Site, route: Route, found: Documents, attached: Attached) -> Route:
    """Return a route as it is read: another one, at no host, where somebody has changed ours."""
    if site.ref is not None:
        return route
    there = found.get(ref(site, attached.kind)) or {}
    return route if attached.carried_out(site, route, there) else replace(route, host="")


def _weights(document: Document) -> dict[str, int]:
    """Return the weights of the last rule, which is for all requests."""
    found = document.get("spec", {}).get("rules") or [{}]
    targets = found[-1].get("backendRefs") or []
    return {str(t.get("name")): int(t.get("weight", 1)) for t in targets}
