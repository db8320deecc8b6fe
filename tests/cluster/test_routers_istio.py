"""VirtualServices, carried out by istiod and Envoy: real requests go where the weights say."""

import json
import math
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from msgspec.structs import replace
from ruamel.yaml import YAML

from cluster import istio, kubectl, processes
from serinus.adapters.routers import istio as router
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Mirror, Ref
from tests.cluster import routing, samples
from tests.cluster.routing import NEW, OLD

ADDRESS = f"http://127.0.0.1:{istio.WEB}/"
FOLDER = Path(__file__).parent.parent / "adapters" / "routers" / "istio" / "cases"
CASES = [path for path in sorted(FOLDER.glob("*.yaml")) if path.stem != "removed"]
KINDS = {"VirtualService", "DestinationRule"}
REQUESTS = 2000


@pytest.fixture(scope="module")
def mesh(cluster: Path) -> Path:
    istio.start()
    return cluster


@pytest.fixture
def shop(namespace: str, mesh: Path) -> str:
    routing.start(namespace)
    return namespace


def called(namespace: str) -> str:
    return f"shop.{namespace}.svc.cluster.local"


def documents(path: Path) -> list[dict[str, Any]]:
    case = YAML(typ="safe", pure=True).load(path)
    return [entry["document"] for entry in case["expected"]]


def virtual(http: list[dict[str, Any]], namespace: str = "default") -> dict[str, Any]:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"hosts": ["shop"], "http": http},
    }


def refusal(document: dict[str, Any]) -> str:
    """Ask istiod's own validation; return why it refuses, empty where it does not."""
    kind = document["kind"]
    group, _, version = document["apiVersion"].partition("/")
    review = {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "1",
            "operation": "CREATE",
            "kind": {"group": group, "version": version, "kind": kind},
            "namespace": document["metadata"]["namespace"],
            "object": document,
        },
    }
    answer = httpx2.post(f"http://127.0.0.1:{istio.DEBUG}/validate", json=review).json()
    response = answer["response"]
    return "" if response["allowed"] else str(response["status"]["message"])


def copies(namespace: str) -> int:
    """Return how many requests for `/` the pod of the new revision has answered."""
    selector = f"serinus.dev/revision={NEW[:10]}"
    (pod,) = json.loads(kubectl.run("get", "pods", "-n", namespace, "-l", selector, "-o", "json"))[
        "items"
    ]
    address = f"http://{pod['status']['podIP']}:{samples.PORT}/metrics"
    lines = httpx2.get(address).text.splitlines()
    counted = [line for line in lines if line.startswith("http_request_duration_seconds_count")]
    return sum(int(line.split()[-1]) for line in counted if 'path="root"' in line)


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_what_is_written_is_accepted_by_the_api_server_and_by_istio(path: Path, mesh: Path) -> None:
    written = documents(path)
    bundle = {"apiVersion": "v1", "kind": "List", "items": written}
    kubectl.run(
        *("apply", "--server-side", "--dry-run=server", "--force-conflicts", "-f", "-"),
        given=json.dumps(bundle),
    )

    refused = [refusal(document) for document in written if document["kind"] in KINDS]

    assert refused
    assert [] == [why for why in refused if why]


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (
            {
                "route": [
                    {"destination": {"host": "a"}, "weight": 0},
                    {"destination": {"host": "b"}, "weight": 0},
                ]
            },
            "total destination weight = 0",
        ),
        ({"route": [{"destination": {"host": "a"}, "weight": -1}]}, "weight -1 < 0"),
        ({"timeout": "5s"}, "HTTP route, redirect or direct_response is required"),
    ],
)
def test_what_istio_cannot_do_is_refused_by_it(rule: dict[str, Any], why: str, mesh: Path) -> None:
    assert why in refusal(virtual([rule]))


def test_requests_follow_the_weights_and_none_is_lost(shop: str) -> None:
    ours, host = router.Router(), called(shop)
    routing.deliver(ours, shop, routing.split(shop, 70))
    assert routing.follows(ADDRESS, host, [OLD, NEW])

    counts = routing.ask(ADDRESS, host, REQUESTS)

    assert REQUESTS == counts[OLD] + counts[NEW]
    assert abs(counts[NEW] - 140) <= 4 * math.sqrt(REQUESTS * 0.07 * 0.93)
    for share in (500, 1000, 0):
        routing.deliver(ours, shop, routing.split(shop, share))
        answered = routing.ask(ADDRESS, host, 300)
        assert 300 == answered[OLD] + answered[NEW]
    assert routing.follows(ADDRESS, host, [OLD])


