"""Routes of Gateway API, carried out by Traefik: real requests go where the weights say."""

import json
import math
from pathlib import Path
from typing import Any

import httpx2
import pytest
from msgspec.structs import replace
from ruamel.yaml import YAML

from cluster import kubectl, traefik
from serinus.adapters.routers import gatewayapi
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Ref
from tests.cluster import routing, samples
from tests.cluster.routing import NEW, OLD

ADDRESS = f"http://127.0.0.1:{traefik.GATEWAY}/"
GATEWAY = gatewayapi.Settings(gatewayapi.Gateway(traefik.NAME, traefik.NAMESPACE))
CASES = [
    path
    for name in ("gatewayapi", "linkerd")
    for path in sorted(
        (Path(__file__).parent.parent / "adapters" / "routers" / name / "cases").glob("*.yaml")
    )
    if path.stem != "removed"
]
REQUESTS = 2000


@pytest.fixture
def shop(namespace: str, routers: Path) -> str:
    routing.start(namespace)
    return namespace


def documents(path: Path) -> list[dict[str, Any]]:
    case = YAML(typ="safe", pure=True).load(path)
    return [entry["document"] for entry in case["expected"]]


def users(namespace: str) -> dict[str, Any]:
    """Return a user's route: a filter of its own, and a rule that does not concern the shop."""
    route = samples.http_route(namespace, f"{namespace}.test")
    marked = {"set": [{"name": "x-from", "value": "web"}]}
    (rule,) = route["spec"]["rules"]
    rule["filters"] = [{"type": "RequestHeaderModifier", "requestHeaderModifier": marked}]
    teapot = {
        "matches": [{"path": {"type": "PathPrefix", "value": "/teapot"}}],
        "filters": [{"type": "RequestRedirect", "requestRedirect": {"hostname": "teapot.test"}}],
    }
    route["spec"]["rules"] = [teapot, rule]
    route["metadata"]["name"] = "web"
    return route


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.parent.name}-{p.stem}")
def test_what_is_written_is_accepted_by_the_api_server(path: Path, routers: Path) -> None:
    bundle = {"apiVersion": "v1", "kind": "List", "items": documents(path)}

    kubectl.run(
        *("apply", "--server-side", "--dry-run=server", "--force-conflicts", "-f", "-"),
        given=json.dumps(bundle),
    )


def test_requests_follow_the_weights_and_none_is_lost(shop: str) -> None:
    router, host = gatewayapi.Router(GATEWAY), f"{shop}.test"
    routing.deliver(router, shop, routing.split(shop, 70))
    assert routing.follows(ADDRESS, host, [OLD, NEW])

    counts = routing.ask(ADDRESS, host, REQUESTS)

    assert REQUESTS == counts[OLD] + counts[NEW]
    assert abs(counts[NEW] - 140) <= 4 * math.sqrt(REQUESTS * 0.07 * 0.93)
    for share in (500, 1000, 0):
        routing.deliver(router, shop, routing.split(shop, share))
        answered = routing.ask(ADDRESS, host, 300)
        assert 300 == answered[OLD] + answered[NEW]
    assert routing.follows(ADDRESS, host, [OLD])


def test_what_the_api_server_has_is_read_as_it_was_written(shop: str) -> None:
    router = gatewayapi.Router(GATEWAY)
    group = Match((Condition(Part.HEADER, "x-group", "beta"), Condition(Part.QUERY, "preview")))
    route = routing.split(shop, 70, matches=(group,), matched=NEW)

    routing.deliver(router, shop, route)

    assert route == router.read(routing.key(shop), routing.found(router, shop))
    routing.deliver(router, shop, None)
    assert {} == routing.found(router, shop)


def test_who_is_matched_gets_the_candidate_and_nobody_else_does(shop: str) -> None:
    router, host = gatewayapi.Router(GATEWAY), f"{shop}.test"
    matches = (
        Match((Condition(Part.HEADER, "x-group", "b[e]ta", pattern=True),)),
        Match((Condition(Part.COOKIE, "beta", "yes"), Condition(Part.COOKIE, "id"))),
        Match((Condition(Part.QUERY, "preview", "a%2Fb"),)),
    )

    routing.deliver(router, shop, routing.split(shop, 0, matches=matches, matched=NEW))

    assert routing.follows(ADDRESS, host, [NEW], x_group="beta")
    assert routing.follows(ADDRESS, host, [NEW], cookie="a=1; id=7; beta=yes")
    assert routing.follows(f"{ADDRESS}?preview=a%2Fb", host, [NEW])
    assert routing.follows(f"{ADDRESS}?preview=a/c", host, [OLD])
    assert routing.follows(ADDRESS, host, [OLD], x_group="beta2")
    assert routing.follows(ADDRESS, host, [OLD], cookie="beta=yesterday; id=7")
    assert routing.follows(ADDRESS, host, [OLD])


def test_headers_are_edited_on_the_way_to_the_candidate(shop: str) -> None:
    router, host = gatewayapi.Router(GATEWAY), f"{shop}.test"
    whole = routing.split(shop, 1000)
    old, new = whole.backends
    edited = replace(new, edits=Edits((("x-side", "canary"),), ("x-debug",)))

    routing.deliver(router, shop, replace(whole, backends=(old, edited)))
    assert routing.follows(ADDRESS, host, [NEW])

    answer = httpx2.get(f"{ADDRESS}headers", headers={"Host": host, "x-debug": "1"}).json()

    assert ["canary"] == answer["X-Side"]
    assert "X-Debug" not in answer


def test_a_users_route_keeps_its_filters_and_comes_back_as_it_was(shop: str) -> None:
    host = f"{shop}.test"
    root = samples.podinfo(shop, name="shop")[1]
    root["spec"]["selector"] = {"app": f"shop-{OLD[:10]}"}
    kubectl.apply(root, users(shop))
    before = routing.bare(kubectl.get("httproute", "web", shop))
    router = gatewayapi.Router(GATEWAY, Site(ref=Ref("HTTPRoute", "web")))
    assert routing.follows(ADDRESS, host, [OLD])

    routing.deliver(router, shop, routing.split(shop, 500))
    assert routing.follows(ADDRESS, host, [OLD, NEW])

    between = kubectl.get("httproute", "web", shop)["spec"]["rules"]
    assert before["spec"]["rules"][0] == between[0]
    assert before["spec"]["rules"][1]["filters"] == between[1]["filters"]
    headers = [
        httpx2.get(f"{ADDRESS}headers", headers={"Host": host}).json()["X-From"] for _ in range(10)
    ]
    assert [["web"]] * 10 == headers
    redirected = httpx2.get(f"{ADDRESS}teapot", headers={"Host": host})
    assert 302 == redirected.status_code
    routing.deliver(router, shop, None)
    assert before == routing.bare(kubectl.get("httproute", "web", shop))
    assert routing.follows(ADDRESS, host, [OLD])
