"""
Looking at a cluster from outside, as the commands do: its objects, and whether anybody decides.

Nothing of a controller is needed for that: whoever may read the objects sees what is so, and
whoever may create intents may steer.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import msgspec

from serinus.adapters.kubernetes import changing, library, records
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.changing import Change
from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.reading import Reading
from serinus.adapters.kubernetes.replicalogs import ReplicaLogs
from serinus.adapters.kubernetes.store import Kinds
from serinus.adapters.local.clock import Clock
from serinus.adapters.memory.store import Store as MemoryStore
from serinus.boot import counting, groups
from serinus.boot.installing import ENVIRONMENT, SYSTEM
from serinus.boot.settings import Cluster
from serinus.core.state import labels
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.ports import failures

LEASE = "serinus-controller"
READY_S = 15.0
LOOK_S, SOON_S = 0.02, 0.1
EVERYWHERE = "*"
"""Written in place of a namespace: all of them."""


def client(cluster: Cluster) -> Client:
    """Return a client of the cluster that is meant; nothing is sent yet."""
    return Client.connect(cluster.kubeconfig, cluster.context)


@asynccontextmanager
async def store(cluster: Cluster) -> AsyncIterator[Reading]:
    """Open a cluster for a command, with what one namespace of it holds."""
    clock = Clock()
    async with client(cluster) as used:
        namespace = cluster.namespace or used.namespace
        within = None if namespace == EVERYWHERE else namespace
        kinds = Kinds(
            Cache(used, clock, "Application", within),
            Cache(used, clock, "Release", within, trim=records.trim),
            Cache(used, clock, "Intent", within),
        )
        try:
            async with anyio.create_task_group() as tasks:
                for cache in kinds:
                    tasks.start_soon(cache.run)
                await _ready(kinds, used.server)
                yield Reading(used, kinds, clock, inner=MemoryStore(), environment=ENVIRONMENT)
                tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            raise groups.only(group) from None


async def _ready(kinds: Kinds, server: str) -> None:
    """Wait until everything was listed, or say why it cannot be."""
    with anyio.move_on_after(READY_S):
        for cache in kinds:
            while not cache.ready.is_set():
                if cache.problem:
                    raise failures.Unavailable(
                        f"the cluster at {server} cannot be read", why=cache.problem
                    )
                await anyio.sleep(LOOK_S)
    missing = [cache.kind.name for cache in kinds if cache.absent]
    if missing:
        raise failures.Missing(
            f"the cluster at {server} knows no {missing[0]}",
            why="Serinus is not installed there",
            hint="serinus install | kubectl apply --server-side -f -",
        )
    if not all(cache.ready.is_set() for cache in kinds):
        raise failures.Unavailable(f"the cluster at {server} has not answered in {READY_S:.0f} s")


async def awake(cluster: Cluster) -> bool:
    """
    Tell whether a controller works in the cluster: whether somebody renews a Lease of ours.

    Where it runs is looked at first, and then wherever else it may have been installed. Whoever may
    not read Leases is told that one does: an intent without an answer says more.
    """
    now = datetime.now(UTC)
    async with client(cluster) as used:
        try:
            found = await used.get("Lease", LEASE, SYSTEM)
        except failures.Missing:
            found = {}
        except failures.Rejected:
            return True
        if fresh(found.get("spec") or {}, now):
            return True
        try:
            every, _ = await used.list("Lease")
        except failures.Rejected:
            return True
    ours = (one for one in every if one["metadata"]["name"] == LEASE)
    return any(fresh(one.get("spec") or {}, now) for one in ours)


async def logs(
    cluster: Cluster,
    key: Key,
    revisions: Callable[[], Awaitable[Sequence[str]]],
    told: Callable[[str, str], None],
    *,
    lines: int,
    follow: bool,
) -> bool:
    """
    Tell the last lines of each replica, and what comes after them with ``follow``.

    ``revisions`` says whose replicas are meant, ``told`` takes the replica's name and a line.
    Returns whether anything was there.
    """
    async with client(cluster) as used:
        found = ReplicaLogs(used, Clock(), labels.parted(key.application))
        some = await found.tail(await revisions(), lines, told)
        if follow:
            try:
                await found.follow(revisions, told)
            except BaseExceptionGroup as group:
                raise groups.only(group) from None
    return some


async def counted(cluster: Cluster, environment: str) -> Mapping[str, str]:
    """
    Return, by the kind of a check, what is counted in an environment, for people.

    Whoever may not read environments is told what is so in all of them.
    """
    async with client(cluster) as used:
        try:
            found = await used.get("Environment", environment)
        except (failures.Missing, failures.Rejected):
            return counting.counted(None)
    places = library.Places((found,))
    return counting.counted(places.documents().get(environment))


async def caller(cluster: Cluster) -> str:
    """
    Return who we are to the API server, empty where it cannot tell.

    An Intent is signed with that name: the API server refuses those that are signed for others.
    """
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    async with client(cluster) as used:
        try:
            found = await used.create(asked)
        except (failures.Missing, failures.Rejected):  # before Kubernetes 1.28, or forbidden
            return ""
    return str(((found.get("status") or {}).get("userInfo") or {}).get("username") or "")


def fresh(lease: dict[str, Any], now: datetime) -> bool:
    """Tell whether a Lease was renewed in time; ``lease`` is its spec."""
    try:
        renewed = msgspec.convert(lease.get("renewTime"), datetime)
    except msgspec.ValidationError:
        return False
    # The clocks of two machines differ a little; a Lease that is given back has no holder.
    length = timedelta(seconds=2 * float(lease.get("leaseDurationSeconds") or 15))
    return bool(lease.get("holderIdentity")) and now - renewed < length


async def begun(
    reading: Reading, key: Key, version: str, *, generation: int, before: Status
) -> int | None:
    """
    Wait for the release of a version and return its number, None when it serves already.

    ``generation``: of the Application that asks for it; ``before``: the status before that.
    Rejected with the controller's own sentence when nothing will come of it by itself.
    """
    while True:
        status = await reading.status(key) or before
        release = status.release
        begun = release is not None and release.version == version
        if begun and release and (release.ended_at is None or release.number > before.releases):
            return release.number
        found = reading.standing(key)
        if (found.observed_generation or 0) >= generation:
            holds = {one.type for one in found.conditions if one.status == "True"}
            if "Stalled" in holds:
                raise failures.Rejected(f"{version} is not released", why=found.sentence)
            if "Ready" in holds and found.stable is not None and found.stable.version == version:
                return None
        await anyio.sleep(SOON_S)


async def ask(cluster: Cluster, key: Key, change: Change) -> int:
    """Ask for a version; see :func:`serinus.adapters.kubernetes.changing.ask`."""
    async with client(cluster) as used:
        return await changing.ask(used, key.application, change)
