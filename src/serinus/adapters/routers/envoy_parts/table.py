"""
The routes of one host, in the order in which Envoy tries them.

::

    matched    one for each match     everything to the revision that is matched
    known      if users are sticky    hash of the cookie         → place → revision
    newcomers  if users are sticky    hash of a drawn name       → place → revision, cookie set
    all        if they are not        drawn for each request     → place → revision

``known``, ``newcomers`` and ``all`` come twice where only some methods are mirrored: first with the
copy, for these methods, then without. Weights stand in the order of the backends: a place (the
hash, modulo 1000) belongs to the revision into whose part of the row it falls, so that one who
grows at the end of the row takes places from the others and gives none back.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from serinus.adapters.routers.envoy_parts import clusters, matches, names
from serinus.core.spec.requests import Edits, Match
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Mirror, Route, Sticky

TOTAL = 1000
_PER_TEN_THOUSAND = 10  # a per mille
USER_FORM = "[0-9a-f-]{36}"
"""What a cookie looks like that was given out here; whoever has another one is a newcomer."""

_JOKER = "%"


def virtual_host(key: Key, route: Route) -> dict[str, Any]:
    """Return the host with its routes; what they cannot tell is noted beside them."""
    return {
        "name": names.ref(key).name,
        "domains": [route.host, f"{route.host}:*"],
        "metadata": names.noted(_told(key, route)),
        "routes": list(_routes(key, route)),
    }


def weights(host: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the weighted clusters of a virtual host, in the order of the route's backends."""
    return _weighted(host["routes"][-1])


def needed(host: Mapping[str, Any]) -> set[str]:
    """Return the clusters that answer users: those that must be ready."""
    return {w["name"] for r in host["routes"] for w in _weighted(r) if w.get("weight")}


def named(host: Mapping[str, Any]) -> list[str]:
    """Return all clusters, the ones with weights first, then those that get copies."""
    answering = [w["name"] for r in reversed(host["routes"]) for w in _weighted(r)]
    copying = [p["cluster"] for r in host["routes"] for p in _policies(r)]
    return list(dict.fromkeys(answering + copying))


def edits(told: Mapping[str, Any], revision: str) -> Edits:
    """Return the changes of headers on the way to a revision."""
    return msgspec.convert(told.get("edits", {}).get(revision, {}), Edits)


def matched(told: Mapping[str, Any]) -> tuple[tuple[Match, ...], str]:
    """Return the matches, and the revision that they lead to."""
    return msgspec.convert(told.get("matches", ()), tuple[Match, ...]), told.get("matched", "")


def sticky(told: Mapping[str, Any]) -> Sticky | None:
    """Return how users are kept on their side."""
    return msgspec.convert(told.get("sticky"), Sticky | None)


