"""
The Ingress of a user, in which the Service of a revision stands in the place of the application's.

Nothing else in it is touched. What stood there is kept in an annotation, by host and path, and put
back when we leave.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from serinus.adapters.routers.kubernetes_parts import services, told
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state import labels
from serinus.core.state.traffic import Document, Ref
from serinus.ports.failures import Missing, Rejected

KIND = "Ingress"
_CLASS = "kubernetes.io/ingress.class"
"""An annotation that was used before there was a field for it."""

_Rule = Mapping[str, Any]
_Path = Mapping[str, Any]


def taken(site: Site, ref: Ref, found: Document | None, backend: Mapping[str, Any]) -> Document:
    """
    Return the user's object, with a backend of ours in the place of the application's Service.

    Raises:
        Missing: it is not there.
        Rejected: no path of it leads to the application, or it is in another namespace.
    """
    if ref.kind != KIND:
        raise Rejected(
            f"route.ref is the {ref.kind} {ref.name}; wanted one of kind {KIND}, or another router"
        )
    if labels.parted(ref.name).namespace != site.namespace:
        raise Rejected(
            f"{KIND} {ref.name} is not in the namespace of the application, which is "
            f"{site.namespace}; an Ingress reaches no other"
        )
    if found is None:
        raise Missing(f"{KIND} {ref.name}, named by route.ref, is not there; create it")
    if not any(True for _ in _leading(site, found)):
        raise Rejected(
            f"{KIND} {ref.name} has no path to Service {site.name}; name it as a backend"
        )
    kept = _kept(found)
    for rule, path in _leading(site, found):
        if _name(path) == site.name:
            kept[_place(rule, path)] = path["backend"]
    edited = _replaced(site, found, lambda _: backend)
    return services.marked(edited, {labels.ORIGINAL: msgspec.json.encode(kept).decode()})


def restored(site: Site, found: Document) -> Document:
    """Return the user's object with the application's Service back in its place."""
    kept = _kept(found)
    first = next(iter(kept.values()), None)
    if first is None:
        return found
    whole = _replaced(site, found, lambda place: kept.get(place, first))
    return services.marked(whole, {labels.ORIGINAL: None})


def rules(site: Site, found: Document, backend: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return rules for the same hosts and paths that lead to the application, to a backend."""
    result: list[dict[str, Any]] = []
    for rule in _rules(found):
        paths = [{**p, "backend": backend} for r, p in _leading(site, found) if r is rule]
        if paths:
            result.append({**rule, "http": {"paths": paths}})
    return result


def named(site: Site, found: Document) -> set[str]:
    """Return the names of the Services to which the paths of the application lead."""
    return {_name(path) for _, path in _leading(site, found)}


def entered(found: Document) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields and the annotations that tell which controller the object is for."""
    name = found.get("spec", {}).get("ingressClassName")
    text = told.annotation(found, _CLASS)
    return (
        {} if name is None else {"ingressClassName": name},
        {} if text is None else {_CLASS: text},
    )


def _rules(found: Document) -> list[_Rule]:
    return list(found.get("spec", {}).get("rules") or ())


def _leading(site: Site, found: Document) -> Iterator[tuple[_Rule, _Path]]:
    """Yield the paths that lead to the application: to its own Service, or to a revision's."""
    for rule in _rules(found):
        for path in (rule.get("http") or {}).get("paths") or ():
            if _leads(site, path):
                yield rule, path


def _leads(site: Site, path: _Path) -> bool:
    ours = rf"{re.escape(site.name)}(-[0-9a-f]{{{labels.DIGITS}}})?"
    return re.fullmatch(ours, _name(path)) is not None


def _name(path: _Path) -> str:
    return str((path.get("backend", {}).get("service") or {}).get("name", ""))


def _place(rule: _Rule, path: _Path) -> str:
    return f"{rule.get('host', '')}{path.get('path', '')}"


def _kept(found: Document) -> dict[str, Any]:
    text = told.annotation(found, labels.ORIGINAL)
    if text is None:
        return {}
    kept: dict[str, Any] = msgspec.json.decode(text)
    return kept


def _replaced(
    site: Site, found: Document, backend: Callable[[str], Mapping[str, Any]]
) -> dict[str, Any]:
    rules: list[_Rule] = []
    for rule in _rules(found):
        paths = (rule.get("http") or {}).get("paths")
        if not paths:
            rules.append(rule)
            continue
        changed = [
            {**p, "backend": backend(_place(rule, p))} if _leads(site, p) else p for p in paths
        ]
        rules.append({**rule, "http": {**rule["http"], "paths": changed}})
    return {**found, "spec": {**found.get("spec", {}), "rules": rules}}
