"""
What the replicas of an application write, each line with the name of its replica.

It is read for people, from the logs of the pods as the API server passes them on: the last lines of
each, and then what comes, also from pods that come later::

    3f2a9c01d4-0  listening on 0.0.0.0:8080
    3f2a9c01d4-1  GET /orders 500

What a container wrote that never began is nothing, and what a pod wrote that is gone is gone.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing

import anyio

from serinus.adapters.kubernetes import marks, notes, reading
from serinus.adapters.kubernetes.client import Client, Object
from serinus.core.state import labels
from serinus.core.state.labels import Name
from serinus.ports import failures
from serinus.ports.clock import Clock

LOOK_S = 1.0
"""How often new pods are looked for, and a stream that ended is taken up again."""

PAUSE_S = 5.0
"""How long to wait when the API server is away."""

Told = Callable[[str, str], None]
"""Takes the name of a replica, and a line that it wrote."""


class ReplicaLogs:
    """
    Read the logs of one application.

    Rejected where the right is missing, with the right in its hint.
    """

    def __init__(self, client: Client, clock: Clock, place: Name) -> None:
        self._client = client
        self._clock = clock
        self._place = place
        self._last: dict[str, str] = {}

    async def tail(self, revisions: Sequence[str], lines: int, told: Told) -> bool:
        """Tell the last lines of each replica of some revisions; whether there were any."""
        any_ = False
        for name, pod in await self._pods(revisions):
            try:
                any_ |= await self._read(name, pod, told, lines=lines)
            except failures.Missing:  # it went in between
                continue
        return any_

    async def follow(self, revisions: Callable[[], Awaitable[Sequence[str]]], told: Told) -> None:
        """Tell each line that comes from now on, until cancelled."""
        heard: set[str] = set()
        async with anyio.create_task_group() as tasks:
            while True:
                for name, pod in await self._pods(await revisions()):
                    uid = pod["metadata"]["uid"]
                    if uid not in heard:
                        heard.add(uid)
                        tasks.start_soon(self._follow, name, pod, told)
                await self._clock.sleep(LOOK_S)

    async def _follow(self, name: str, pod: Object, told: Told) -> None:
        """Tell what one pod writes, until it is gone."""
        while True:
            pause_s = LOOK_S
            try:
                await self._read(name, pod, told)
            except failures.Missing:
                return
            except failures.Unavailable:
                pause_s = PAUSE_S
            await self._clock.sleep(pause_s)

    async def _read(self, name: str, pod: Object, told: Told, lines: int | None = None) -> bool:
        """Tell the last lines of a pod, or without a number what it writes from there on."""
        meta = pod["metadata"]
        last = self._last.get(meta["uid"], "")
        log = self._client.logs(
            meta["namespace"],
            meta["name"],
            pod["spec"]["containers"][0]["name"],
            since=marks.instant(last) if last else None,
            lines=lines,
            follow=lines is None,
        )
        any_ = False
        async with aclosing(log) as stream:
            async for line in stream:
                mark, text = marks.parted(line)
                if mark and mark <= last:
                    continue
                self._last[meta["uid"]] = mark or last
                told(name, text.decode(errors="replace"))
                any_ = True
        return any_

    async def _pods(self, revisions: Sequence[str]) -> list[tuple[str, Object]]:
        """Return the pods that are replicas and began to write, by the names of the replicas."""
        place = self._place
        found, _ = await self._client.list(
            "Pod", place.namespace, f"{labels.APPLICATION}={place.name}"
        )
        named = ((reading.replica(pod, revisions), pod) for pod in found if _began(pod))
        return sorted(
            ((replica.name, pod) for replica, pod in named if replica is not None),
            key=lambda pair: pair[0],
        )


def _began(pod: Object) -> bool:
    """Tell whether the container that serves began, now or before: else it has no log."""
    first = pod["spec"]["containers"][0]["name"]
    for status in notes.containers(pod):
        if status.get("name") == first:
            states = (status.get("state") or {}) | (status.get("lastState") or {})
            return "running" in states or "terminated" in states
    return False