def mirror(host: Mapping[str, Any]) -> tuple[str, Mirror] | None:
    """Return the cluster that gets copies, and the mirror as far as the host knows it."""
    told = names.metadata(host).get("mirror")
    policies = [p for r in host["routes"] for p in _policies(r)]
    if told is None or not policies:
        return None
    share = int(policies[0]["runtime_fraction"]["default_value"].get("numerator", 0))
    known = msgspec.convert({"share": share // _PER_TEN_THOUSAND, **told}, Mirror)
    return policies[0]["cluster"], known


def _weighted(route: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = (
        route.get("route", {}).get("weighted_clusters", {}).get("clusters", [])
    )
    return found


def _policies(route: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = route.get("route", {}).get("request_mirror_policies", [])
    return found


def _told(key: Key, route: Route) -> dict[str, Any]:
    told: dict[str, Any] = {
        "application": key.application,
        "environment": key.environment,
        "host": route.host,
        "timeout_s": route.timeout_s,
    }
    edited = {b.revision: b.edits for b in route.backends if b.edits != Edits()}
    if edited:
        told["edits"] = edited
    if route.matches or route.matched:
        told |= {"matches": route.matches, "matched": route.matched}
    if route.sticky is not None:
        told["sticky"] = route.sticky
    if route.mirror is not None:
        known = route.mirror
        told["mirror"] = {"revision": known.revision, "methods": known.methods}
        if known.edits != Edits():
            told["mirror"]["edits"] = known.edits
    if route.visits:
        told["visits"] = True
    return msgspec.json.decode(msgspec.json.encode(told), type=dict[str, Any])


# --- routes ------------------------------------------------------------------------------------


def _routes(key: Key, route: Route) -> Iterator[dict[str, Any]]:
    if not route.backends:
        sentence = f"no version of {key} serves yet\n"
        answer = {"status": 503, "body": {"inline_string": sentence}}
        yield {"match": {"prefix": "/"}, "direct_response": answer}
        return
    for match in route.matches:
        yield {
            "match": matches.match(match),
            "route": _forward(route, [_share(key, route, route.matched, TOTAL)]),
            **_noting(route, _of_cookie(route)),
        }
    weighted = [_share(key, route, b.revision, b.weight) for b in route.backends]
    for wanted, action, further in _users(route, weighted):
        for also, copies in _copies(key, route.mirror):
            found: dict[str, Any] = {"prefix": "/"} | wanted | also
            yield {"match": found, "route": action | copies, **further}


def _users(
    route: Route, weighted: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Return matches, actions and further settings: for all, or for known users and newcomers."""
    kept = route.sticky
    if kept is None:
        yield {}, _forward(route, weighted), _noting(route, [])
        return
    yield (
        {"cookies": [matches.cookie(kept.cookie, USER_FORM)]},
        _hashed(route, weighted, {"cookie": {"name": kept.cookie}}),
        _noting(route, _of_cookie(route)),
    )
    drawn = {
        "header": names.USER_HEADER,
        "on_header_present": _note(names.USER),
        "remove": True,
    }
    yield (
        {},
        _hashed(route, weighted, {"header": {"header_name": names.USER_HEADER}}),
        {"response_headers_to_add": [_given(kept)], **_noting(route, [drawn])},
    )


def _copies(key: Key, mirror: Mirror | None) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Return further conditions, and the copies that are sent where they hold."""
    if mirror is None:
        yield {}, {}
        return
    share = {"numerator": mirror.share * _PER_TEN_THOUSAND, "denominator": "TEN_THOUSAND"}
    changes: list[dict[str, Any]] = [{"append": one} for one in _set(mirror.edits)]
    changes += [{"remove": name} for name in mirror.edits.remove]
    policy = {
        "cluster": names.mirror_name(key, mirror.revision),
        "runtime_fraction": {"default_value": share},
        "disable_shadow_host_suffix_append": True,
        "request_headers_mutations": clusters.copied(changes),
    }
    copies = {"request_mirror_policies": [policy]}
    if not mirror.methods:
        yield {}, copies
        return
    yield {"headers": matches.methods(mirror.methods)}, copies
    yield {}, {}


def _forward(route: Route, weighted: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "weighted_clusters": {"clusters": weighted},
        "timeout": f"{route.timeout_s:.3f}s",
        "retry_policy": _retries(),
    }


def _hashed(route: Route, weighted: list[dict[str, Any]], policy: dict[str, Any]) -> dict[str, Any]:
    found = _forward(route, weighted) | {"hash_policy": [policy]}
    found["weighted_clusters"] = {"clusters": weighted, "use_hash_policy": True}
    return found


def _share(key: Key, route: Route, revision: str, weight: int) -> dict[str, Any]:
    changes = next(b.edits for b in route.backends if b.revision == revision)
    share: dict[str, Any] = {"name": names.cluster_name(key, revision), "weight": weight}
    if changes.set:
        share["request_headers_to_add"] = _set(changes)
    if changes.remove:
        share["request_headers_to_remove"] = list(changes.remove)
    return share


def _set(changes: Edits) -> list[dict[str, Any]]:
    return [
        {
            "header": {"key": name, "value": value.replace(_JOKER, _JOKER * 2)},
            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
            "keep_empty_value": True,
        }
        for name, value in changes.set
    ]


def _given(kept: Sticky) -> dict[str, Any]:
    """Return the cookie for a newcomer: the name by which his place was drawn."""
    name = kept.cookie.replace(_JOKER, _JOKER * 2)
    drawn = f"%DYNAMIC_METADATA({names.OWNER}:{names.USER})%"
    how = f"Path=/; Max-Age={max(1, round(kept.ttl_s))}; HttpOnly; SameSite=Lax"
    header = {"key": "set-cookie", "value": f"{name}={drawn}; {how}"}
    return {"header": header, "append_action": "APPEND_IF_EXISTS_OR_ADD"}


def _of_cookie(route: Route) -> list[dict[str, Any]]:
    if route.sticky is None or not route.visits:
        return []
    return [{"cookie": route.sticky.cookie, "on_header_present": _note(names.USER)}]


def _noting(route: Route, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what is noted about a request: who it is from, and that it is to be told."""
    if route.visits:
        visit = _note(names.VISIT) | {"value": "1"}
        rules = [*rules, {"header": ":method", "on_header_present": visit}]
    if not rules:
        return {}
    kind = f"{names.TYPES}extensions.filters.http.header_to_metadata.v3.Config"
    return {"typed_per_filter_config": {names.USER_FILTER: {"@type": kind, "request_rules": rules}}}


def _note(name: str) -> dict[str, Any]:
    return {"metadata_namespace": names.OWNER, "key": name, "type": "STRING"}


def _retries() -> dict[str, Any]:
    """Try again only what no replica has seen, within the same revision, elsewhere if possible."""
    return {
        "retry_on": "connect-failure,refused-stream",
        "num_retries": 2,
        "retry_back_off": {"base_interval": "0.010s", "max_interval": "0.050s"},
        "retry_host_predicate": [
            {
                "name": "envoy.retry_host_predicates.previous_hosts",
                "typed_config": {
                    "@type": f"{names.TYPES}extensions.retry.host.previous_hosts.v3."
                    "PreviousHostsPredicate"
                },
            }
        ],
        "host_selection_retry_max_attempts": 3,
    }
