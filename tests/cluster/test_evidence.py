"""Evidence on a real cluster: what Traefik counts, what pods write, and what they take."""

import collections
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from cluster import kubectl, traefik
from serinus.adapters.counters import traefik as dialect
from serinus.adapters.kubernetes import origins
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.counting import Counting
from serinus.adapters.kubernetes.following import Following
from serinus.adapters.kubernetes.listening import Listening
from serinus.adapters.kubernetes.pages import Pages
from serinus.adapters.kubernetes.tally import Crew
from serinus.adapters.kubernetes.usage import Measuring
from serinus.adapters.local.clock import Clock
from serinus.adapters.routers import gatewayapi, nginx
from serinus.adapters.routers import traefik as traefik_router
from serinus.core.state import labels
from serinus.core.state.counts import NETWORK, ReplicaCounters, Scrape
from serinus.core.state.notice import Key
from serinus.ports.router import Router
from tests.cluster import routing, samples
from tests.cluster.routing import NEW, OLD

REQUESTS = 200
WEB = f"http://127.0.0.1:{traefik.WEB}/"
ROUTERS: dict[str, tuple[Router, str]] = {
    "traefik": (traefik_router.Router(), WEB),
    "gatewayapi": (
        gatewayapi.Router(gatewayapi.Settings(gatewayapi.Gateway(traefik.NAME, traefik.NAMESPACE))),
        f"http://127.0.0.1:{traefik.GATEWAY}/",
    ),
    "nginx": (nginx.Router(), f"http://127.0.0.1:{traefik.NGINX}/"),
}


