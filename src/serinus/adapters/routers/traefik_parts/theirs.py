"""
The IngressRoute of a user, in which the application's Service gives way to our TraefikService.

Nothing else in it is touched. What stood in the place of ours is kept in an annotation, by the rule
of its route, and put back when we leave.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from serinus.adapters.routers.kubernetes_parts import services, told
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state import labels
from serinus.core.state.traffic import Document, Ref
from serinus.ports.failures import Missing, Rejected

KIND = "IngressRoute"
SPLIT = "TraefikService"

_OWN = ("name", "kind", "namespace", "port", "weight", "healthCheck", "passiveHealthCheck")
"""What of a reference to a Service is not carried over to the Services of the revisions."""


def taken(site: Site, ref: Ref, found: Document | None) -> Document:
    """
    Return the user's object, with our split in the place of the application's Service.

    Raises:
        Missing: it is not there.
        Rejected: no route of it leads to the application.
    """
    if ref.kind != KIND:
        raise Rejected(
            f"route.ref is the {ref.kind} {ref.name}; wanted one of kind {KIND}, or another router"
        )
    if found is None:
        raise Missing(f"{KIND} {ref.name}, named by route.ref, is not there; create it")
    if not leading(site, found):
        raise Rejected(
            f"{KIND} {ref.name} has no route to Service {site.name}; "
            f"name the Service, or the {SPLIT} of that name, in one of its routes"
        )
    kept = _kept(found)
    for route, entry in _entries(found):
        if _is(site, found, entry, services.KIND):
            kept[str(route.get("match"))] = entry
    edited = _replaced(found, lambda _, entry: _ours(site, found, entry))
    original = msgspec.json.encode(kept).decode() if kept else None
    return services.marked(edited, {labels.ORIGINAL: original})


def restored(site: Site, found: Document) -> Document:
    """Return the user's object with the application's Service back in its place."""
    kept = _kept(found)
    first = next(iter(kept.values()), None)

    def back(match: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
        if not _is(site, found, entry, SPLIT) or first is None:
            return entry
        return kept.get(match, first)

    return services.marked(_replaced(found, back), {labels.ORIGINAL: None})


def leading(site: Site, found: Document) -> list[Mapping[str, Any]]:
    """Return the routes of the user's object that lead to the application."""
    result: list[Mapping[str, Any]] = []
    for route, entry in _entries(found):
        leads = _is(site, found, entry, SPLIT) or _is(site, found, entry, services.KIND)
        if leads and route not in result:
            result.append(route)
    return result


def led(site: Site, found: Document | None) -> bool:
    """Tell whether the user's object leads to our split, and past it nowhere."""
    if found is None or not leading(site, found):
        return False
    return not any(_is(site, found, entry, services.KIND) for _, entry in _entries(found))


def carried(site: Site, found: Document | None) -> dict[str, Any]:
    """Return how the user's object wants the application's pods to be spoken to."""
    if found is None or found.get("metadata", {}).get("namespace") != site.namespace:
        return {}  # what it names is in its own namespace
    entry = next(iter(_kept(found).values()), {})
    return {name: value for name, value in entry.items() if name not in _OWN}


def _kept(found: Document) -> dict[str, Mapping[str, Any]]:
    text = told.annotation(found, labels.ORIGINAL)
    if text is None:
        return {}
    kept: dict[str, Mapping[str, Any]] = msgspec.json.decode(text)
    return kept


def _entries(found: Document) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for route in found.get("spec", {}).get("routes") or ():
        for entry in route.get("services") or ():
            yield route, entry


def _replaced(found: Document, change: Any) -> dict[str, Any]:
    spec = found.get("spec", {})
    routes = [
        {**route, "services": [change(str(route.get("match")), e) for e in route["services"]]}
        if route.get("services")
        else route
        for route in spec.get("routes") or ()
    ]
    return {**found, "spec": {**spec, "routes": routes}}


def _is(site: Site, found: Document, entry: Mapping[str, Any], kind: str) -> bool:
    home = found.get("metadata", {}).get("namespace")
    return (
        entry.get("name") == site.name
        and entry.get("kind", services.KIND) == kind
        and entry.get("namespace", home) == site.namespace
    )


def _ours(site: Site, found: Document, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    if not _is(site, found, entry, services.KIND):
        return entry
    kept = {name: entry[name] for name in ("namespace", "weight") if name in entry}
    return {"name": site.name, "kind": SPLIT, **kept}
