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
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Feature, Ref, Route

TIMEOUT = "timeout.linkerd.io/request"
"""An annotation of a route: Linkerd reads the time-out of HTTPRoutes and GRPCRoutes from there."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """How routes are made: ``route`` is their kind."""

    route: Literal["HTTPRoute", "GRPCRoute"] = "HTTPRoute"


class Router:
    """Write routes down for Linkerd, and read them back."""

    features: Feature

    def __init__(self, settings: Settings | None = None, site: Site | None = None) -> None:
        """Keep how routes are made, and where the application is."""
        self._settings = settings or Settings()
        self._site = site or Site()
        self.features = _features(self._settings, self._site)

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the Services of the application, and its route."""
        site = self._site.of(key)
        return (*services.refs(site), attached.ref(site, self._settings.route))

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """Return the Services and the route that divides the requests for the root's."""
        site, kind = self._site.of(key), self._settings.route
        if route is None:
            return attached.removed(site, kind, found) | services.unneeded(site, None, found)
        services.demand(route, self.features)
        written = attached.written(site, route, found, self._attached(site, route))
        return {
            **services.wanted(site, route, found),
            attached.ref(site, kind): written,
            **services.unneeded(site, route, found),
        }

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the Services and the weights of the rules carry out."""
        site = self._site.of(key)
        route = attached.weighted(key, site, self._settings.route, found)
        if route is None:
            return None
        return attached.read(site, route, found, self._attached(site, route))

    def _attached(self, site: Site, route: Route) -> attached.Attached:
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