class Roster:
    """Who serves, as `routing.start` has started it."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.services = {labels.of_revision("shop", r): r for r in (OLD, NEW)}
        self.services |= {f"{labels.of_revision('shop', OLD)}-canary": NEW}

    def crew(self, key: Key) -> Crew:
        del key
        found = _pods(self.namespace)
        pods = {
            pod["metadata"]["name"]: (_revision(pod), f"{_revision(pod)[:10]}-0") for pod in found
        }
        places = {
            pod["metadata"]["name"]: f"{pod['status']['podIP']}:{samples.PORT}"
            for pod in found
            if pod["status"].get("podIP")
        }
        return Crew(self.services, pods, places)


def _pods(namespace: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        kubectl.run("get", "pods", "-n", namespace, "-l", labels.APPLICATION, "-o", "json")
    )["items"]
    return [pod for pod in found if not pod["metadata"].get("deletionTimestamp")]


def _revision(pod: dict[str, Any]) -> str:
    short = pod["metadata"]["labels"][labels.REVISION]
    return OLD if OLD.startswith(short) else NEW


@pytest.fixture
def shop(namespace: str, routers: Path) -> str:
    routing.start(namespace)
    return namespace


@pytest.fixture
async def counting(shop: str) -> AsyncIterator[Counting]:
    asked = Pages()
    choice = origins.Choice("traefik", dialect.Settings(), origins.Settings(scrape=traefik.SCRAPE))
    source = origins.Router(choice, asked)
    yield Counting(lambda _: source, Roster(shop), Clock())
    await asked.aclose()


async def ask(address: str, host: str, count: int) -> collections.Counter[str]:
    """Ask who answers, so many times, however busy the machine is."""
    async with httpx2.AsyncClient(headers={"Host": host}, timeout=60.0) as user:
        answers = [await user.get(address) for _ in range(count)]
    return collections.Counter(
        routing.NAMES[one.json()["message"]] if one.is_success else str(one.status_code)
        for one in answers
    )


async def answer(address: str, host: str, revisions: set[str]) -> None:
    """Wait until just these revisions answer."""
    with anyio.fail_after(60):
        while set(await ask(address, host, 40)) != revisions:
            pass


async def looked(counting: Counting, key: Key) -> Scrape:
    """Return counts that are new."""
    before = counting.latest(key)
    while True:
        found = (await counting.scrape([key])).get(key)
        if found is not None and found != before:
            return found
        await anyio.sleep(0.2)


async def eventually(
    counting: Counting, key: Key, wanted: Callable[[Scrape], bool], seconds: float = 60.0
) -> Scrape:
    with anyio.fail_after(seconds):
        while not wanted(found := await looked(counting, key)):
            pass
    return found


def whole(scrape: Scrape, revision: str) -> ReplicaCounters:
    return scrape.revisions[revision].replicas[f"{revision[:10]}-all"]


@pytest.mark.parametrize("name", ROUTERS)
async def test_each_request_is_counted_for_the_revision_that_answered(
    name: str, shop: str, counting: Counting
) -> None:
    router, address = ROUTERS[name]
    key, host = routing.key(shop), f"{shop}.test"
    routing.deliver(router, shop, routing.split(shop, 200))
    await answer(address, host, {OLD, NEW})
    before = await looked(counting, key)
    answered = await ask(address, host, REQUESTS)

    def all_of_them(scrape: Scrape) -> bool:
        ended = sum(whole(scrape, r).completed - whole(before, r).completed for r in (OLD, NEW))
        return ended >= REQUESTS

    after = await eventually(counting, key, all_of_them)
    counted = {r: whole(after, r).completed - whole(before, r).completed for r in (OLD, NEW)}

    assert dict(answered) == counted
    assert 0 == whole(after, OLD).errors == whole(after, NEW).errors
    assert after.revisions[OLD].timed >= counted[OLD]


async def test_connections_that_cannot_be_made_are_told_from_other_errors(
    shop: str, counting: Counting
) -> None:
    router, address = ROUTERS["traefik"]
    key, host = routing.key(shop), f"{shop}.test"
    routing.deliver(router, shop, routing.split(shop, 500))
    await answer(address, host, {OLD, NEW})
    name = labels.of_revision("shop", NEW)
    nowhere = [{"op": "replace", "path": "/spec/ports/0/targetPort", "value": 1}]
    patch = ("patch", "service", name, "-n", shop, "--type=json", "-p", json.dumps(nowhere))
    kubectl.run(*patch)
    before = await looked(counting, key)
    with anyio.fail_after(30):
        while whole(await looked(counting, key), NEW).errors < 20:
            await ask(address, host, 20)
    after = await looked(counting, key)

    broken = whole(after, NEW).lines[NETWORK] - whole(before, NEW).lines[NETWORK]
    assert broken >= 20
    assert 0 == whole(after, OLD).lines[NETWORK]


async def test_a_new_split_is_seen_to_be_followed_and_one_that_never_came_is_not(
    shop: str, counting: Counting
) -> None:
    router, address = ROUTERS["traefik"]
    key, host = routing.key(shop), f"{shop}.test"
    routes = [routing.split(shop, share) for share in (0, 200, 500)]
    routing.deliver(router, shop, routes[0])
    await answer(address, host, {OLD})
    watched = Following(counting.latest, counting.every_s, Clock())

    async def seen(until: Callable[[], bool], seconds: float) -> float:
        began = time.monotonic()
        with anyio.move_on_after(seconds):
            while not until():
                await ask(address, host, 50)
                await looked(counting, key)
        return time.monotonic() - began

    await seen(lambda: False, 3.0)
    routing.deliver(router, shop, routes[1])
    watched.changed(key, routes[0], routes[1])
    first = await seen(lambda: watched.follows(key), 30.0)
    follows = watched.look(key)
    watched.changed(key, routes[1], routes[2])  # and nobody delivers it
    await seen(lambda: bool(watched.lag(key)), 30.0)

    assert ("", True) == (follows.sentence, follows.follows)
    assert first < 25.0
    assert watched.lag(key).startswith("the router does not follow: wanted 50 %, seen ")


async def test_log_lines_are_counted_as_the_pod_writes_them(
    shop: str, cluster: Path, counting: Counting
) -> None:
    router, address = ROUTERS["traefik"]
    key, host = routing.key(shop), f"{shop}.test"
    name = labels.of_revision("shop", NEW)
    louder = [{"op": "add", "path": "/spec/template/spec/containers/0/args", "value": _LOUD}]
    kubectl.run(*("patch", "deployment", name, "-n", shop, "--type=json", "-p", json.dumps(louder)))
    kubectl.run("rollout", "status", f"deployment/{name}", "-n", shop, "--timeout=90s")
    routing.deliver(router, shop, routing.split(shop, 500))
    await answer(address, host, {OLD, NEW})
    async with Client.connect(cluster) as client, anyio.create_task_group() as tasks:
        listening = Listening(client, Roster(shop), Clock())
        await listening.listen(key, {"errors": "/status/503"})
        tasks.start_soon(listening.run)
        await anyio.sleep(2)
        async with httpx2.AsyncClient(headers={"Host": host}, timeout=60.0) as user:
            for _ in range(40):
                await user.get(f"{address}status/503")

        def lines(scrape: Scrape) -> dict[str, int]:
            heard = listening.added(key, scrape)
            return {r: whole(heard, r).lines.get("errors", -1) for r in (OLD, NEW)}

        failed = await eventually(counting, key, lambda s: whole(s, NEW).errors >= 15)
        with anyio.fail_after(10):
            while lines(failed)[NEW] < whole(failed, NEW).errors:
                failed = await looked(counting, key)
        found = lines(failed)
        kinds = listening.added(key, failed).revisions[NEW].kinds["errors"]
        tasks.cancel_scope.cancel()

    assert {OLD: 0, NEW: whole(failed, NEW).errors} == found
    assert 1 == len(kinds)


async def test_kubelets_say_plausible_figures(shop: str, cluster: Path) -> None:
    _, address = ROUTERS["traefik"]
    router, host = ROUTERS["traefik"][0], f"{shop}.test"
    routing.deliver(router, shop, routing.split(shop, 500))
    await answer(address, host, {OLD, NEW})
    pods = {pod["metadata"]["name"]: pod for pod in _pods(shop)}
    async with Client.connect(cluster) as client:
        measuring = Measuring(client, lambda _, n: pods.get(n), lambda *_: pods.values(), Clock())

        async def figures(after: float) -> dict[str, Any]:
            while True:
                found = {n: measuring.usage(shop, n) for n in pods}
                if all(one is not None and one.at > after for one in found.values()):
                    return found
                await measuring.look()
                await ask(address, host, 50)

        with anyio.fail_after(90):
            first = await figures(0.0)
            second = await figures(max(one.at for one in first.values()) + 5.0)

    for name in pods:
        assert 2_000_000 < second[name].memory < 500_000_000
        assert second[name].cpu_s > first[name].cpu_s
        assert 0.0 < (second[name].cpu or 0.0) < 2.0


_LOUD = ["--level=debug"]
