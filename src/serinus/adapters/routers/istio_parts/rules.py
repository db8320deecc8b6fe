"""
The routes of a VirtualService, ours from the first to the last: Istio takes the first that holds.

::

    matched    the matches, with and without copies     → the revision that is matched
    all        everything, with and without copies      → the revisions, by weight

Where only some methods are copied, a route with their copies comes before the one without. Weights
are per mille: Istio asks only that they are not all 0, and hands them to Envoy as they are.

A revision is a destination by the host name of its own Service, not by a subset. Subsets divide the
pods of one Service, and the application's own selects the pods of one revision alone.
"""

from collections.abc import Iterator
from typing import Any

from serinus.adapters.routers.istio_parts import names
from serinus.adapters.routers.kubernetes_parts import conditions, services
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Backend, Mirror, Route

_RETRIES = {"attempts": 2, "retryOn": "connect-failure,refused-stream"}
"""Try again only what no replica has seen. Istio's own way would hide answers with status 503."""

_PERCENT = 10  # per mille
_JOKER = "%"


def http(site: Site, domain: str, route: Route) -> list[dict[str, Any]]:
    """Return the routes for HTTP requests."""
    matches = [one for match in route.matches if (one := _match(match)) is not None]
    groups: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = []
    if matches:
        chosen = next(b for b in route.backends if b.revision == route.matched)
        groups.append((matches, [_share(site, domain, chosen, services.TOTAL)]))
    groups.append(([{}], [_share(site, domain, b, b.weight) for b in route.backends]))
    return [
        _http([one | methods for one in found], targets, copies, route)
        for found, targets in groups
        for methods, copies in _copies(site, domain, route.mirror)
    ]


def tcp(site: Site, domain: str, route: Route) -> list[dict[str, Any]]:
    """Return the one route for connections, of which nothing but the weights is known."""
    return [{"route": [_share(site, domain, b, b.weight) for b in route.backends]}]


def _http(
    chosen: list[dict[str, Any]],
    targets: list[dict[str, Any]],
    copies: dict[str, Any],
    route: Route,
) -> dict[str, Any]:
    found: dict[str, Any] = {"match": chosen} if any(chosen) else {}
    found |= {"route": targets} | copies
    return found | {"timeout": f"{route.timeout_s:.3f}s", "retries": dict(_RETRIES)}


def _share(site: Site, domain: str, backend: Backend, weight: int) -> dict[str, Any]:
    where = names.destination(site, domain, services.name(site, backend.revision))
    return {"destination": where, "weight": weight} | _edited(backend.edits)


def _edited(edits: Edits) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if edits.set:
        changes["set"] = {n: v.replace(_JOKER, _JOKER * 2) for n, v in edits.set}
    if edits.remove:
        changes["remove"] = list(edits.remove)
    return {"headers": {"request": changes}} if changes else {}


def _copies(
    site: Site, domain: str, mirror: Mirror | None
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Return further conditions, and the copies that are sent where they hold."""
    if mirror is None or not mirror.share:
        yield {}, {}
        return
    copier = {
        "destination": names.destination(site, domain, services.copies(site, mirror.revision)),
        "percentage": {"value": mirror.share / _PERCENT},
    }
    if not mirror.methods:
        yield {}, {"mirrors": [copier]}
        return
    regex = "|".join(conditions.quoted(method) for method in mirror.methods)
    yield {"method": {"regex": regex}}, {"mirrors": [copier]}
    yield {}, {}


def _match(match: Match) -> dict[str, Any] | None:
    found = conditions.folded(match)
    if found is None:
        return None
    result: dict[str, Any] = {}
    for condition in found:
        place = "queryParams" if condition.part is Part.QUERY else "headers"
        result.setdefault(place, {})[condition.name] = _told(condition)
    return result


def _told(condition: Condition) -> dict[str, Any]:
    """Return how a value is compared; a name alone is compared with nothing."""
    if condition.value is None:
        return {}
    if conditions.plain(condition):
        return {"exact": condition.value}
    return {"regex": conditions.regex(condition) or "^$"}
