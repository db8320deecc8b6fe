from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.lowlevel
import pytest
import structlog

from serinus.adapters.kubernetes import cache as caches
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client, Object
from serinus.adapters.memory.clock import Clock
from tests.adapters.kubernetes import samples
from tests.adapters.kubernetes.apiserver import FakeApiServer


@asynccontextmanager
async def running(
    server: FakeApiServer, kind: str = "ConfigMap", **more: Any
) -> AsyncIterator[Cache]:
    """A cache that is ready and is kept current."""
    async with Client.connect(transport=server) as client, anyio.create_task_group() as tasks:
        cache = Cache(client, Clock(), kind, chance=lambda: 1.0, **more)
        tasks.start_soon(cache.run)
        await cache.ready.wait()
        yield cache
        tasks.cancel_scope.cancel()


async def until(so: Callable[[], bool]) -> None:
    """Let the others go on until something is so."""
    with anyio.fail_after(5):
        while not so():
            await anyio.lowlevel.checkpoint()


def names(cache: Cache, namespace: str | None = None) -> list[str]:
    return [obj["metadata"]["name"] for obj in cache.of(namespace)]


def listed(server: FakeApiServer) -> int:
    return sum(verb == "list" for verb, *_ in server.requests)


async def test_what_is_there_and_what_comes_is_read_without_a_request() -> None:
    server = FakeApiServer()
    server.add(samples.config("b"), samples.config("a", "other"))
    async with running(server) as cache:
        server.add(samples.config("c", x="1"))
        await cache.wait_until(lambda it: len(it) == 3)
        found = cache.get("team", "c")

        assert found is not None
        assert {"x": "1"} == found["data"]
        assert ["a", "b", "c"] == names(cache)
        assert ["b", "c"] == names(cache, "team")
        assert cache.get("team", "a") is None
        assert [("list", "ConfigMap", ""), ("watch", "ConfigMap", "")] == server.requests


async def test_objects_of_the_whole_cluster_have_no_namespace() -> None:
    server = FakeApiServer()
    server.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}})
    async with running(server, "Namespace") as cache:
        assert cache.get(None, "team") is not None


async def test_a_subscriber_is_told_what_was_before_and_what_is_after() -> None:
    server = FakeApiServer()
    told: list[tuple[str, Object | None, Object | None]] = []
    async with running(server) as cache:
        end = cache.subscribe(lambda *change: told.append(change))
        server.add(samples.config("a", x="1"))
        await cache.wait_until(lambda it: len(it) == 1)
        server.edit("ConfigMap", "a", "team", {"data": {"x": "2"}})
        await until(lambda: len(told) == 2)
        server.remove("ConfigMap", "a", "team")
        await cache.wait_until(lambda it: len(it) == 0)
        end()
        server.add(samples.config("b"))
        await cache.wait_until(lambda it: len(it) == 1)

    shown = [(c, o and o["data"]["x"], n and n["data"]["x"]) for c, o, n in told]
    assert [("ADDED", None, "1"), ("MODIFIED", "1", "2"), ("DELETED", "2", None)] == shown


async def test_a_subscriber_that_falls_keeps_nobody_from_being_told() -> None:
    server = FakeApiServer()
    told = []

    def falls(*_: object) -> None:
        raise RuntimeError("a bug")

    async with running(server) as cache:
        cache.subscribe(falls)
        cache.subscribe(lambda change, *_: told.append(change))
        server.add(samples.config("a"))
        server.add(samples.config("b"))
        await cache.wait_until(lambda it: len(it) == 2)

    assert ["ADDED", "ADDED"] == told


async def test_a_watch_that_ended_goes_on_where_it_was() -> None:
    server = FakeApiServer()
    async with running(server) as cache:
        for name in ("a", "b", "c"):
            await until(lambda: server.watching == 1)
            server.end_watches()
            server.add(samples.config(name))
            await until(lambda: names(cache) == server.names("ConfigMap"))

        assert 1 == listed(server)


