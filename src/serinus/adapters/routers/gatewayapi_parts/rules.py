"""
The rules of a route of Gateway API, ours from the first to the last.

::

    matched, copied    the matches, for each method that is copied   → the revision that is matched
    matched            the matches                                   → the revision that is matched
    copied             the methods that are copied                   → the revisions, by weight
    all                everything                                    → the revisions, by weight

Of two rules that hold for a request, Gateway API takes the one with the longer path, then the one
that names a method, then the one with more headers. That is why matches come twice where only some
methods are copied: else a rule for a method would win over them.

What the API server fills in where it is left open is written out here, so that what is there can be
compared with what was wanted.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from serinus.adapters.routers.kubernetes_parts import conditions, services
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Mirror, Route

HTTP = "HTTPRoute"
GRPC = "GRPCRoute"
TOTAL = 1000
_PATH = {"type": "PathPrefix", "value": "/"}
_CALLS = "POST"
"""The method of all calls of gRPC."""


def http(site: Site, route: Route) -> list[dict[str, Any]]:
    """Return the rules of an HTTPRoute."""
    matches = [one for match in route.matches if (one := _http(match)) is not None]
    rules: list[dict[str, Any]] = []
    for chosen, backends in _targets(site, route, matches, {"path": _PATH}):
        for methods, copies in _copies(site, route.mirror):
            found = [m | {"method": method} for m in chosen for method in methods] or chosen
            rule: dict[str, Any] = {"matches": found, "backendRefs": backends, **copies}
            rules.append(rule | {"timeouts": {"request": duration(route.timeout_s)}})
    return rules


def grpc(site: Site, route: Route) -> list[dict[str, Any]]:
    """Return the rules of a GRPCRoute: it knows neither paths nor parameters nor time-outs."""
    matches = [one for match in route.matches if (one := _grpc(match)) is not None]
    mirror = route.mirror
    copied = mirror is not None and (not mirror.methods or _CALLS in mirror.methods)
    copies = _copier(site, mirror) if copied else {}
    return [
        ({"matches": chosen} if any(chosen) else {}) | {"backendRefs": backends} | copies
        for chosen, backends in _targets(site, route, matches, {})
    ]


def target(site: Site, service: str, weight: int) -> dict[str, Any]:
    """Return a Service as the target of a rule."""
    return {
        "group": "",
        "kind": services.KIND,
        "name": service,
        "port": site.port,
        "weight": weight,
    }


def duration(seconds: float) -> str:
    """Return a time as Gateway API writes it (GEP-2257): ``15s``, ``1s500ms``."""
    whole, rest = divmod(max(1, round(seconds * 1000)), 1000)
    return (f"{whole}s" if whole else "") + (f"{rest}ms" if rest else "")


def _targets(
    site: Site, route: Route, matches: list[dict[str, Any]], all_: dict[str, Any]
) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """Return which requests go to which Services: those that match, then all."""
    edits = {b.revision: b.edits for b in route.backends}
    if matches:
        chosen = target(site, services.name(site, route.matched), 1)
        yield matches, [chosen | _edited(edits[route.matched])]
    yield (
        [all_],
        [
            target(site, services.name(site, b.revision), b.weight) | _edited(b.edits)
            for b in route.backends
        ],
    )


def _copies(site: Site, mirror: Mirror | None) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Return the methods of a rule, none for all, and the filter that copies their requests."""
    copier = _copier(site, mirror)
    if mirror is None or not copier:
        yield (), {}
        return
    yield mirror.methods, copier
    if mirror.methods:
        yield (), {}


def _copier(site: Site, mirror: Mirror | None) -> dict[str, Any]:
    """Return the filter that copies requests; none where a product might copy all of them."""
    if mirror is None or not mirror.share:
        return {}
    service = target(site, services.copies(site, mirror.revision), 0)
    del service["weight"]
    copies = {
        "backendRef": service,
        "fraction": {"numerator": mirror.share, "denominator": TOTAL},
    }
    return {"filters": [{"type": "RequestMirror", "requestMirror": copies}]}


def _http(match: Match) -> dict[str, Any] | None:
    found = conditions.folded(match)
    if found is None:
        return None
    result: dict[str, Any] = {"path": _PATH}
    for condition in found:
        place = "queryParams" if condition.part is Part.QUERY else "headers"
        result.setdefault(place, []).append(_told(condition))
    return result


def _grpc(match: Match) -> dict[str, Any] | None:
    found = conditions.folded(match)
    if found is None or any(c.part is Part.QUERY for c in found):
        return None
    return {"headers": [_told(condition) for condition in found]}


def _told(condition: Condition) -> dict[str, Any]:
    if conditions.plain(condition):
        return {"name": condition.name, "type": "Exact", "value": condition.value}
    regex = conditions.regex(condition)
    if condition.part is Part.QUERY and condition.value and not condition.pattern:
        # Whether a parameter is compared as it was sent or decoded is left to the product.
        regex = f"{regex}|{conditions.quoted(unquote_plus(condition.value))}"
    return {"name": condition.name, "type": "RegularExpression", "value": f"^(?:{regex})$"}


def _edited(edits: Edits) -> dict[str, Any]:
    """Return the filter that changes headers on the way to one Service."""
    changes: dict[str, Any] = {}
    if edits.set:
        changes["set"] = [{"name": n, "value": v} for n, v in dict(edits.set).items()]
    if edits.remove:
        changes["remove"] = list(dict.fromkeys(edits.remove))
    if not changes:
        return {}
    return {"filters": [{"type": "RequestHeaderModifier", "requestHeaderModifier": changes}]}
