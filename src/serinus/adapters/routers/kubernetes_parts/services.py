"""
The Services of an application, the same for every router of a cluster.

::

    Service shop                     what people call: the stable revision, then the promoted one
    ├─ Service shop-3f2a9c01d4       the serving pods of a revision, one for each backend
    └─ Service shop-…-copies         the same pods, for copies of requests, counted apart

The Service of a revision tells in an annotation whom it stands for. The platform carries that out:
pods that are not named get no requests. The root Service may be a user's: then nothing but its
selector is changed, and what was there stands in an annotation, until it is put back.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from serinus.adapters.routers.kubernetes_parts import told
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state import labels
from serinus.core.state.traffic import Document, Documents, Endpoint, Feature, Ref, Route
from serinus.ports.failures import Rejected

KIND = "Service"
TOTAL = 1000
HASH = "pod-template-hash"
"""A label of pods by which the platform may select those of a Deployment that is a user's."""

_COPIES = "-copies"
_HTTP = {"name": "http"}


class Backing(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """
    What a Service stands for: the annotation ``serinus.dev/endpoints``.

    ``serving``: the names of the endpoints that get requests, None for all of them. ``share``: what
    they get, in per mille, where that is not what was wanted.
    """

    revision: str
    endpoints: tuple[Endpoint, ...] = ()
    health_path: str | None = None
    serving: tuple[str, ...] | None = None
    share: int | None = None


def demand(route: Route, features: Feature) -> None:
    """Raise ``ValueError`` for a route that is no whole, or that a router has no features for."""
    whole = sum(b.weight for b in route.backends)
    if whole != TOTAL:
        raise ValueError(f"route {route.application}: the weights sum to {whole}, want {TOTAL}")
    if route.matches and route.matched not in {b.revision for b in route.backends}:
        raise ValueError(
            f"route {route.application}: {route.matched!r} is matched and is no backend"
        )
    lacking = route.needs() & ~features
    if lacking:
        names = ", ".join(str(f.name).lower() for f in lacking)
        raise ValueError(f"route {route.application}: this router cannot do: {names}")


def refs(site: Site) -> tuple[Ref, ...]:
    """Return the names of the Services: the root's, and what those of the revisions begin with."""
    return site.named(KIND, site.name), site.named(KIND, f"{site.name}-*")


def name(site: Site, revision: str) -> str:
    """Return the name of the Service of a revision."""
    return labels.of_revision(site.name, revision)


def copies(site: Site, revision: str) -> str:
    """Return the name of the Service by which a revision gets copies of requests."""
    return f"{name(site, revision)}{_COPIES}"


def backings(site: Site, route: Route) -> dict[str, Backing]:
    """Return what each Service of the route stands for, by its name."""
    found = {
        name(site, b.revision): Backing(b.revision, b.endpoints, b.health_path)
        for b in route.backends
    }
    mirror = route.mirror
    if mirror is not None:
        stood = Backing(mirror.revision, mirror.endpoints, mirror.health_path)
        found[copies(site, mirror.revision)] = stood
    return found


def wanted(
    site: Site,
    route: Route,
    found: Documents,
    *,
    among: Mapping[str, Backing] | None = None,
    selector: Mapping[str, str] | None = None,
) -> dict[Ref, Document | None]:
    """
    Return the Services that a route needs, those of revisions first, the root last.

    Args:
        site: where the application is.
        route: what is wanted.
        found: what is there now.
        among: what the Services stand for; None: all endpoints of the route serve.
        selector: what the root selects; None: the pods of :func:`called`.

    Returns:
        The documents, to be delivered before those that name the Services.
    """
    standing = backings(site, route) if among is None else among
    root = site.named(KIND, site.name)
    spoken = _spoken(site, found.get(root))
    result: dict[Ref, Document | None] = {
        site.named(KIND, name): _of_revision(site, name, backing, spoken)
        for name, backing in standing.items()
    }
    selects = dict(selector) if selector is not None else selected(site, called(route))
    result[root] = _root(site, route, selects, found.get(root))
    return result


def unneeded(site: Site, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
    """
    Return the removal of the Services that the route does not need, the user's put back.

    To be delivered after the documents that have named the Services.
    """
    standing = {} if route is None else backings(site, route)
    result: dict[Ref, Document | None] = {
        ref: None for ref in _ours(site, found) if _short(ref) not in standing
    }
    root = site.named(KIND, site.name)
    if route is None and root in found:
        result[root] = None if ours(found[root]) else restored(found[root])
    return result


def called(route: Route) -> str:
    """
    Return the revision that is called by the application's own name, inside the cluster.

    While the traffic is split that is stable, which is the first; then it is who gets everything.
    """
    first = route.backends[0]
    largest = max(route.backends, key=lambda b: b.weight)
    return first.revision if first.weight else largest.revision


def selected(site: Site, revision: str | None = None) -> dict[str, str]:
    """Return a selector for the serving pods of a revision, None for those of all revisions."""
    chosen = {} if revision is None else {labels.REVISION: labels.short(revision)}
    return {labels.APPLICATION: site.name, **chosen, labels.SERVING: "true"}


def backing(document: Mapping[str, Any] | None) -> Backing | None:
    """Return what a Service stands for; None when it is not there or does not say so."""
    text = None if document is None else told.annotation(document, labels.ENDPOINTS)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Backing)
    except msgspec.MsgspecError:  # somebody else has written there: we shall write again
        return None


def ours(document: Mapping[str, Any]) -> bool:
    """Tell whether an object was made by us."""
    found = document.get("metadata", {}).get("labels") or {}
    return bool(found.get(labels.MANAGED_BY) == labels.MANAGER)


def of_site(site: Site, document: Mapping[str, Any]) -> bool:
    """Tell whether an object was made by us for this application."""
    found = document.get("metadata", {}).get("labels") or {}
    return ours(document) and bool(found.get(labels.APPLICATION) == site.name)


def unclaimed(objects: Mapping[Ref, Document], found: Documents, kind: str) -> None:
    """Raise ``Rejected`` where somebody else has an object that would be written over."""
    for ref in objects:
        if ref in found and not ours(found[ref]):
            hint = f"name it in the application's route.ref (kind: {ref.kind}), or remove it"
            raise Rejected(
                f"{ref.kind} {ref.name} is there and was not made by Serinus",
                hint=hint
                if ref.kind == kind
                else "remove it, or give the application another name",
            )


def marked(document: Mapping[str, Any], notes: Mapping[str, str | None]) -> dict[str, Any]:
    """Return an object with annotations set, or left out where they are None."""
    metadata = dict(document.get("metadata", {}))
    found = {**(metadata.pop("annotations", None) or {}), **notes}
    kept = {name: text for name, text in found.items() if text is not None}
    if kept:
        metadata["annotations"] = kept
    return {**document, "metadata": metadata}


def restored(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a user's Service as it was before us, later changes of the user's own included."""
    gone = (labels.ROUTE, labels.WRITERS, labels.ORIGINAL)
    bare = marked(document, dict.fromkeys(gone))
    text = told.annotation(document, labels.ORIGINAL)
    if text is None or _theirs(document):
        return bare
    spec = {n: v for n, v in document.get("spec", {}).items() if n != "selector"}
    return {**bare, "spec": {**spec, **msgspec.json.decode(text)["spec"]}}


def _of_revision(site: Site, name: str, backing: Backing, spoken: Mapping[str, Any]) -> Document:
    labelled = {labels.REVISION: labels.short(backing.revision)}
    spec = {
        "type": "ClusterIP",
        "selector": selected(site, backing.revision),
        "ports": [{**_port(site, backing.endpoints), **spoken}],
    }
    document = site.document("v1", KIND, name, spec)
    document["metadata"]["labels"] |= labelled
    return marked(document, {labels.ENDPOINTS: msgspec.json.encode(backing).decode()})


def _root(site: Site, route: Route, selector: dict[str, str], found: Document | None) -> Document:
    text = told.write(route)
    if found is None or ours(found):
        endpoints = next(b.endpoints for b in route.backends if b.revision == called(route))
        ports = [{**_HTTP, **_port(site, endpoints)}]
        spec = {"type": "ClusterIP", "selector": selector, "ports": ports}
        return marked(site.document("v1", KIND, site.name, spec), {labels.ROUTE: text})
    original = told.annotation(found, labels.ORIGINAL)
    if original is None or _theirs(found):
        original = _original(found)
    spec = {**found.get("spec", {}), "selector": selector}
    return marked({**found, "spec": spec}, {labels.ROUTE: text, labels.ORIGINAL: original})


def _original(document: Mapping[str, Any]) -> str:
    spec = document.get("spec", {})
    kept = {"selector": spec["selector"]} if "selector" in spec else {}
    return msgspec.json.encode({"spec": kept}).decode()


def _theirs(document: Mapping[str, Any]) -> bool:
    """Tell whether a selector is none of ours: the user, or Git, has written it since."""
    found = document.get("spec", {}).get("selector") or {}
    return labels.APPLICATION not in found and HASH not in found


def _ours(site: Site, found: Documents) -> Iterator[Ref]:
    """Yield the Services of revisions that were made for this application."""
    _, mask = refs(site)
    for ref, document in found.items():
        if mask.covers(ref) and of_site(site, document):
            yield ref


def _short(ref: Ref) -> str:
    return ref.name.rpartition("/")[2]


def _port(site: Site, endpoints: tuple[Endpoint, ...]) -> dict[str, Any]:
    target = next((int(e.address.rpartition(":")[2]) for e in endpoints), site.target_port)
    return {"port": site.port, "protocol": "TCP", "targetPort": target}


def _spoken(site: Site, root: Document | None) -> Mapping[str, Any]:
    """
    Return what a port says of what is spoken there: its name, and its protocol if it has one.

    A user's Service knows better: gateways and meshes speak HTTP/2 or TCP to pods by these words.
    """
    if root is None or ours(root):
        return _HTTP
    ports = root.get("spec", {}).get("ports") or ()
    port = next((p for p in ports if p.get("port") == site.port), _HTTP)
    return {word: port[word] for word in ("name", "appProtocol") if word in port}
