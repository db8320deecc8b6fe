"""
Gateway API: an HTTPRoute or a GRPCRoute with weights, for any gateway that reads them.

Either the route is ours::

    router:
      gatewayapi:
        gateway: {name: web, namespace: infra, sectionName: https}
        route: HTTPRoute

or the application takes part in a route that is a user's (``route.ref`` of the application). There
only the weights of its own targets are changed, and its filters, matches and other rules stay.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from serinus.adapters.routers.gatewayapi_parts import rules, theirs
from serinus.adapters.routers.kubernetes_parts import drift, guest, seen, services
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Feature, Ref, Route
from serinus.ports.failures import Missing, Rejected

GROUP = "gateway.networking.k8s.io"
VERSION = f"{GROUP}/v1"
FIELDS = frozenset(
    {
        *("filters", "matches", "timeouts", "headers", "queryParams", "method", "hostnames"),
        *("add", "set", "remove", "namespace", "sectionName", "retry", "sessionPersistence"),
    }
)
"""What the API server never fills in by itself."""


class Gateway(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """
    The Gateway that a route of ours is attached to.

    ``namespace`` empty: the application's. ``section_name`` names one of its listeners; empty: all.
    """

    name: str
    namespace: str = ""
    section_name: str = ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """
    How routes are made.

    ``gateway`` is not needed where every application takes part in a route of a user's. ``mirror``:
    the gateway supports HTTPRouteRequestMirror and HTTPRouteRequestPercentageMirror, as the
    ``supportedFeatures`` in the status of its GatewayClass tell. One that does not may answer
    requests with an error instead of copying them.
    """

    gateway: Gateway | None = None
    route: Literal["HTTPRoute", "GRPCRoute"] = "HTTPRoute"
    mirror: bool = False


class Router:
    """Write routes down as HTTPRoutes or GRPCRoutes, and read them back."""

    def __init__(self, settings: Settings | None = None, site: Site | None = None) -> None:
        """Keep how routes are made, and where the application is."""
        self._settings = settings or Settings()
        self._site = site or Site()

    @property
    def features(self) -> Feature:
        """Return what can be said: weights alone in a user's route."""
        if self._site.ref is not None:
            return Feature.WEIGHT | Feature.MANY
        found = Feature.WEIGHT | Feature.MANY | Feature.EDITS
        found |= Feature.HEADER | Feature.COOKIE | Feature.COMBINED
        if self._settings.route == rules.HTTP:
            found |= Feature.QUERY
        return found | Feature.MIRROR if self._settings.mirror else found

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the Services of the application, and its route."""
        site = self._site.of(key)
        return (*services.refs(site), self._ref(site))

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """Return the Services and the route that sends requests to them."""
        site = self._site.of(key)
        ref = self._ref(site)
        there = found.get(ref)
        if route is None:
            gone = {ref: self._restored(site, there)} if there is not None else {}
            return {**gone, **services.unneeded(site, None, found)}
        services.demand(route, self.features)
        return {
            **services.wanted(site, route, found),
            ref: self._document(site, route, there),
            **services.unneeded(site, route, found),
        }

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the Services and the weights of the rules carry out."""
        site = self._site.of(key)
        there = found.get(self._ref(site)) or {}
        said = seen.told_of(site, found)
        if said is None:
            return None
        if site.ref is not None:
            weights = guest.weights(site, said, there, theirs.lists(site, there))
            return seen.route(key, site, found, weights)
        result = seen.route(key, site, found, _weights(there))
        if result is None:
            return None
        wanted = self._spec(site, result)
        return result if drift.same(wanted, there.get("spec"), FIELDS) else replace(result, host="")

    def _ref(self, site: Site) -> Ref:
        return site.ref or site.named(self._settings.route, site.name)

    def _document(self, site: Site, route: Route, there: Document | None) -> Document:
        if site.ref is not None:
            if there is None:
                raise Missing(f"{site.ref.kind} {site.ref.name} is not there, want the route.ref")
            return guest.divided(site, route, there, theirs.lists(site, there))
        kind = self._settings.route
        if there is not None and not services.ours(there):
            raise Rejected(
                f"{kind} {site.namespace}/{site.name} is there and was not made by Serinus",
                hint=f"name it in the application's route.ref (kind: {kind}), or remove it",
            )
        return site.document(VERSION, kind, site.name, self._spec(site, route))

    def _spec(self, site: Site, route: Route) -> dict[str, Any]:
        bare = route if self._settings.mirror else replace(route, mirror=None)
        write = rules.http if self._settings.route == rules.HTTP else rules.grpc
        host = site.host or route.host
        spec: dict[str, Any] = {"hostnames": [host]} if host else {}
        gateway = self._settings.gateway
        if gateway is not None:
            spec["parentRefs"] = [_parent(site, gateway)]
        return spec | {"rules": write(site, bare)}

    @staticmethod
    def _restored(site: Site, there: Document) -> Document | None:
        if site.ref is not None:
            return guest.restored(site, there, theirs.lists(site, there))
        return None if services.ours(there) else there


def _parent(site: Site, gateway: Gateway) -> dict[str, Any]:
    section = {"sectionName": gateway.section_name} if gateway.section_name else {}
    where = gateway.namespace or site.namespace
    return {"group": GROUP, "kind": "Gateway", "namespace": where, "name": gateway.name, **section}


def _weights(document: Mapping[str, Any]) -> dict[str, int]:
    """Return the weights of the last rule, which is for all requests."""
    found = document.get("spec", {}).get("rules") or [{}]
    targets = found[-1].get("backendRefs") or []
    return {str(t.get("name")): int(t.get("weight", 1)) for t in targets}
