"""
A cluster: pods behind the router that is there, specs and state in the API server.

:func:`controller` is all of it, once there is an API server to talk to. It may be killed at any
moment: what serves goes on serving, and the next one goes on where this one was::

    opened ──▶ caches ──▶ specs, store, platform, routers ──▶ the loop

Who of several controllers does that is the matter of :mod:`serinus.boot.leading`.
"""

import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import msgspec
import structlog

from serinus.adapters.gates import webhook
from serinus.adapters.kubernetes import crd, installation, kinds, pages, records, specs, world
from serinus.adapters.kubernetes.authoring import Documents
from serinus.adapters.kubernetes.bookmarks import Bookmarks
from serinus.adapters.kubernetes.cache import Cache, slim
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.counting import Counting
from serinus.adapters.kubernetes.following import Following
from serinus.adapters.kubernetes.grouped import Grouped
from serinus.adapters.kubernetes.listening import Listening
from serinus.adapters.kubernetes.platform import Platform
from serinus.adapters.kubernetes.resolved import Situation
from serinus.adapters.kubernetes.reviewing import Reviewing
from serinus.adapters.kubernetes.roster import Roster
from serinus.adapters.kubernetes.store import Kinds, Store
from serinus.adapters.kubernetes.usage import Measuring
from serinus.adapters.local.clock import Clock
from serinus.adapters.local.database import Database
from serinus.adapters.local.secrets import STRANGERS, Secrets
from serinus.adapters.local.store import Store as LocalStore
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.app import chronicle
from serinus.app.chronicle import Chronicle
from serinus.app.loop import Loop, Pace
from serinus.app.telling import Telling
from serinus.boot import authoring, catalogue, counting, groups, notices, routing, sources, watched
from serinus.boot.installing import ENVIRONMENT, SYSTEM
from serinus.boot.routing import Placed, Routers
from serinus.core.errors import Problem
from serinus.core.spec import place
from serinus.core.spec.application import Environment
from serinus.core.spec.limits import Limits
from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Ref
from serinus.ports import Ports, failures

READY_S = 60.0
"""How long the API server may take to list all that there is."""

ESTABLISHED_S = 30.0
"""How long it may take until a new kind is served."""

PAUSE_S = 0.2

PACE = Pace(workers=24, round_s=1800.0, resync_s=600.0, poll_s=1.0)
"""
Turns wait for the API server, not for a processor. Whatever changes is told of by watches, so that
a round finds what nobody else does.
"""

KINDS_S = 5.0
"""How often is looked whether the cluster knows other kinds than before."""

log = structlog.get_logger()


class Settings(msgspec.Struct, frozen=True):
    """
    What a controller of a cluster is told.

    ``home``: a directory for what is bulky and may be lost, and of secrets. ``namespace``: the only
    one whose applications are delivered, None: all. ``environment``: of namespaces that no
    Environment lists. ``routers``: those in use, whose objects are watched. ``system``: the
    namespace of what the controller notes for itself.
    """

    home: Path
    kubeconfig: Path | None = None
    context: str | None = None
    namespace: str | None = None
    environment: str = ENVIRONMENT
    routers: tuple[str, ...] = ()
    system: str = SYSTEM


