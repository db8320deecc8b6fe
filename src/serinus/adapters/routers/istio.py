"""
Istio: a VirtualService with weights, in the mesh, at gateways, or as part of another one.

Either the VirtualService is ours::

    router:
      istio:
        gateways: [mesh, istio-system/public]
        protocol: http            # or tcp: weights alone
        destinationRule: shop     # a user's, whose traffic policy holds for the revisions too

or the application takes part in a user's (``route.ref``). There only the weights of its own
destinations are changed, in routes for HTTP, TCP and TLS, and all else stays.
"""

from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from serinus.adapters.routers.istio_parts import names, policies, rules, theirs
from serinus.adapters.routers.kubernetes_parts import drift, guest, seen, services
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Feature, Ref, Route
from serinus.ports.failures import Rejected

KIND = "VirtualService"
VERSION = "networking.istio.io/v1"
MESH = "mesh"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """
    How a VirtualService is made.

    ``gateways``: ``mesh`` is the sidecars of all that call the application; others are Gateways,
    ``namespace/name``, at which it is reached by its host. ``delegate``: it has neither hosts nor
    gateways, and a VirtualService of a user's hands it requests (``http[].delegate``).
    ``destination_rule``: the name of a user's, whose traffic policy each revision gets.
    ``cluster_domain``: how names of Services end.
    """

    gateways: list[str] = msgspec.field(default_factory=lambda: [MESH])
    protocol: Literal["http", "tcp"] = "http"
    delegate: bool = False
    destination_rule: str = ""
    cluster_domain: str = "cluster.local"


class Router:
    """Write routes down as VirtualServices, and read them back."""

    features: Feature

    def __init__(self, settings: Settings | None = None, site: Site | None = None) -> None:
        """Keep how routes are made, and where the application is."""
        self._settings = settings or Settings()
        self._site = site or Site()
        self.features = _features(self._settings, self._site)

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the Services of the application, its VirtualService, and DestinationRules."""
        site, rule = self._site.of(key), self._settings.destination_rule
        further = policies.refs(site, rule) if rule else ()
        return (*services.refs(site), self._ref(site), *further)

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """Return the Services, and the VirtualService that sends requests to them."""
        site = self._site.of(key)
        ref = self._ref(site)
        there = found.get(ref)
        if route is None:
            gone = {} if there is None else {ref: self._restored(site, there)}
            return {
                **gone,
                **policies.unneeded(site, {}, found),
                **services.unneeded(site, None, found),
            }
        services.demand(route, self.features)
        ruled = self._policies(site, route, found)
        return {
            **services.wanted(site, route, found),
            **ruled,
            ref: self._document(site, route, there),
            **policies.unneeded(site, ruled, found),
            **services.unneeded(site, route, found),
        }

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the Services and the weights of the destinations carry out."""
        site = self._site.of(key)
        there = found.get(self._ref(site)) or {}
        said = seen.told_of(site, found)
        if said is None:
            return None
        if site.ref is not None:
            weights = guest.weights(site, said, there, self._lists(site, there))
        else:
            weights = self._weights(site, there)
        result = seen.route(key, site, found, weights)
        if result is None:
            return None
        same = site.ref is not None or drift.same(self._spec(site, result), there.get("spec"))
        return result if same and self._ruled(site, result, found) else replace(result, host="")

    def _ref(self, site: Site) -> Ref:
        return site.ref or site.named(KIND, site.name)

    def _lists(self, site: Site, there: Document) -> guest.Lists:
        return theirs.lists(site, self._settings.cluster_domain, there)

    def _policies(self, site: Site, route: Route, found: Documents) -> dict[Ref, Document | None]:
        rule = self._settings.destination_rule
        domain = self._settings.cluster_domain
        return policies.wanted(site, domain, route, rule, found) if rule else {}

    def _ruled(self, site: Site, route: Route, found: Documents) -> bool:
        rule, domain = self._settings.destination_rule, self._settings.cluster_domain
        return not rule or policies.same(site, domain, route, rule, found)

    def _document(self, site: Site, route: Route, there: Document | None) -> Document:
        if site.ref is not None:
            guest.demand(site.ref, there, KIND)
        if site.ref is not None and there is not None:
            return guest.divided(site, route, there, self._lists(site, there))
        if there is not None and not services.ours(there):
            raise Rejected(
                f"{KIND} {site.namespace}/{site.name} is there and was not made by Serinus",
                hint=f"name it in the application's route.ref (kind: {KIND}), or remove it",
            )
        return site.document(VERSION, KIND, site.name, self._spec(site, route))

    def _restored(self, site: Site, there: Document) -> Document | None:
        if site.ref is not None:
            return guest.restored(site, there, self._lists(site, there))
        return None if services.ours(there) else there

    def _spec(self, site: Site, route: Route) -> dict[str, Any]:
        protocol, domain = self._settings.protocol, self._settings.cluster_domain
        write = rules.http if protocol == "http" else rules.tcp
        found: dict[str, Any] = {protocol: write(site, domain, route)}
        if self._settings.delegate:
            return found
        gateways = list(self._settings.gateways)
        inside = [names.host(site, domain, site.name)] if MESH in gateways else []
        host = site.host or route.host
        outside = [host] if host and set(gateways) - {MESH} else []
        hosts = list(dict.fromkeys([*inside, *outside]))
        return {"hosts": hosts, "gateways": gateways, **found}

    def _weights(self, site: Site, there: Document) -> dict[str, int]:
        """Return the weights of the last route, which is for all requests."""
        domain = self._settings.cluster_domain
        routes = there.get("spec", {}).get(self._settings.protocol) or [{}]
        found: dict[str, int] = {}
        for target in routes[-1].get("route") or []:
            host = str(target.get("destination", {}).get("host", ""))
            service = names.service(site, domain, host, site.namespace) or host
            found[service] = found.get(service, 0) + int(target.get("weight", 0))
        return found


def _features(settings: Settings, site: Site) -> Feature:
    """Return what can be said: weights alone for connections, and in an object of a user's."""
    weights = Feature.WEIGHT | Feature.MANY
    if site.ref is not None or settings.protocol == "tcp":
        return weights
    matched = Feature.HEADER | Feature.COOKIE | Feature.QUERY | Feature.COMBINED
    return weights | matched | Feature.MIRROR | Feature.EDITS
