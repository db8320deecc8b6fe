"""Environments and templates say themselves whether they can be used."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from serinus.adapters.kubernetes.cache import Cache, slim
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.library import Places
from serinus.adapters.kubernetes.reviewing import KINDS, Reviewing
from serinus.adapters.memory.clock import Clock
from tests.adapters.kubernetes import stores
from tests.adapters.kubernetes.apiserver import FakeApiServer

API = "serinus.dev/v1alpha1"


def environment(name: str = "eu", **spec: Any) -> dict[str, Any]:
    target = {"namespaces": ["team"]}
    meta = {"name": name, "generation": 3}
    return {
        "apiVersion": API,
        "kind": "Environment",
        "metadata": meta,
        "spec": {"target": target} | spec,
    }


def template(namespace: str = "", **spec: Any) -> dict[str, Any]:
    meta = {"name": "calm-1.0.0", **({"namespace": namespace} if namespace else {})}
    steps = [{"traffic": {"candidate": "10%"}, "hold": {"for": "1m"}}]
    said = {"template": "calm", "version": "1.0.0", "strategy": "canary", "plan": steps}
    kind = "DeliveryTemplate" if namespace else "ClusterDeliveryTemplate"
    return {"apiVersion": API, "kind": kind, "metadata": meta, "spec": said | spec}


class Still(Clock):
    """A clock on which no time passes for those who wait."""

    async def sleep(self, seconds: float) -> None:
        """Wait for good."""
        del seconds
        await anyio.sleep_forever()


@asynccontextmanager
async def reviewed(server: FakeApiServer, namespace: str | None = None) -> AsyncIterator[None]:
    """Review what is there, and go on until the block ends."""
    clock = Still(server.shelf.now)
    client = Client.connect(transport=server)
    caches = {kind: Cache(client, clock, kind, trim=slim) for kind in KINDS}
    async with client, anyio.create_task_group() as tasks:
        for cache in caches.values():
            tasks.start_soon(cache.run)
            await cache.ready.wait()
        made = Reviewing(
            client, caches, clock, lambda: Places(caches["Environment"].of()), namespace
        )
        await made.look()
        tasks.start_soon(made.run)
        yield
        tasks.cancel_scope.cancel()


def ready(found: dict[str, Any]) -> tuple[str, str]:
    """Return the status and the message of the condition Ready."""
    conditions = {one["type"]: one for one in found.get("status", {}).get("conditions", [])}
    one = conditions.get("Ready", {})
    return one.get("status", ""), one.get("message", "")


async def test_an_environment_says_whether_it_holds_and_what_is_wrong() -> None:
    server = FakeApiServer()
    server.add(environment(), environment("odd", windows=[{"name": "a", "weekly": "Mon"}]))
    async with reviewed(server):
        good, odd = server.find("Environment", "eu"), server.find("Environment", "odd")

    assert ready(good)[0] == "False"
    assert "environments eu and odd both list namespace team" in ready(good)[1]
    assert "spec.windows[0].weekly" in ready(odd)[1]
    assert good["metadata"]["generation"] == good["status"]["observedGeneration"]


async def test_what_is_mended_is_told_and_nothing_is_written_twice() -> None:
    server = FakeApiServer()
    server.add(environment(windows=[{"name": "a", "weekly": "Mon"}]))
    async with reviewed(server):
        server.edit("Environment", "eu", "", {"spec": {"windows": []}})
        mended = ("True", "It holds for team.")
        await stores.until(lambda: mended == ready(server.find("Environment", "eu")))
        written = [asked for asked in server.requests if asked[0] == "patch"]

    assert 2 == len(written)


async def test_templates_say_it_too_each_where_it_is() -> None:
    server = FakeApiServer()
    server.add(template(), template("team", strategy="Magic"))
    async with reviewed(server):
        shared = server.find("ClusterDeliveryTemplate", "calm-1.0.0")
        own = server.find("DeliveryTemplate", "calm-1.0.0", "team")

    assert ("True", "Applications may refer to calm@1.0.0.") == ready(shared)
    assert "False" == ready(own)[0]
    assert "spec.strategy" in ready(own)[1]


async def test_who_delivers_one_namespace_writes_about_what_is_its_own() -> None:
    server = FakeApiServer()
    others = environment("us") | {"spec": {"target": {"namespaces": ["other"]}}}
    server.add(environment(), others, template(), template("team"), template("other"))
    async with reviewed(server, "team"):
        told = {asked[1:] for asked in server.requests if asked[0] == "patch"}

    assert {("Environment", "eu"), ("DeliveryTemplate", "team/calm-1.0.0")} == told


async def test_a_write_that_fails_is_tried_again() -> None:
    server = FakeApiServer()
    server.add(environment())
    server.fail("patch", "Environment")
    async with reviewed(server):
        await stores.until(lambda: "True" == ready(server.find("Environment", "eu"))[0])
        written = [asked for asked in server.requests if asked[0] == "patch"]

    assert 2 == len(written)
