"""The platform of a cluster over the real one, and requests that are counted one by one."""

import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx2

from cluster import traefik
from serinus.adapters.kubernetes import crd
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.platform import Platform
from serinus.adapters.kubernetes.world import World as Objects
from serinus.adapters.kubernetes.world import caches
from serinus.adapters.local.clock import Clock
from serinus.adapters.routers import gatewayapi, replicas
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.spec.health import HealthProbe
from serinus.core.state import revision
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Route
from serinus.core.state.workload import Group, Replica, ReplicaState, Revision, Workload
from serinus.ports.failures import PortFailure
from serinus.ports.router import Router
from tests.cluster import samples

PATIENCE_S = 60.0
EVERY_S = 0.05
DRAIN_S = 10.0
LATEST = 50
BEGUN = 5
"""An address that answered so often in a row is one that users could have."""
LINGER_S = 3.0
"""A load goes on for so long after the last thing that was done: what comes late counts too."""


def application(namespace: str, **spec: Any) -> dict[str, Any]:
    """Return an Application called shop."""
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop", "namespace": namespace},
        "spec": {"workload": {"image": "podinfo:6.0.0", "port": samples.PORT}, **spec},
    }


def template(version: str = "6.0.0", **changes: Any) -> dict[str, Any]:
    """Return the pod template of a version of podinfo."""
    (deployment, _) = samples.podinfo("", version)
    made: dict[str, Any] = deployment["spec"]["template"]
    made["spec"]["containers"][0] |= changes
    return made


def made(version: str = "6.0.0", pods: dict[str, Any] | None = None, **changes: Any) -> Revision:
    """Return the revision of a pod template."""
    fields: dict[str, Any] = {
        "command": (),
        "port": samples.PORT,
        "template": pods or template(version),
        "health": HealthProbe(path="/readyz"),
    }
    return revision.of(Workload(**(fields | changes)), version)


@dataclass
class World:
    """One platform and one application on it."""

    client: Client
    platform: Platform
    router: Router
    key: Key
    notes: list[Key] = field(default_factory=list)

    async def eventually(
        self, holds: Callable[[], Awaitable[bool]], patience_s: float = PATIENCE_S
    ) -> None:
        with anyio.fail_after(patience_s):
            while not await holds():  # noqa: ASYNC110  the cluster tells by being asked
                await anyio.sleep(EVERY_S)

    async def ensure(
        self, *groups: tuple[Revision, Iterable[int]], drain_s: float = DRAIN_S
    ) -> None:
        """Ask until the platform has taken it over, as the loop does."""
        revisions = [found for found, _ in groups]
        wanted = [Group(found.id, tuple(ordinals)) for found, ordinals in groups]

        async def taken() -> bool:
            with contextlib.suppress(PortFailure):
                await self.platform.ensure(self.key, revisions, wanted, drain_s)
                return True
            return False

        await self.eventually(taken)

    async def run(
        self, *groups: tuple[Revision, Iterable[int]], drain_s: float = DRAIN_S
    ) -> tuple[Replica, ...]:
        """Make replicas exist, and return them when exactly these are ready."""
        await self.ensure(*groups, drain_s=drain_s)
        wanted = sorted((found.id, ordinal) for found, ordinals in groups for ordinal in ordinals)

        async def ready() -> bool:
            found = await self.platform.replicas(self.key)
            return wanted == sorted((r.revision, r.ordinal) for r in found) and all(
                r.state is ReplicaState.READY for r in found
            )

        await self.eventually(ready)
        return await self.platform.replicas(self.key)

    async def noted(self, wanted: Callable[[Replica], bool]) -> Replica:
        """Return a replica of which something is told, when it is."""
        found: list[Replica] = []

        async def told() -> bool:
            found[:] = filter(wanted, await self.platform.replicas(self.key))
            return bool(found)

        await self.eventually(told)
        return found[0]

    async def route(self, *shares: tuple[Revision, int]) -> Route:
        """Route to all ready replicas of revisions, and wait until that is so."""
        running = await self.platform.replicas(self.key)
        wanted = Route(
            application=self.key.application,
            environment=self.key.environment,
            host=self.host,
            backends=tuple(
                Backend(
                    found.id,
                    weight,
                    tuple(
                        sorted(
                            Endpoint(r.name, r.address)
                            for r in running
                            if r.revision == found.id and r.state is ReplicaState.READY
                        )
                    ),
                )
                for found, weight in shares
            ),
        )

        async def carried() -> bool:
            if self.router.read(self.key, await self.platform.applied()) == wanted:
                return True
            await self.put(wanted)  # as often as the loop does: Services come first
            return False

        await self.eventually(carried)
        return wanted

    async def put(self, wanted: Route | None) -> None:
        """Deliver a route until the platform has taken it over, as the loop does."""

        async def taken() -> bool:
            found = await self.platform.fetch(self.router.refs(self.key))
            documents = self.router.render(self.key, wanted, found)
            with contextlib.suppress(PortFailure):
                await self.platform.deliver(self.key, documents)
                return True
            return False

        await self.eventually(taken)

    async def leave(self) -> None:
        """Do what the loop does for an application that is let go."""
        await self.put(None)
        await self.platform.ensure(self.key, (), (), DRAIN_S)

        async def ended() -> bool:
            return not await self.platform.replicas(self.key)

        await self.eventually(ended)
        await self.platform.delete(self.key)

    @property
    def host(self) -> str:
        return f"{self.key.application.partition('/')[0]}.test"


