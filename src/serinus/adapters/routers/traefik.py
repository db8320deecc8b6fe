"""
Traefik: a TraefikService that parts the requests between the Services of the revisions.

::

    IngressRoute shop           the host; made by us, or the user's, in which we take one place
    ├─ TraefikService shop      the weights, as they are: 990 and 10
    │  ├─ Service shop-3f2a9c01d4
    │  └─ Service shop-8b11e07aa2   with a Middleware where headers are edited on the way
    ├─ TraefikService shop-serinus-matched   while requests are chosen: the revision they go to
    └─ TraefikService shop-serinus-copied    while requests are copied: the split, and a mirror

Matches, and methods that alone are copied, are routes of their own, which come before the host's
(``priority``). Where the IngressRoute is a user's, they stand in one of ours beside it. All of them
lead to TraefikServices, never to a Service: so Traefik counts by revision, and not by rule. It
keeps a user on a pod, not on a side: stickiness of ours it does not have.

Traefik gives up a whole TraefikService when one Service of it has no ready pod, and answers 404 to
everybody. So a revision without a weight is not named. For one that has a weight, start Traefik
with ``--providers.kubernetescrd.allowemptyservices=true``: when the only pod of a candidate dies,
then nobody but those who were sent there notices.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from serinus.adapters.routers.kubernetes_parts import drift, seen, services
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.adapters.routers.traefik_parts import rules, theirs
from serinus.core.spec.requests import Edits
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Feature, Mirror, Ref, Route

VERSION = "traefik.io/v1alpha1"
_LARGEST_COPY = 1 << 20
"""Bytes of a body: Traefik holds it in memory to send it twice."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """
    For the IngressRoute that is made by us; that of a user has its own.

    ``entryPoints``: where Traefik listens, all if empty. ``tlsSecret``, ``certResolver``: where the
    certificate of the host comes from; without either it is served without TLS.
    """

    entry_points: tuple[str, ...] = ()
    tls_secret: str = ""
    cert_resolver: str = ""


class Router:
    """Write routes down for Traefik, and read them back."""

    features = (
        Feature.WEIGHT
        | Feature.HEADER
        | Feature.COOKIE
        | Feature.QUERY
        | Feature.MIRROR
        | Feature.EDITS
        | Feature.MANY
        | Feature.COMBINED
    )

    def __init__(self, settings: Settings | None = None, site: Site | None = None) -> None:
        """Keep how Traefik is set up and what is known of the application."""
        self._settings = settings or Settings()
        self._site = site or Site()

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the documents of the application, the user's IngressRoute included."""
        site = self._site.of(key)
        user = () if site.ref is None else (site.ref,)
        middlewares = site.named("Middleware", f"{site.name}-*")
        return (*services.refs(site), *_fixed(site), middlewares, *user)

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """Return the documents for the route, or their removal."""
        site = self._site.of(key)
        if route is None:
            return _left(site, found)
        services.demand(route, self.features)
        user = found.get(site.ref) if site.ref else None
        taken: dict[Ref, Document] = {}
        if site.ref is not None:
            taken[site.ref] = user = theirs.taken(site, site.ref, user)
        objects = _objects(site, self._settings, route, user)
        services.unclaimed(objects, found, theirs.KIND)
        return {
            **services.wanted(site, route, found),
            **objects,
            **taken,
            **_unneeded(site, found, objects),
            **services.unneeded(site, route, found),
        }

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the documents carry out; one without a host where they do not."""
        site = self._site.of(key)
        split = found.get(site.named(theirs.SPLIT, site.name), {})
        route = seen.route(key, site, found, _weights(split))
        told = seen.told_of(site, found)
        if route is None or told is None:
            return None
        user = found.get(site.ref) if site.ref else None
        objects = _objects(site, self._settings, replace(told, backends=route.backends), user)
        astray = {ref.kind for ref, d in objects.items() if not drift.same(d, found.get(ref, {}))}
        if site.ref is not None and not theirs.led(site, user):
            astray.add(theirs.SPLIT)
        if theirs.KIND in astray:
            route = replace(route, matches=(), matched="", mirror=None)
        return replace(route, host="") if astray else route


def _fixed(site: Site) -> tuple[Ref, ...]:
    """Return the documents that have a name of their own."""
    return (
        site.named("ServersTransport", site.name),
        site.named(theirs.SPLIT, site.name),
        site.named(theirs.SPLIT, _matched(site)),
        site.named(theirs.SPLIT, _copied(site)),
        site.named(theirs.KIND, site.name),
        site.named(theirs.KIND, _further(site)),
    )


def _further(site: Site) -> str:
    return f"{site.name}-serinus"


def _matched(site: Site) -> str:
    return f"{_further(site)}-matched"


def _copied(site: Site) -> str:
    return f"{_further(site)}-copied"


def _objects(
    site: Site, settings: Settings, route: Route, user: Document | None
) -> dict[Ref, Document]:
    """Return the objects of Traefik for a route, in the order in which they need each other."""
    spoken = theirs.carried(site, user)
    found: list[tuple[str, str, dict[str, Any]]] = []
    if "serversTransport" not in spoken:
        spoken["serversTransport"] = site.name
        timeout = f"{round(route.timeout_s * 1000)}ms"
        transport = {"forwardingTimeouts": {"responseHeaderTimeout": timeout}}
        found.append(("ServersTransport", site.name, transport))
    for name, edits in _edits(site, route).items():
        found.append(("Middleware", name, _edited(edits)))
    split = [
        _reference(site, services.name(site, b.revision), route, spoken) | {"weight": b.weight}
        for b in route.backends
        if b.weight  # see above: its pods may be gone
    ]
    found.append((theirs.SPLIT, site.name, {"weighted": {"services": split}}))
    if route.matches:
        only = _reference(site, services.name(site, route.matched), route, spoken)
        found.append((theirs.SPLIT, _matched(site), {"weighted": {"services": [only]}}))
    if route.mirror is not None:
        found.append((theirs.SPLIT, _copied(site), _mirroring(site, route, route.mirror, spoken)))
    routes = _routes(site, route, user)
    if routes:
        name = site.name if site.ref is None else _further(site)
        found.append((theirs.KIND, name, _entry(settings, user) | {"routes": routes}))
    return {
        site.named(kind, name): site.document(VERSION, kind, name, spec)
        for kind, name, spec in found
    }


def _routes(site: Site, route: Route, user: Document | None) -> list[dict[str, Any]]:
    """Return the routes of our IngressRoute: matches, what is copied, and all where it is ours."""
    bases: Sequence[Mapping[str, Any]] = [{"match": rules.host(site.host or route.host)}]
    if site.ref is not None:
        bases = theirs.leading(site, user or {})
    found: list[dict[str, Any]] = []
    for base in bases:
        rule, before = base["match"], {k: v for k, v in base.items() if k == "middlewares"}
        priority = base.get("priority") or len(rule)
        if route.matches:
            chosen = rules.both(rule, rules.matches(route.matches))
            found.append(_route(chosen, priority + 2, _matched(site)) | before)
        if route.mirror is not None:
            copied = rules.both(rule, rules.methods(route.mirror.methods))
            found.append(_route(copied, priority + 1, _copied(site)) | before)
        if site.ref is None:
            found.append(_route(rule, priority, site.name))
    return found


def _route(rule: str, priority: int, name: str) -> dict[str, Any]:
    entry = {"name": name, "kind": theirs.SPLIT}
    return {"match": rule, "kind": "Rule", "priority": priority, "services": [entry]}


def _entry(settings: Settings, user: Document | None) -> dict[str, Any]:
    """Return where our IngressRoute is entered: as the settings say, or as the user's is."""
    if user is not None:
        names = ("entryPoints", "tls", "ingressClassName", "parentRefs")
        spec = user.get("spec", {})
        return {name: spec[name] for name in names if name in spec}
    found: dict[str, Any] = {}
    if settings.entry_points:
        found["entryPoints"] = list(settings.entry_points)
    tls = {"secretName": settings.tls_secret, "certResolver": settings.cert_resolver}
    if any(tls.values()):
        found["tls"] = {name: value for name, value in tls.items() if value}
    return found


