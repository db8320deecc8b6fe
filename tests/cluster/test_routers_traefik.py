"""
Traefik's own objects, and the annotations of ingress-nginx, which Traefik reads as well.

Both routers are asked the same: real requests go where the weights say, and nobody is lost.
"""

import json
import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from msgspec.structs import replace
from ruamel.yaml import YAML

from cluster import kubectl, processes, traefik
from serinus.adapters.routers import nginx
from serinus.adapters.routers import traefik as own
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Mirror, Ref
from serinus.ports.router import Router
from tests.cluster import routing, samples
from tests.cluster.routing import NEW, OLD

REQUESTS = 2000
HEADER = (Match((Condition(Part.HEADER, "x-group", "b[e]ta", pattern=True),)),)


class Way(NamedTuple):
    """A router, where Traefik listens for its objects, and a user's object of its kind."""

    router: Any
    port: int
    kind: str
    theirs: Any

    def address(self, path: str = "") -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def guest(self) -> Router:
        router: Router = self.router(site=Site(ref=Ref(self.kind, "web")))
        return router


WAYS = [
    pytest.param(Way(own.Router, traefik.WEB, "IngressRoute", samples.ingress_route), id="traefik"),
    pytest.param(Way(nginx.Router, traefik.NGINX, "Ingress", samples.ingress), id="nginx"),
]
CASES = [
    path
    for name in ("traefik", "nginx")
    for path in sorted(
        (Path(__file__).parent.parent / "adapters" / "routers" / name / "cases").glob("*.yaml")
    )
    if path.stem != "removed"
]


@pytest.fixture
def shop(namespace: str, routers: Path) -> str:
    routing.start(namespace)
    return namespace


@contextmanager
def asked_all_the_while(address: str, host: str) -> Iterator[Counter[str]]:
    """Ask all the time, beside the test, and count who answered."""
    counts: Counter[str] = Counter()
    over = threading.Event()

    def ask() -> None:
        with httpx2.Client(headers={"Host": host}, timeout=5) as client:
            while not over.wait(0.005):
                answer = client.get(address)
                counts[str(answer.status_code)] += 1

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield counts
    finally:
        over.set()
        asking.join()


@pytest.mark.parametrize("path", CASES, ids=lambda p: f"{p.parent.parent.name}-{p.stem}")
def test_what_is_written_is_accepted_by_the_api_server(path: Path, routers: Path) -> None:
    case = YAML(typ="safe", pure=True).load(path)
    bundle = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [entry["document"] for entry in case["expected"]],
    }

    kubectl.run(
        *("apply", "--server-side", "--dry-run=server", "--force-conflicts", "-f", "-"),
        given=json.dumps(bundle),
    )


@pytest.mark.parametrize("way", WAYS)
def test_requests_follow_the_weights_and_none_is_lost(way: Way, shop: str) -> None:
    router, host = way.router(), f"{shop}.test"
    routing.deliver(router, shop, routing.split(shop, 0))
    assert routing.follows(way.address(), host, [OLD])

    with asked_all_the_while(way.address(), host) as answered:
        routing.deliver(router, shop, routing.split(shop, 70))
        assert routing.follows(way.address(), host, [OLD, NEW])
        counts = routing.ask(way.address(), host, REQUESTS)
        for share in (500, 1000, 0):
            routing.deliver(router, shop, routing.split(shop, share))
            expected = [r for r, part in ((OLD, 1000 - share), (NEW, share)) if part]
            assert routing.follows(way.address(), host, expected)

    assert REQUESTS == counts[OLD] + counts[NEW]
    assert abs(counts[NEW] - 140) <= 4 * math.sqrt(REQUESTS * 0.07 * 0.93)
    assert {"200"} == set(answered)


@pytest.mark.parametrize("way", WAYS)
def test_what_the_api_server_has_is_read_as_it_was_written(way: Way, shop: str) -> None:
    router = way.router()
    route = routing.split(shop, 70, matches=HEADER, matched=NEW)

    routing.deliver(router, shop, route)

    assert route == router.read(routing.key(shop), routing.found(router, shop))
    routing.deliver(router, shop, None)
    assert {} == routing.found(router, shop)