@dataclass
class Load:
    """
    What became of the requests of a load: by who answered, and what went wrong.

    ``lost_at``: how many were lost that had been sent in a second, counted from the load's begin.
    """

    answers: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    lost_at: Counter[int] = field(default_factory=Counter)
    latest: deque[str] = field(default_factory=lambda: deque(maxlen=LATEST))

    def lose(self, what: str, second: float) -> None:
        """Note that a request was lost, and in which second it had been sent."""
        self.lost[what] += 1
        self.lost_at[int(second)] += 1
        self.latest.append("")

    def sentence(self) -> str:
        """Tell who answered, what was lost, and when."""
        when = ", ".join(f"{count} in second {at}" for at, count in sorted(self.lost_at.items()))
        return f"{dict(self.answers)}, lost {dict(self.lost)}" + (f": {when}" if when else "")

    async def answered_by(self, *messages: str) -> None:
        """Wait until all of the latest answers are by these: the router was seen to follow."""
        with anyio.fail_after(PATIENCE_S):
            while len(self.latest) < LATEST or not set(self.latest) <= set(messages):  # noqa: ASYNC110  requests tell by coming
                await anyio.sleep(EVERY_S)


@asynccontextmanager
async def load(*urls: str, host: str, rate: float = 100.0) -> AsyncIterator[Load]:
    """
    Send requests all the time, each over a connection of its own, until the block ends.

    It begins when every address answers: the node's proxy follows a new Service a second later.
    """
    result = Load()
    limits = httpx2.Limits(max_keepalive_connections=0, max_connections=500)

    async def one(client: httpx2.AsyncClient, url: str, second: float) -> None:
        try:
            answer = await client.get(url, headers={"Host": host})
        except httpx2.HTTPError as problem:
            result.lose(f"{url}: {problem!r}", second)
            return
        if answer.status_code == httpx2.codes.OK:
            message = answer.json()["message"]
            result.answers[message] += 1
            result.latest.append(message)
        else:
            result.lose(f"{url}: {answer.status_code}", second)

    async def begun(client: httpx2.AsyncClient, url: str) -> None:
        with anyio.fail_after(PATIENCE_S):
            row = 0
            while row < BEGUN:
                with contextlib.suppress(httpx2.HTTPError):
                    answer = await client.get(url, headers={"Host": host})
                    row = row + 1 if answer.status_code == httpx2.codes.OK else 0
                await anyio.sleep(EVERY_S)

    async def send(tasks: anyio.abc.TaskGroup, client: httpx2.AsyncClient) -> None:
        began, number = anyio.current_time(), 0
        while True:
            second = anyio.current_time() - began
            tasks.start_soon(one, client, urls[number % len(urls)], second)
            number += 1
            await anyio.sleep_until(began + number / rate)

    async with (
        httpx2.AsyncClient(timeout=10.0, limits=limits, trust_env=False) as client,
        anyio.create_task_group() as flying,
        anyio.create_task_group() as sending,
    ):
        for url in urls:
            await begun(client, url)
        sending.start_soon(send, flying, client)
        yield result
        await anyio.sleep(LINGER_S)
        sending.cancel_scope.cancel()
    print(f"\n{host}: {result.sentence()}")


@asynccontextmanager
async def started(
    kubeconfig: Path, namespace: str, *, proxy: bool = True, **site: Any
) -> AsyncIterator[World]:
    """
    Start a platform over the cluster, for one namespace; it is let go of at the end.

    Requests are split by the Gateway API, or without a ``proxy`` by the number of pods.
    """
    clock = Clock()
    async with Client.connect(kubeconfig) as client:
        for definition in crd.every():
            await client.apply(definition)
        kept = caches(client, clock, namespace, ("HTTPRoute",))
        async with anyio.create_task_group() as tasks:
            for cache in kept.values():
                tasks.start_soon(cache.run)
            with anyio.fail_after(PATIENCE_S):
                for cache in kept.values():
                    await cache.ready.wait()
            platform = Platform(Objects.over(client, kept, clock), routing_kinds=("HTTPRoute",))
            place = Site(host=f"{namespace}.test", target_port=samples.PORT, **site)
            gateway = gatewayapi.Gateway(traefik.NAME, traefik.NAMESPACE)
            router: Router = (
                gatewayapi.Router(gatewayapi.Settings(gateway=gateway), place)
                if proxy
                else replicas.Router(site=place)
            )
            key = Key(f"{namespace}/shop", "kubernetes")
            found = World(client, platform, router, key)
            tasks.start_soon(platform.run, found.notes.append)
            try:
                yield found
            finally:
                tasks.cancel_scope.cancel()