def _mirroring(
    site: Site, route: Route, mirror: Mirror, spoken: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a split of which some requests are copied; Traefik counts these in whole per cent."""
    copies = _reference(site, services.copies(site, mirror.revision), route, spoken)
    split = {"kind": theirs.SPLIT, "name": site.name, "maxBodySize": _LARGEST_COPY}
    return {"mirroring": split | {"mirrors": [copies | {"percent": -(-mirror.share // 10)}]}}


def _reference(site: Site, name: str, route: Route, spoken: Mapping[str, Any]) -> dict[str, Any]:
    """Return the reference to a Service, with its edits."""
    middlewares = list(spoken.get("middlewares", ()))
    if name in _edits(site, route):
        middlewares.append({"name": name})
    further = {"middlewares": middlewares} if middlewares else {}
    return {"name": name, "kind": services.KIND, "port": site.port, **spoken, **further}


def _edits(site: Site, route: Route) -> dict[str, Edits]:
    """Return the edits on the way to each Service that has any, by its name."""
    found = {services.name(site, b.revision): b.edits for b in route.backends}
    if route.mirror is not None:
        found[services.copies(site, route.mirror.revision)] = route.mirror.edits
    return {name: edits for name, edits in found.items() if edits != Edits()}


def _edited(edits: Edits) -> dict[str, Any]:
    """An empty value removes a header."""
    headers = dict(edits.set) | dict.fromkeys(edits.remove, "")
    return {"headers": {"customRequestHeaders": headers}}


def _weights(split: Mapping[str, Any]) -> dict[str, int]:
    listed = split.get("spec", {}).get("weighted", {}).get("services") or ()
    return {entry["name"]: int(entry.get("weight", 1)) for entry in listed}


def _unneeded(
    site: Site, found: Documents, objects: Mapping[Ref, Document]
) -> dict[Ref, Document | None]:
    """Return the removal of objects of ours that the route does not need, users of others first."""
    middlewares = site.named("Middleware", f"{site.name}-*")
    ours = [
        *(ref for ref in reversed(_fixed(site)) if ref in found and services.ours(found[ref])),
        *(ref for ref in found if middlewares.covers(ref) and services.of_site(site, found[ref])),
    ]
    return {ref: None for ref in ours if ref not in objects}


def _left(site: Site, found: Documents) -> dict[Ref, Document | None]:
    """Return what is to be done when the application leaves: the user's object first."""
    result: dict[Ref, Document | None] = {}
    if site.ref is not None and site.ref in found:
        result[site.ref] = theirs.restored(site, found[site.ref])
    return {**result, **_unneeded(site, found, {}), **services.unneeded(site, None, found)}