@pytest.mark.parametrize("way", WAYS)
def test_who_is_matched_gets_the_candidate_and_nobody_else_does(way: Way, shop: str) -> None:
    router, host = way.router(), f"{shop}.test"

    routing.deliver(router, shop, routing.split(shop, 0, matches=HEADER, matched=NEW))

    assert routing.follows(way.address(), host, [NEW], x_group="beta")
    assert routing.follows(way.address(), host, [OLD], x_group="beta2")
    assert routing.follows(way.address(), host, [OLD])
    cookie = (Match((Condition(Part.COOKIE, "beta", "yes"),)),)
    routing.deliver(router, shop, routing.split(shop, 0, matches=cookie, matched=NEW))
    assert routing.follows(way.address(), host, [NEW], cookie="a=1; beta=yes; id=7")
    assert routing.follows(way.address(), host, [OLD], cookie="beta=yesterday")


@pytest.mark.parametrize("way", WAYS)
def test_a_users_object_is_taken_and_comes_back_and_no_request_is_lost(way: Way, shop: str) -> None:
    host = f"{shop}.test"
    root = samples.podinfo(shop, name="shop")[1]
    root["spec"]["selector"] = {"app": f"shop-{OLD[:10]}"}
    theirs = way.theirs(shop, host)
    theirs["metadata"]["name"] = "web"
    kubectl.apply(root, theirs)
    before = routing.bare(kubectl.get(way.kind, "web", shop))
    router = way.guest()
    assert routing.follows(way.address(), host, [OLD])

    with asked_all_the_while(way.address(), host) as answered:
        routing.deliver(router, shop, routing.split(shop, 0))
        routing.deliver(router, shop, routing.split(shop, 500, matches=HEADER, matched=NEW))
        assert routing.follows(way.address(), host, [OLD, NEW])
        assert routing.follows(way.address(), host, [NEW], x_group="beta")
        routing.deliver(router, shop, routing.split(shop, 0))
        assert routing.follows(way.address(), host, [OLD])
        routing.deliver(router, shop, None)
        assert routing.follows(way.address(), host, [OLD])

    assert {"200"} == set(answered)
    assert before == routing.bare(kubectl.get(way.kind, "web", shop))


def test_requests_are_copied_and_counted_apart(shop: str) -> None:
    host = f"{shop}.test"
    whole = routing.split(shop, 0)
    mirror = Mirror(NEW, 100, ("GET",), whole.backends[1].endpoints)
    routing.deliver(own.Router(), shop, replace(whole, mirror=mirror))
    address = f"http://127.0.0.1:{traefik.WEB}/"
    name = f"{shop}-shop-{NEW[:10]}-copies-80@kubernetescrd"

    def copied() -> float:
        text = httpx2.get(traefik.SCRAPE).text
        lines = [line for line in text.splitlines() if f'service="{name}"' in line]
        total = "traefik_service_requests_total{"
        return sum(float(line.split()[-1]) for line in lines if line.startswith(total))

    answered = 0

    def asked(requests: int) -> int:
        nonlocal answered
        answered += (served := routing.ask(address, host, requests)[OLD])
        return served

    assert processes.until(lambda: asked(20) == 20 and copied() > 0, 30.0)
    assert 500 == asked(500)
    assert processes.until(lambda: abs(copied() - answered / 10) <= 1, 10.0)


def test_headers_are_edited_and_time_is_out_after_a_while(shop: str) -> None:
    router, host = own.Router(), f"{shop}.test"
    old, new = routing.split(shop, 1000).backends
    edited = replace(new, edits=Edits((("x-side", "candidate"),), ("x-debug",)))
    route = replace(routing.split(shop, 1000), backends=(old, edited), timeout_s=0.5)
    address = f"http://127.0.0.1:{traefik.WEB}/"

    routing.deliver(router, shop, route)
    assert routing.follows(address, host, [NEW])

    answer = httpx2.get(f"{address}headers", headers={"Host": host, "x-debug": "1"}).json()
    late = httpx2.get(f"{address}delay/2", headers={"Host": host})

    assert ["candidate"] == answer["X-Side"]
    assert "X-Debug" not in answer
    assert 504 == late.status_code