async def test_a_bookmark_is_where_a_watch_goes_on_when_the_history_was_forgotten() -> None:
    server = FakeApiServer()
    async with running(server) as cache:
        server.add(samples.application("noise"))
        server.bookmark()
        await until(lambda: cache._version == str(server.shelf.version))
        server.compact()
        server.end_watches()
        server.add(samples.config("a"))
        await cache.wait_until(lambda it: len(it) == 1)

        assert 1 == listed(server)


async def test_everything_is_read_again_when_the_history_is_gone() -> None:
    server = FakeApiServer()
    server.add(samples.config("stays"), samples.config("goes"), samples.config("changes", x="1"))
    told: list[tuple[str, str]] = []
    async with running(server) as cache:
        kept = cache.get("team", "stays")
        cache.subscribe(lambda c, o, n: told.append((c, (n or o or {})["metadata"]["name"])))
        await until(lambda: server.watching == 1)
        server._era += 1  # the watches end only when they are woken: what follows is not told
        server.remove("ConfigMap", "goes", "team")
        server.edit("ConfigMap", "changes", "team", {"data": {"x": "2"}})
        server.add(samples.config("comes"))
        server.compact()
        await cache.wait_until(lambda it: it.get("team", "comes") is not None)
        await until(lambda: len(told) == 3)

        assert kept is cache.get("team", "stays")
        assert ["changes", "comes", "stays"] == names(cache)
        assert [("ADDED", "comes"), ("DELETED", "goes"), ("MODIFIED", "changes")] == sorted(told)


async def test_an_api_server_that_is_away_is_asked_again_later_and_later() -> None:
    server = FakeApiServer()
    server.fail("list", times=7, status=0)
    clock = Clock()
    pauses = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.move(seconds)

    clock.sleep = sleep  # type: ignore[method-assign]  # to see how long was waited
    async with Client.connect(transport=server) as client, anyio.create_task_group() as tasks:
        cache = Cache(client, clock, "ConfigMap", chance=lambda: 1.0)
        tasks.start_soon(cache.run)
        await cache.ready.wait()
        tasks.cancel_scope.cancel()

    assert [0.5, 1, 2, 4, 8, 10, 10] == pauses


async def test_chance_takes_at_most_half_of_a_wait() -> None:
    cache = Cache(Client.connect(transport=FakeApiServer()), Clock(), "Pod", chance=lambda: 0.0)

    assert [0.0, 0.25, 5.0] == [cache._delay_s(falls) for falls in (0, 1, 60)]


async def test_a_pause_that_the_api_server_asks_for_is_kept() -> None:
    server = FakeApiServer()
    server.fail("list", status=429, pause_s=30)
    async with Client.connect(transport=server) as client, anyio.create_task_group() as tasks:
        clock = Clock()
        began = clock.now()
        cache = Cache(client, clock, "ConfigMap")
        tasks.start_soon(cache.run)
        await cache.ready.wait()
        tasks.cancel_scope.cancel()

    assert 30 <= (clock.now() - began).total_seconds()


@pytest.mark.parametrize(("falls", "warnings"), [(1, 0), (3, 1)])
async def test_a_kind_that_is_not_served_yet_is_a_warning_once_that_lasts(
    falls: int, warnings: int
) -> None:
    server = FakeApiServer()
    server.fail("list", times=falls, status=429, pause_s=1)
    with structlog.testing.capture_logs() as logs:
        async with Client.connect(transport=server) as client, anyio.create_task_group() as tasks:
            cache = Cache(client, Clock(), "ConfigMap")
            tasks.start_soon(cache.run)
            await cache.ready.wait()
            tasks.cancel_scope.cancel()

    assert warnings == len([log for log in logs if log["event"] == "objects are not followed"])


async def test_what_is_wrong_is_said_until_it_is_right_again() -> None:
    server = FakeApiServer()
    async with running(server) as cache:
        await until(lambda: server.watching == 1)
        server.fail("watch", times=1_000, status=403)
        server.fail("list", times=1_000, status=403)
        server.end_watches()
        await until(lambda: bool(cache.problem))
        said = cache.problem
        server.heal()
        server.add(samples.config("a"))
        await cache.wait_until(lambda it: len(it) == 1)

        assert "configmaps: injected by the test (403)" in said
        assert not cache.problem


