"""
Many applications in one namespace of the test cluster, and what became of them.

Their pods are on nodes that only pretend (KWOK): they become ready at once and serve nobody. The
router is `replicas`, which needs nothing but Services. Nobody counts, as there is nothing to count.
"""

import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import anyio

from cluster import kwok
from serinus.adapters.kubernetes.cache import Cache, slim
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.local.clock import Clock
from serinus.core.state import labels
from serinus.ports import failures

Object = dict[str, Any]

REPLICAS = 2
AT_ONCE = 8
"""Requests of ours to the API server at the same time."""

END_S = 900.0
DELIVERY = {"template": "rolling", "parameters": {"maxSurge": "50%", "watch": "2s"}}
GOOD = "Succeeded"


def application(namespace: str, name: str, version: str) -> Object:
    """Return an application as people write it."""
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "version": version,
            "workload": {
                "image": f"registry.example/shop:{version}",
                "port": 8080,
                "replicas": REPLICAS,
                "pod": {"spec": kwok.PLACEMENT},
            },
            "route": {"host": f"{name}.example"},
            "delivery": DELIVERY,
        },
    }


class Fleet:
    """The applications of a namespace, followed by watches of our own."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.client = client
        self.namespace = namespace
        clock = Clock()
        kinds = ("Application", "Release", "Deployment")
        self.caches = {kind: Cache(client, clock, kind, namespace, trim=slim) for kind in kinds}
        self._asked: dict[str, float] = {}
        self._pods_s: dict[str, float] = {}
        self.caches["Deployment"].subscribe(self._requested)

    async def want(self, names: Iterable[str], version: str) -> None:
        """Ask for a version of each application, as fast as the API server takes them."""
        waiting = list(names)[::-1]

        async def work() -> None:
            while waiting:
                name = waiting.pop()
                self._asked[name] = time.monotonic()
                self._pods_s.pop(name, None)
                await self.client.apply(
                    application(self.namespace, name, version), manager="benchmark"
                )

        async with anyio.create_task_group() as tasks:
            for _ in range(AT_ONCE):
                tasks.start_soon(work)

    async def pods_requested_s(self, name: str, version: str) -> float:
        """Change an application's image, and return after how long pods of it are asked for."""
        await self.want([name], version)
        while name not in self._pods_s:  # noqa: ASYNC110 - another program's work
            await anyio.sleep(0.01)
        return self._pods_s[name]

    def _requested(self, change: str, old: Object | None, new: Object | None) -> None:
        """Note when a Deployment of a new revision is there that asks for pods."""
        del change
        if new is None or (old is not None and (old["spec"].get("replicas") or 0) > 0):
            return
        name = (new["metadata"].get("labels") or {}).get(labels.APPLICATION, "")
        if (new["spec"].get("replicas") or 0) > 0 and name in self._asked:
            self._pods_s.setdefault(name, time.monotonic() - self._asked[name])

    # --- how far they are -----------------------------------------------------------------------

    def ready(self) -> int:
        """Return how many applications are ready, by what their conditions say."""
        return sum(map(_ready, self.caches["Application"].of(self.namespace)))

    def ended(self, number: int) -> int:
        """Return how many releases of that number have ended well."""
        return sum(self._ended_well(one, number) for one in self._releases())

    def moved(self, number: int) -> int:
        """Return how many releases of that number have pods asked for, or are further."""
        return sum(_number(one) == number and "status" in one for one in self._releases())

    def _releases(self) -> list[Object]:
        return self.caches["Release"].of(self.namespace)

    def _ended_well(self, one: Object, number: int) -> bool:
        status = one.get("status") or {}
        return _number(one) == number and status.get("phase") == GOOD and "endedAt" in status

    async def until(self, look: Callable[[], int], wanted: int, patience_s: float) -> float:
        """Wait until so many are, and return how long that took; give up at the end."""
        began = time.monotonic()
        while look() < wanted:
            if time.monotonic() - began > patience_s:
                raise SystemExit(f"only {look()} of {wanted} after {patience_s:.0f} s")
            await anyio.sleep(0.1)
        return time.monotonic() - began


def _ready(one: Object) -> bool:
    status, generation = one.get("status") or {}, one["metadata"].get("generation")
    conditions = {c["type"]: c["status"] for c in status.get("conditions") or ()}
    return conditions.get("Ready") == "True" and status.get("observedGeneration") == generation


def _number(one: Object) -> int:
    return int(one["spec"]["number"])


@asynccontextmanager
async def fleet(client: Client) -> AsyncIterator[Fleet]:
    """Make a namespace, follow what is in it, and remove it with everything that is in it."""
    namespace = f"scale-{secrets.token_hex(3)}"
    await client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    try:
        found = Fleet(client, namespace)
        async with anyio.create_task_group() as tasks:
            for cache in found.caches.values():
                tasks.start_soon(cache.run)
            for cache in found.caches.values():
                await cache.ready.wait()
            yield found
            tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await _remove(client, namespace)


async def _remove(client: Client, namespace: str) -> None:
    """Remove the namespace; the controller is gone, so nobody else lets its applications go."""
    held, _ = await client.list("Application", namespace)
    names = [one["metadata"]["name"] for one in held]

    async def work() -> None:
        while names:
            try:
                await client.patch(
                    "Application", names.pop(), namespace, {"metadata": {"finalizers": None}}
                )
            except failures.Missing:
                continue

    async with anyio.create_task_group() as tasks:
        for _ in range(AT_ONCE):
            tasks.start_soon(work)
    await client.delete("Namespace", namespace)
    with anyio.move_on_after(END_S):
        while True:
            try:
                await client.get("Namespace", namespace)
            except failures.Missing:
                return
            await anyio.sleep(2.0)