def test_what_the_api_server_has_is_read_as_it_was_written(shop: str) -> None:
    ours = router.Router()
    group = Match((Condition(Part.HEADER, "x-group", "beta"), Condition(Part.QUERY, "preview")))
    route = routing.split(shop, 70, matches=(group,), matched=NEW, mirror=Mirror(NEW, 125))

    routing.deliver(ours, shop, route)

    assert route == ours.read(routing.key(shop), routing.found(ours, shop))
    routing.deliver(ours, shop, None)
    assert {} == routing.found(ours, shop)


def test_who_is_matched_gets_the_candidate_and_nobody_else_does(shop: str) -> None:
    host = called(shop)
    matches = (
        Match((Condition(Part.HEADER, "x-group", "b[e]ta", pattern=True),)),
        Match((Condition(Part.COOKIE, "beta", "yes"), Condition(Part.COOKIE, "id"))),
        Match((Condition(Part.QUERY, "preview", "a/b"), Condition(Part.HEADER, "x-any"))),
    )

    routing.deliver(router.Router(), shop, routing.split(shop, 0, matches=matches, matched=NEW))

    assert routing.follows(ADDRESS, host, [NEW], x_group="beta")
    assert routing.follows(ADDRESS, host, [NEW], cookie="a=1; id=7; beta=yes")
    assert routing.follows(f"{ADDRESS}?preview=a%2Fb", host, [NEW], x_any="")
    assert routing.follows(f"{ADDRESS}?preview=a%2Fb", host, [OLD])
    assert routing.follows(ADDRESS, host, [OLD], x_group="beta2")
    assert routing.follows(ADDRESS, host, [OLD], cookie="beta=yesterday; id=7")


def test_headers_are_edited_on_the_way_to_the_candidate(shop: str) -> None:
    host, whole = called(shop), routing.split(shop, 1000)
    old, new = whole.backends
    edited = replace(new, edits=Edits((("x-side", "100% canary"),), ("x-debug",)))

    routing.deliver(router.Router(), shop, replace(whole, backends=(old, edited)))
    assert routing.follows(ADDRESS, host, [NEW])
    assert processes.until(lambda: "X-Side" in _headers(host), 20.0)
    answer = _headers(host)

    assert ["100% canary"] == answer["X-Side"]
    assert "X-Debug" not in answer


def test_half_of_the_requests_are_copied_and_nobody_sees_it(shop: str) -> None:
    host = called(shop)
    route = routing.split(shop, 0)
    mirror = Mirror(NEW, 500, ("GET",), route.backends[1].endpoints)
    routing.deliver(router.Router(), shop, replace(route, mirror=mirror))
    assert routing.follows(ADDRESS, host, [OLD])
    assert processes.until(lambda: _copied(host, shop), 20.0)
    before = copies(shop)

    answered = routing.ask(ADDRESS, host, 400)

    assert 400 == answered[OLD]
    assert processes.until(lambda: copies(shop) - before > 140, 5.0)
    assert copies(shop) - before < 260


def _headers(host: str) -> dict[str, list[str]]:
    """Return the headers with which a request came to whoever answered it."""
    answer = httpx2.get(f"{ADDRESS}headers", headers={"Host": host, "x-debug": "1"})
    return msgspec.json.decode(answer.content, type=dict[str, list[str]])


def _copied(host: str, namespace: str) -> bool:
    routing.ask(ADDRESS, host, 20)
    return copies(namespace) > 0


def test_a_users_virtual_service_keeps_all_else_and_comes_back_as_it_was(shop: str) -> None:
    host = called(shop)
    root = samples.podinfo(shop, name="shop")[1]
    root["spec"]["selector"] = {"app": f"shop-{OLD[:10]}"}
    teapot = {"match": [{"uri": {"prefix": "/teapot"}}], "directResponse": {"status": 418}}
    marked = {"request": {"set": {"x-from": "web"}}}
    rule = {"route": [{"destination": {"host": "shop"}}], "headers": marked, "timeout": "5s"}
    kubectl.apply(root, virtual([teapot, rule], shop))
    before = routing.bare(kubectl.get("virtualservice", "web", shop))
    guest = router.Router(site=Site(ref=Ref("VirtualService", "web")))
    assert routing.follows(ADDRESS, host, [OLD])

    routing.deliver(guest, shop, routing.split(shop, 500))
    assert routing.follows(ADDRESS, host, [OLD, NEW])

    answers = [httpx2.get(f"{ADDRESS}headers", headers={"Host": host}).json() for _ in range(10)]
    assert [["web"]] * 10 == [answer["X-From"] for answer in answers]
    assert 418 == httpx2.get(f"{ADDRESS}teapot", headers={"Host": host}).status_code
    routing.deliver(guest, shop, None)
    assert before == routing.bare(kubectl.get("virtualservice", "web", shop))
    assert routing.follows(ADDRESS, host, [OLD])