async def test_a_kind_that_is_not_installed_is_empty_until_it_is() -> None:
    server = FakeApiServer(absent=["VirtualService"])
    async with running(server, "VirtualService") as cache:
        before = (cache.absent, len(cache))
        server.absent.clear()
        await until(lambda: not cache.absent)

        assert (True, 0) == before


async def test_a_kind_that_is_removed_takes_its_objects_along() -> None:
    server = FakeApiServer()
    server.add(samples.application("shop"))
    told = []
    async with running(server, "Application") as cache:
        cache.subscribe(lambda change, *_: told.append(change))
        await until(lambda: server.watching == 1)
        server.absent.add("Application")
        server.end_watches()
        await until(lambda: cache.absent)

        assert ["DELETED"] == told
        assert 0 == len(cache)


async def test_what_nobody_reads_is_not_kept() -> None:
    server = FakeApiServer()
    obj = samples.config("a")
    obj["metadata"]["annotations"] = {caches._LAST_APPLIED: "{…}", "mine": "1"}
    server.add(obj)
    async with running(server) as cache:
        server.edit("ConfigMap", "a", "team", {"data": {"x": "1"}})
        await cache.wait_until(lambda it: it.of()[0].get("data") == {"x": "1"})
        meta = cache.of()[0]["metadata"]

        assert "managedFields" not in meta
        assert {"mine": "1"} == meta["annotations"]


async def test_an_object_that_cannot_be_trimmed_is_kept_whole() -> None:
    server = FakeApiServer()
    server.add(samples.config("bad"), samples.config("good"))

    def trim(obj: Object) -> Object:
        if obj["metadata"]["name"] == "bad":
            raise KeyError("spec")
        return {"metadata": obj["metadata"]}

    async with running(server, trim=trim) as cache:
        assert ["bad", "good"] == names(cache)
        assert [True, False] == ["data" in obj for obj in cache.of()]


@pytest.mark.parametrize("broken", [{}, {"metadata": None}, {"metadata": {"name": 7}}])
async def test_an_object_without_a_name_is_left_out(broken: Object) -> None:
    cache = Cache(Client.connect(transport=FakeApiServer()), Clock(), "Pod")
    cache._take("ADDED", broken)
    cache._take("DELETED", broken)
    cache._take("NONSENSE", samples.config("a"))

    assert 0 == len(cache)


async def test_what_we_wrote_is_here_before_the_watch_tells_of_it() -> None:
    server = FakeApiServer()
    async with running(server) as cache:
        written = server.shelf.version + 5
        obj = samples.config("a", x="1")
        obj["metadata"]["resourceVersion"] = str(written)
        cache.absorb(obj)
        old = samples.config("a", x="0")
        old["metadata"]["resourceVersion"] = str(written - 1)
        cache._take("MODIFIED", old)

        assert {"x": "1"} == cache.of()[0]["data"]
        assert cache.of()[0] is not obj


async def test_what_the_watch_has_passed_is_not_taken_in_again() -> None:
    server = FakeApiServer()
    async with running(server) as cache:
        server.add(samples.config("a"))
        answer = server.find("ConfigMap", "a", "team")
        server.remove("ConfigMap", "a", "team")
        server.add(samples.config("b"))
        await cache.wait_until(lambda it: it.get("team", "b") is not None)
        cache.absorb(answer)

        assert ["b"] == names(cache)


async def test_at_rest_there_is_one_watch_and_nothing_else() -> None:
    server = FakeApiServer()
    server.add(*(samples.config(f"c{n}") for n in range(50)))
    async with running(server) as cache:
        await until(lambda: server.watching == 1)
        before = len(server.requests)
        for _ in range(200):
            server.bookmark()
            await anyio.lowlevel.checkpoint()

        assert before == len(server.requests)
        assert 50 == len(cache)
