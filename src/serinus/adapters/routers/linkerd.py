"""
Linkerd: a route of Gateway API whose parent is the application's own Service.

::

    router:
      linkerd:
        route: HTTPRoute          # or GRPCRoute

The proxies of all that call the Service divide their requests by the route's weights. Linkerd reads
HTTPRoutes and GRPCRoutes of the group ``gateway.networking.k8s.io`` (since 2.14); the HTTPRoute of
its own group ``policy.linkerd.io`` says the same in an older way, and is not written here.
"""

from typing import Any, Literal

import msgspec

from serinus.adapters.routers.gatewayapi_parts import attached, rules
from serinus.adapters.routers.kubernetes_parts import services
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.traffic import Feature, Route

TIMEOUT = "timeout.linkerd.io/request"
"""An annotation of a route: Linkerd reads the time-out of HTTPRoutes and GRPCRoutes from there."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """How routes are made: ``route`` is their kind."""

    route: Literal["HTTPRoute", "GRPCRoute"] = "HTTPRoute"


class Router(attached.Router):
    """Write routes down for Linkerd, and read them back."""

    def __init__(self, settings: Settings | None = None, site: Site | None = None) -> None:
        """Keep how routes are made, and where the application is."""
        self._settings = settings or Settings()
        site = site or Site()
        super().__init__(self._settings.route, _features(self._settings, site), site)

    def attached(self, site: Site, route: Route) -> attached.Attached:
        """Return a route that is attached to the Service of the application."""
        noted = {TIMEOUT: _duration(route.timeout_s)}
        return attached.Attached(self._settings.route, [_parent(site)], annotations=noted)


def _parent(site: Site) -> dict[str, Any]:
    return {
        "group": "",
        "kind": services.KIND,
        "namespace": site.namespace,
        "name": site.name,
        "port": site.port,
    }


def _duration(seconds: float) -> str:
    """Return a time as Linkerd reads it: one number with its unit."""
    milliseconds = max(1, round(seconds * 1000))
    whole, rest = divmod(milliseconds, 1000)
    return f"{milliseconds}ms" if rest else f"{whole}s"


def _features(settings: Settings, site: Site) -> Feature:
    """Return what can be said: weights alone in a user's route. Linkerd copies nothing."""
    weights = Feature.WEIGHT | Feature.MANY
    if site.ref is not None:
        return weights
    found = weights | Feature.HEADER | Feature.COOKIE | Feature.COMBINED | Feature.EDITS
    return found | Feature.QUERY if settings.route == rules.HTTP else found
