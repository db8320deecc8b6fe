"""The client, the caches and the Lease against a real API server."""

import multiprocessing
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from cluster import kubectl, places
from serinus.adapters.kubernetes import lease as leases
from serinus.adapters.kubernetes.answers import Gone
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.events import Events
from serinus.adapters.kubernetes.lease import Lease
from serinus.adapters.local.clock import Clock
from serinus.ports.failures import Conflict, Missing, Rejected, Unavailable
from tests.cluster import platforms
from tests.cluster.wire import laid

LONG_S = 30.0


@pytest.fixture
async def client(cluster: Path) -> AsyncIterator[Client]:
    async with Client.connect(cluster) as client:
        yield client


def config(namespace: str, name: str, **data: str) -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def there(namespace: str, name: str) -> Callable[[Cache], bool]:
    return lambda cache: cache.get(namespace, name) is not None


@asynccontextmanager
async def running(client: Client, kind: str, namespace: str, **more: Any) -> AsyncIterator[Cache]:
    async with anyio.create_task_group() as tasks:
        cache = Cache(client, Clock(), kind, namespace, **more)
        tasks.start_soon(cache.run)
        await cache.ready.wait()
        yield cache
        tasks.cancel_scope.cancel()


async def test_objects_are_created_read_changed_and_deleted(client: Client, namespace: str) -> None:
    made = await client.create(config(namespace, "a", x="1"))
    with pytest.raises(Conflict, match="already exists"):
        await client.create(made | {"metadata": {"name": "a", "namespace": namespace}})
    await client.patch("ConfigMap", "a", namespace, {"data": {"y": "2"}})
    with pytest.raises(Conflict, match="modified"):
        await client.replace(made)
    found = await client.get("ConfigMap", "a", namespace)
    with pytest.raises(Conflict, match="UID"):
        await client.delete("ConfigMap", "a", namespace, uid="another")
    await client.delete("ConfigMap", "a", namespace, uid=made["metadata"]["uid"])
    await client.delete("ConfigMap", "a", namespace)
    with pytest.raises(Missing, match='configmaps "a" not found'):
        await client.get("ConfigMap", "a", namespace)

    assert {"x": "1", "y": "2"} == found["data"]


async def test_two_managers_of_one_field_are_told_apart(client: Client, namespace: str) -> None:
    await client.apply(config(namespace, "a", x="1", ours="1"))
    with pytest.raises(Conflict, match=r'conflict with "serinus".*\.data\.x'):
        await client.apply(config(namespace, "a", x="2"), force=False, manager="argocd")
    await client.apply(config(namespace, "a", x="2"), manager="argocd")
    await client.apply(config(namespace, "a"))
    found = await client.get("ConfigMap", "a", namespace)

    assert {"x": "2"} == found["data"]


async def test_what_is_wrong_is_rejected_in_the_words_of_the_api_server(
    client: Client, namespace: str
) -> None:
    with pytest.raises(Rejected, match="Invalid value"):
        await client.create(config(namespace, "a", **{"no spaces": "here"}))
    with pytest.raises(Missing) as nowhere:
        await client.create(config("nowhere", "a"))
    assert 'namespaces "nowhere" not found' in str(nowhere.value)