class Opened:
    """A cluster that can be talked to."""

    def __init__(self, settings: Settings, client: Client) -> None:
        self.settings = settings
        self.client = client
        self.address = client.server
        self._documents: Documents | None = None
        self._asked: specs.Specs | None = None

    @property
    def where(self) -> str:
        """Return what people call it: the address that pods know means nothing to them."""
        inside = self.settings.kubeconfig is None and "KUBERNETES_SERVICE_HOST" in os.environ
        return "this cluster" if inside else self.address

    async def install(self) -> None:
        """Apply our kinds, and wait until they are served."""
        for definition in crd.every():
            await self.client.apply(definition)
        with anyio.move_on_after(ESTABLISHED_S):
            for definition in crd.every():
                await self._once_served(definition["spec"]["names"]["kind"])

    async def _once_served(self, kind: str) -> None:
        while True:
            with contextlib.suppress(failures.Missing, failures.Unavailable):
                await self.client.list(kind)
                return
            await anyio.sleep(PAUSE_S)

    async def apply(self, document: Mapping[str, Any]) -> None:
        """Write an object as a person would, by server-side apply."""
        await self.client.apply(document, manager="serinus-demo")

    async def delete(self, document: Mapping[str, Any]) -> None:
        """Delete an object, and wait until it is gone."""
        kind, metadata = kinds.of_object(document), document["metadata"]
        name, namespace = metadata["name"], metadata.get("namespace")
        await self.client.delete(kind, name, namespace)
        while True:
            try:
                await self.client.get(kind, name, namespace)
            except failures.Missing:
                return
            await anyio.sleep(PAUSE_S)

    async def abandon(self, document: Mapping[str, Any]) -> None:
        """Let an object go that waits for somebody who will not come; nothing if it is gone."""
        kind, metadata = kinds.of_object(document), document["metadata"]
        with contextlib.suppress(failures.Missing):
            await self.client.patch(
                kind,
                metadata["name"],
                metadata.get("namespace"),
                {"metadata": {"finalizers": None}},
            )

    @asynccontextmanager
    async def controller(self) -> AsyncIterator[tuple[Ports, Loop]]:
        """Run the controller for the length of a block; leaving it leaves everything serving."""
        clock = Clock()
        try:
            async with anyio.create_task_group() as tasks:
                caches = self._caches(clock)
                for cache in caches.values():
                    tasks.start_soon(cache.run)
                await _ready(caches)
                async with self._running(caches, clock) as (ports, loop, runs):
                    for run in runs:
                        tasks.start_soon(run)
                    try:
                        yield ports, loop
                    finally:
                        tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise groups.only(group) from None

    def documents(self) -> Documents:
        """Return what people write in the cluster; while the controller runs."""
        assert self._documents is not None  # noqa: S101 - it runs
        return self._documents

    def asked(self) -> specs.Specs:
        """Return what is asked for in the cluster; while the controller runs."""
        assert self._asked is not None  # noqa: S101 - it runs
        return self._asked

    def _caches(self, clock: Clock) -> dict[str, Cache]:
        namespace = self.settings.namespace
        made = world.caches(
            self.client, clock, namespace, watched.routing_kinds(self.settings.routers)
        )
        trims = {"ConfigMap": specs.trimmed, "Secret": specs.trimmed, "Release": records.trim}
        for kind in (*specs.KINDS, "Release", "Intent"):
            if kind not in made:
                own = namespace if kinds.of(kind).namespaced else None
                made[kind] = Cache(self.client, clock, kind, own, trim=trims.get(kind, slim))
        return made

    def _usage(self, caches: Mapping[str, Cache], clock: Clock) -> Measuring:
        pods = caches["Pod"]
        grouped = Grouped(pods)
        return Measuring(self.client, pods.get, grouped.of, clock)

    async def _telling(
        self, ports: Ports, asked: specs.Specs, secrets: Secrets, caches: Mapping[str, Cache]
    ) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Return what tells people, going on where the last controller stopped."""
        bookmarks = Bookmarks(
            self.client,
            ports.clock,
            self.settings.system,
            number=chronicle.number,
            instant=chronicle.instant,
        )
        await bookmarks.load()
        telling = Telling(
            await Chronicle.begin(ports.store, ports.clock),
            ports.clock,
            bookmarks,
            lambda: notices.wanted(asked.environments()),
            partial(notices.notifier, secrets),
            options="--cluster",
        )
        only = self.settings.namespace
        reviews = Reviewing(self.client, caches, ports.clock, asked.places, only)
        return bookmarks.run, telling.run, reviews.run

    @asynccontextmanager
    async def _running(
        self, caches: Mapping[str, Cache], clock: Clock
    ) -> AsyncIterator[tuple[Ports, Loop, list[Any]]]:
        settings = self.settings
        settings.home.mkdir(parents=True, exist_ok=True)
        reviewed = partial(_reviewed, caches)
        ground = specs.Ground(catalogue.builtin(), _limits, reviewed, settings.environment)
        self._documents = authoring.of_cluster(self.client, caches, ground, settings.namespace)
        self._asked = asked = specs.Specs(caches, ground)
        secrets = _secrets(settings)
        metrics = sources.Sources(asked.environments, lambda name: secrets.get(name).text)
        database = Database.open(settings.home / "bulk.db", create=True)
        inner, held = LocalStore(asked, database), _held(caches)
        store = Store(self.client, held, asked, clock, inner=inner, environment=asked.environment)
        counted = pages.Pages()
        try:
            counters = counting.Counters(asked.environments, metrics, counted, clock)
            there = world.World.over(self.client, caches, clock)
            roster = Roster(there)
            counts = Counting(counters.source, roster, clock)
            heard = Listening(self.client, roster, clock)
            used = self._usage(caches, clock)
            platform = Platform(
                there,
                counting=counts,
                listening=heard,
                usage=used,
                following=Following(counts.latest, counts.every_s, clock),
                routing_kinds=watched.routing_kinds(settings.routers),
            )
            routers = Routers(lambda key: placed(key.application, asked.situation(key.application)))
            gate = webhook.Gate(secrets, clock)
            ports = Ports(platform, routers, store, clock, metrics, gate)
            loop = Loop(ports, PACE, contained=True)

            def written(_: str, old: Any, new: Any) -> None:
                name = (new or old)["metadata"]
                application = f"{name['namespace']}/{name['name']}"
                if not (old and new and specs.same(old, new)):
                    loop.notify(Key(application, asked.environment(application)))

            caches["Application"].subscribe(written)

            async def tend() -> None:
                await platform.run(loop.notify)

            kinds_come = partial(_kinds_come, caches, asked, clock)
            told = await self._telling(ports, asked, secrets, caches)
            yield (
                ports,
                loop,
                [store.run, tend, heard.run, used.run, kinds_come, *told, loop.run],
            )
        finally:
            with anyio.CancelScope(shield=True):
                await inner.close()
                await counted.aclose()


def _held(caches: Mapping[str, Cache]) -> Kinds:
    return Kinds(caches["Application"], caches["Release"], caches["Intent"])


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """Talk to a cluster for the length of a block."""
    async with Client.connect(settings.kubeconfig, settings.context) as client:
        yield Opened(settings, client)


async def _ready(caches: Mapping[str, Cache]) -> None:
    """Wait until all that there is was listed; say what could not be."""
    try:
        with anyio.fail_after(READY_S):
            for cache in caches.values():
                await cache.ready.wait()
    except TimeoutError:
        late = {kind: cache for kind, cache in caches.items() if not cache.ready.is_set()}
        told = "; ".join(f"{kind}: {cache.problem or 'no answer'}" for kind, cache in late.items())
        raise failures.Unavailable(
            f"the API server has not listed everything within {READY_S:.0f} s", why=told
        ) from None
    absent = [kind for kind in ("Application", "Release", "Intent") if caches[kind].absent]
    if absent:
        raise failures.Rejected(
            f"the cluster does not know the kind {absent[0]}",
            why="Serinus is not installed there",
            hint="serinus install | kubectl apply --server-side -f -",
        )


def _secrets(settings: Settings) -> Secrets:
    """Return what is below the home: in a pod that is mounted, elsewhere people write it."""
    if "KUBERNETES_SERVICE_HOST" not in os.environ:
        return Secrets(settings.home)
    return Secrets(
        settings.home,
        others=STRANGERS,
        given=lambda path: installation.secret(settings.system, path.name),
    )


# --- routers ------------------------------------------------------------------------------------


def placed(application: str, situation: Situation) -> Placed:
    """Return where an application is, and the router of its environment."""
    router, settings = routing.chosen(situation.document)
    namespace, name = labels.parted(application)
    site = Site(
        namespace=namespace,
        name=name,
        port=situation.port,
        target_port=situation.target_port,
        host=situation.host,
        ref=situation.ref,
    )
    return Placed(router, settings, site)


def _limits(environment: Environment | None, replicas: int, ref: Ref | None) -> Limits:
    """Return what a cluster can do in an environment, by its router and whose object it writes."""
    name, settings = routing.chosen(environment)
    return routing.limits(name, replicas, settings, Site(ref=ref))


def _reviewed(caches: Mapping[str, Cache], environment: Environment) -> tuple[Problem, ...]:
    """Return what is wrong with the settings of an environment's router, counts and sources."""
    spec = environment.spec
    found = [_below("router", one) for one in routing.review(spec.router or {"replicas": {}})]
    found += watched.review(environment, caches)
    found += [_below("counts", one) for one in counting.review(environment)]
    found += [_below("metrics", one) for one in sources.review(spec.metrics)]
    return tuple(found)


async def _kinds_come(caches: Mapping[str, Cache], asked: specs.Specs, clock: Clock) -> None:
    """Read the environments again whenever a router is installed, or taken away."""
    known = watched.absent(caches)
    while True:
        await clock.sleep(KINDS_S)
        if watched.absent(caches) != known:
            known = watched.absent(caches)
            asked.again()


def _below(field: str, problem: Problem) -> Problem:
    path = place.text((field, *place.parse(problem.path)))
    return msgspec.structs.replace(problem, path=path)
