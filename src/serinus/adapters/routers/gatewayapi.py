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

from typing import Any, Literal

import msgspec

from serinus.adapters.routers.gatewayapi_parts import attached, rules
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.traffic import Feature, Route


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


class Router(attached.Router):
    """Write routes down as HTTPRoutes or GRPCRoutes, and read them back."""

    def __init__(self, settings: Settings | None = None, site: Site | None = None) -> None:
        """Keep how routes are made, and where the application is."""
        self._settings = settings or Settings()
        site = site or Site()
        super().__init__(self._settings.route, _features(self._settings, site), site)

    def attached(self, site: Site, route: Route) -> attached.Attached:
        """Return a route that is attached to the Gateway."""
        gateway = self._settings.gateway
        parents = [] if gateway is None else [_parent(site, gateway)]
        return attached.Attached(self._settings.route, parents, site.host or route.host)


def _parent(site: Site, gateway: Gateway) -> dict[str, Any]:
    section = {"sectionName": gateway.section_name} if gateway.section_name else {}
    where = gateway.namespace or site.namespace
    return {
        "group": attached.GROUP,
        "kind": "Gateway",
        "namespace": where,
        "name": gateway.name,
        **section,
    }


def _features(settings: Settings, site: Site) -> Feature:
    """Return what can be said: weights alone in a user's route."""
    if site.ref is not None:
        return Feature.WEIGHT | Feature.MANY
    found = Feature.WEIGHT | Feature.MANY | Feature.EDITS
    found |= Feature.HEADER | Feature.COOKIE | Feature.COMBINED
    if settings.route == rules.HTTP:
        found |= Feature.QUERY
    return found | Feature.MIRROR if settings.mirror else found