async def test_a_list_in_pages_is_whole(
    client: Client, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serinus.adapters.kubernetes.client.PAGE", 7)
    for number in range(20):
        await client.create(config(namespace, f"c{number:02}"))
    found, version = await client.list("ConfigMap", namespace, "app notin (c03)")

    assert {f"c{n:02}" for n in range(20) if n != 3} <= {o["metadata"]["name"] for o in found}
    assert {"ConfigMap"} == {obj["kind"] for obj in found}
    assert version.isdecimal()


async def test_a_cache_follows_through_the_end_of_its_watch(
    client: Client, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serinus.adapters.kubernetes.cache.WATCH_S", 1)
    async with running(client, "ConfigMap", namespace) as cache:
        with anyio.fail_after(LONG_S):
            for number in range(8):
                await client.create(config(namespace, f"c{number}"))
                await cache.wait_until(there(namespace, f"c{number}"))
                await anyio.sleep(0.6)
        watches = client.requests["watch", "ConfigMap"]

        assert 1 == client.requests["list", "ConfigMap"]
        assert 2 < watches


async def test_a_cache_reads_all_again_when_the_history_is_gone(
    client: Client, namespace: str
) -> None:
    # Of a kind that was defined later, no API server can know what happened at version 1; of one
    # that is built in, it may, as long as the cluster is young.
    kind = "Application"
    await client.create(platforms.application(namespace))
    with pytest.raises(Gone, match="too old resource version"):
        async with aclosing(client.watch(kind, namespace, "1")) as changes:
            await anext(changes)
    async with anyio.create_task_group() as tasks:
        cache = Cache(client, Clock(), kind, namespace)
        cache._version = "1"  # as if it had slept for hours
        tasks.start_soon(cache.run)
        with anyio.fail_after(LONG_S):
            await cache.ready.wait()
        tasks.cancel_scope.cancel()

    assert cache.get(namespace, "shop") is not None


async def test_a_change_is_here_within_moments(client: Client, namespace: str) -> None:
    took = []
    async with running(client, "ConfigMap", namespace) as cache:
        for number in range(20):
            began = time.perf_counter()
            await client.create(config(namespace, f"c{number}"))
            await cache.wait_until(there(namespace, f"c{number}"))
            took.append(time.perf_counter() - began)

    median = sorted(took)[10]
    print(f"\nwrite to cache: median {median * 1000:.1f} ms, longest {max(took) * 1000:.1f} ms")
    assert median < 0.5


async def test_events_are_seen_by_kubectl(client: Client, namespace: str) -> None:
    about = await client.create(config(namespace, "a"))
    async with anyio.create_task_group() as tasks:
        events = Events(client, Clock())
        tasks.start_soon(events.run)
        for _ in range(3):
            events.tell(about, "StepFailed", "success rate 97 %, wanted 99 %", "Warning")
        async with running(client, "Event", namespace) as cache:
            with anyio.fail_after(LONG_S):
                await cache.wait_until(lambda it: any(one.get("count") == 3 for one in it.of()))
        tasks.cancel_scope.cancel()
    text = kubectl.run("describe", "configmap", "a", "-n", namespace)

    assert "StepFailed" in text
    assert "(x3 over" in text


# --- what breaks ----------------------------------------------------------------------------------


async def test_a_cache_goes_on_when_the_wire_was_cut(
    client: Client, namespace: str, tmp_path: Path
) -> None:
    async with laid() as wire, Client.connect(wire.kubeconfig(tmp_path)) as far:
        async with running(far, "ConfigMap", namespace) as cache:
            await wire.hang_up()
            await client.create(config(namespace, "a"))
            await anyio.sleep(2)
            said = cache.problem
            wire.cut = False
            with anyio.fail_after(LONG_S):
                await cache.wait_until(there(namespace, "a"))

        assert "configmaps" in said
        assert 1 == far.requests["list", "ConfigMap"]


async def test_a_cache_notices_a_connection_that_is_half_open(
    client: Client, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serinus.adapters.kubernetes.exchange.SILENCE_S", 2.0)
    async with laid() as wire, Client.connect(wire.kubeconfig(tmp_path)) as far:
        async with running(far, "ConfigMap", namespace) as cache:
            await anyio.sleep(0.5)
            await wire.freeze()
            await client.create(config(namespace, "a"))
            with anyio.fail_after(LONG_S):
                await cache.wait_until(there(namespace, "a"))

        assert 1 == far.requests["list", "ConfigMap"]


async def test_a_new_token_and_a_new_right_are_used_as_soon_as_they_are_there(
    namespace: str, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("of-nobody")
    kubectl.run("create", "serviceaccount", "reader", "-n", namespace)
    async with laid() as wire:
        path = wire.kubeconfig(tmp_path, tokenFile=str(token))
        async with Client.connect(path) as far, anyio.create_task_group() as tasks:
            with pytest.raises(Unavailable, match="does not accept our credentials"):
                await far.list("ConfigMap", namespace)
            token.write_text(kubectl.run("create", "token", "reader", "-n", namespace))
            with pytest.raises(Rejected) as caught:
                await far.list("ConfigMap", namespace)
            cache = Cache(far, Clock(), "ConfigMap", namespace)
            tasks.start_soon(cache.run)
            view = ("rolebinding", "reader", "--clusterrole=view")
            kubectl.run(*("create", *view, f"--serviceaccount={namespace}:reader", "-n", namespace))
            with anyio.fail_after(LONG_S):
                await cache.ready.wait()
            tasks.cancel_scope.cancel()

    assert f"give the right to list configmaps in namespace {namespace}" == caught.value.hint


# --- who leads ------------------------------------------------------------------------------------


def lead(namespace: str, name: str, said: Any) -> None:
    """Lead as a process of its own until it is killed."""

    async def work() -> None:
        said.send((name, time.time()))
        await anyio.sleep_forever()

    async def main() -> None:
        async with Client.connect(places.KUBECONFIG) as client:
            terms = leases.Terms(3, 2, 0.4, renew_s=0.5)
            await Lease(client, Clock(), namespace, identity=name, terms=terms).lead(work)

    anyio.run(main)


async def test_of_two_processes_one_leads_and_the_other_follows_when_it_is_killed(
    client: Client, namespace: str
) -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    names = [f"p{n}-{secrets.token_hex(2)}" for n in range(2)]
    processes = {
        name: context.Process(target=lead, args=(namespace, name, theirs), daemon=True)
        for name in names
    }
    for process in processes.values():
        process.start()
    try:
        assert ours.poll(LONG_S)
        first, _ = ours.recv()
        early = ours.poll(4)
        processes[first].kill()
        killed = time.time()
        assert ours.poll(LONG_S)
        second, began = ours.recv()
    finally:
        for process in processes.values():
            process.kill()
            process.join()
    lease = await client.get("Lease", "serinus", namespace)

    assert not early
    assert {first, second} == set(names)
    assert second == lease["spec"]["holderIdentity"]
    print(f"\nthe next one led {began - killed:.1f} s after the first was killed (term 3 s)")
