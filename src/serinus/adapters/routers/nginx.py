"""
ingress-nginx: a second Ingress with canary annotations.

::

    Ingress shop           the host; made by us, or the user's, in which we change the backend
    │  └─ Service shop-3f2a9c01d4
    └─ Ingress shop-serinus   canary-weight 10 of 1000, canary-by-header; only while it is needed
       └─ Service shop-8b11e07aa2

There is one canary for a host, so two revisions share the requests and no third. One header
chooses, or one cookie. Whoever reads these annotations will do: Traefik does as well.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from serinus.adapters.routers.kubernetes_parts import drift, seen, services
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.adapters.routers.nginx_parts import annotations, theirs
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Feature, Ref, Route

VERSION = "networking.k8s.io/v1"
_READ = f"{annotations.PREFIX}/proxy-read-timeout"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """
    For the Ingress that is made by us; that of a user has its own.

    ``ingressClass``: which controller it is for. ``tlsSecret``: the certificate of the host, none
    if empty.
    """

    ingress_class: str = "nginx"
    tls_secret: str = ""


class Router:
    """Write routes down for ingress-nginx, and read them back."""

    features = Feature.WEIGHT | Feature.HEADER | Feature.COOKIE

    def __init__(self, settings: Settings | None = None, site: Site | None = None) -> None:
        """Keep how the controller is set up and what is known of the application."""
        self._settings = settings or Settings()
        self._site = site or Site()

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the documents of the application, the user's Ingress included."""
        site = self._site.of(key)
        user = () if site.ref is None else (site.ref,)
        return (*services.refs(site), _main(site), _canary(site), *user)

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """Return the documents for the route, or their removal."""
        site = self._site.of(key)
        if route is None:
            return _left(site, found)
        services.demand(route, self.features)
        objects = _objects(site, self._settings, route, found)
        mine = {ref: d for ref, d in objects.items() if ref != site.ref}
        services.unclaimed(mine, found, theirs.KIND)
        return {
            **services.wanted(site, route, found),
            **objects,
            **_unneeded(site, found, objects),
            **services.unneeded(site, route, found),
        }

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the documents carry out; one without a host where they do not."""
        site = self._site.of(key)
        told = seen.told_of(site, found)
        route = seen.route(key, site, found, _weights(site, found))
        if route is None or told is None:
            return None
        main, canary = site.ref or _main(site), _canary(site)
        if main not in found or not theirs.named(site, found[main]):
            return replace(route, host="")
        objects = _objects(site, self._settings, told, found)
        if not _agrees(objects.get(canary), found.get(canary)):
            route = replace(route, host="", matches=(), matched="")
        if not drift.same(objects[main]["spec"], found[main]["spec"]):
            route = replace(route, host="")
        return route


class _Pair(NamedTuple):
    """The revision that gets the rest, and the one that gets a weight or what is chosen."""

    main: str
    canary: str | None


def _main(site: Site) -> Ref:
    return site.named(theirs.KIND, site.name)


def _canary(site: Site) -> Ref:
    return site.named(theirs.KIND, f"{site.name}-serinus")


def _pair(route: Route) -> _Pair:
    """Return who stands where: whom requests are chosen for can only be the canary."""
    first = services.called(route)
    taking = [b.revision for b in route.backends if b.weight]
    if route.matches and route.matched not in taking:
        taking.append(route.matched)
    if len(taking) == 1:
        return _Pair(taking[0], None)
    canary = route.matched or next(revision for revision in taking if revision != first)
    return _Pair(next(revision for revision in taking if revision != canary), canary)


def _objects(site: Site, settings: Settings, route: Route, found: Documents) -> dict[Ref, Document]:
    """Return the Ingresses for a route, that of a user as it should be."""
    pair = _pair(route)
    main = _backend(site, pair.main)
    result: dict[Ref, Document] = {}
    if site.ref is None:
        ref, whole = _main(site), _ours(site, settings, route, main)
    else:
        ref, whole = site.ref, theirs.taken(site, site.ref, found.get(site.ref), main)
    result[ref] = whole
    if pair.canary is not None:
        fields, marks = theirs.entered(whole)
        spec = fields | {"rules": theirs.rules(site, whole, _backend(site, pair.canary))}
        written = annotations.written(route.weight(pair.canary), route.matches)
        canary = site.document(VERSION, theirs.KIND, f"{site.name}-serinus", spec)
        result[_canary(site)] = services.marked(canary, marks | written)
    return result


def _ours(site: Site, settings: Settings, route: Route, backend: Mapping[str, Any]) -> Document:
    host = site.host or route.host
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    spec: dict[str, Any] = {
        "ingressClassName": settings.ingress_class,
        "rules": [{"host": host, "http": {"paths": [path]}}],
    }
    if settings.tls_secret:
        spec["tls"] = [{"hosts": [host], "secretName": settings.tls_secret}]
    document = site.document(VERSION, theirs.KIND, site.name, spec)
    return services.marked(document, {_READ: str(math.ceil(route.timeout_s))})


def _backend(site: Site, revision: str) -> dict[str, Any]:
    return {"service": {"name": services.name(site, revision), "port": {"number": site.port}}}


def _weights(site: Site, found: Documents) -> dict[str, int]:
    """Return the weights that the Ingresses carry out, by the names of the Services."""
    main = theirs.named(site, found.get(site.ref or _main(site), {}))
    other = found.get(_canary(site), {})
    metadata = other.get("metadata", {})
    weight, whole = annotations.weights(metadata.get("annotations") or {})
    result = dict.fromkeys(theirs.named(site, other), weight)
    for name in main:
        result[name] = result.get(name, 0) + whole - weight
    return result


def _agrees(wanted: Document | None, found: Document | None) -> bool:
    """Tell whether a canary is as it should be, but for its weight, which is read by itself."""
    if wanted is None or found is None:
        return wanted is found
    said = {"metadata": _bare(wanted), "spec": wanted["spec"]}
    return drift.same(said, {"metadata": _bare(found), "spec": found.get("spec")})


def _bare(document: Document) -> dict[str, Any]:
    """Return the annotations of a canary that are not its weight."""
    marks = document.get("metadata", {}).get("annotations") or {}
    prefix, weight = annotations.CANARY, (annotations.WEIGHT, annotations.TOTAL)
    return {n: text for n, text in marks.items() if n.startswith(prefix) and n not in weight}


def _unneeded(
    site: Site, found: Documents, objects: Mapping[Ref, Document]
) -> dict[Ref, Document | None]:
    """Return the removal of Ingresses of ours that the route does not need."""
    mine = (_canary(site), _main(site))
    return {
        ref: None
        for ref in mine
        if ref in found and ref not in objects and services.of_site(site, found[ref])
    }


def _left(site: Site, found: Documents) -> dict[Ref, Document | None]:
    """
    Return what is to be done when the application leaves.

    The canary goes first: without it all requests go where the other Ingress sends them.
    """
    result = _unneeded(site, found, {})
    if site.ref is not None and site.ref in found:
        result[site.ref] = theirs.restored(site, found[site.ref])
    return {**result, **services.unneeded(site, None, found)}
