"""
Listening to pods: how many lines of each match, and what kinds of them there are.

::

    log of a pod, as the API server ─┬─► lines, from when it served ─► ReplicaCounters.lines
    passes it on while it is written └─► kinds, from when it started ─► RevisionCounters.kinds

Only while a release is in flight, and within bounds: :data:`MOST` bytes and :data:`COUNTED`
matching lines of a pod in a second; whoever writes more is judged by so many, and what is beyond is
passed over. A stream that ends (its container began anew, its file was turned over, the API server
went away) is taken up again behind the last line that came.

Where a router counts by Service, the lines of all pods of a revision stand beside the requests of
all of them, and only while all of them are heard.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Protocol

import anyio
import structlog
from anyio.abc import TaskGroup
from msgspec.structs import replace

from serinus.adapters.kubernetes import marks
from serinus.adapters.kubernetes.tally import Crew, Roster
from serinus.adapters.logs import kinds, matches
from serinus.core.state import labels
from serinus.core.state.counts import MIRRORED, RevisionCounters, Scrape, whole
from serinus.core.state.notice import Key
from serinus.ports import failures
from serinus.ports.clock import Clock

MOST = 1 << 20
"""Bytes of one pod that are read in a second."""

COUNTED = 10_000
"""Matching lines of one pod and check that are counted in a second."""

TOLD_APART = 500
"""Lines of one pod and check whose kind is looked at in a second; the rest is counted only."""

PODS = 100
"""Pods of one application that are listened to."""

BEFORE = timedelta(seconds=60)
"""So much of an older log is read for its kinds."""

KEPT = 4
"""Versions whose kinds are kept, also when none of their pods is left."""

LOOK_S = 1.0
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)

log = structlog.get_logger()


class Logs(Protocol):
    """Who passes on what pods write."""

    def logs(
        self,
        namespace: str,
        pod: str,
        container: str | None = None,
        *,
        since: datetime | None = None,
        follow: bool = False,
    ) -> AsyncGenerator[bytes]:
        """Return the lines of a container's log, each after its instant and a space."""
        ...


class _Spot:
    """What was heard of one pod: ``last`` is the instant of its last line, ``problem`` why none."""

    def __init__(self, revision: str, replica: str, served: bool) -> None:  # noqa: FBT001  a fact
        self.revision = revision
        self.replica = replica
        self.served = served
        self.last = ""
        self.counts: dict[str, int] = {}
        self.problem = ""
        self.scope = anyio.CancelScope()
        self.gone = False


class _Second:
    """What was read of one pod within a second, so that it is not too much."""

    def __init__(self) -> None:
        self.at = -1.0
        self.size = 0
        self.counted: dict[str, int] = {}

    def full(self, now: float, size: int) -> bool:
        """Note bytes, and tell whether they are too many."""
        if not self.at <= now < self.at + 1.0:
            self.at, self.size, self.counted = now, 0, {}
        self.size += size
        return self.size > MOST

    def one(self, check: str) -> int:
        """Note a matching line, and tell how many there are."""
        self.counted[check] = self.counted.get(check, 0) + 1
        return self.counted[check]


class _Ear:
    """One application that is listened to."""

    def __init__(self, compiled: Mapping[str, matches.Pattern], began: datetime) -> None:
        self.compiled = compiled
        self.began = began
        self.spots: dict[str, _Spot] = {}
        self.kinds: dict[str, dict[str, dict[str, int]]] = {}


class Listening:
    """Listen to the pods of the applications that are asked for."""

    def __init__(self, client: Logs, roster: Roster, clock: Clock) -> None:
        self._client = client
        self._roster = roster
        self._clock = clock
        self._patterns: dict[Key, dict[str, str]] = {}
        self._ears: dict[Key, _Ear] = {}
        self._some = anyio.Event()

    async def listen(self, key: Key, patterns: Mapping[str, str]) -> None:
        """Count the lines that match from now on, none of them without a pattern."""
        if patterns == self._patterns.get(key, {}):
            return
        compiled = {name: _compiled(key, name, text) for name, text in patterns.items()}
        self._stop(self._ears.pop(key, None))
        self._patterns.pop(key, None)
        if patterns:
            self._patterns[key] = dict(patterns)
            self._ears[key] = _Ear(compiled, self._clock.now())
            self._some.set()

    async def run(self) -> None:
        """Follow the logs of pods that come and go, until cancelled."""
        async with anyio.create_task_group() as tasks:
            while True:
                self.look(tasks)
                if not self._ears:
                    self._some = anyio.Event()
                    await self._some.wait()
                else:
                    await self._clock.sleep(LOOK_S)

    def look(self, tasks: TaskGroup) -> None:
        """Begin with new pods, and end with those that are gone."""
        for key, ear in self._ears.items():
            crew = self._roster.crew(key)
            for name, old in ear.spots.items():
                if name not in crew.pods and not old.gone:
                    old.gone = True
                    old.scope.cancel()
            for pod, (revision, replica) in list(crew.pods.items())[:PODS]:
                spot = ear.spots.get(pod)
                if spot is None:
                    spot = ear.spots[pod] = _Spot(revision, replica, pod in crew.addresses)
                    ear.kinds.setdefault(revision, {n: {} for n in ear.compiled})
                    tasks.start_soon(self._follow, key, pod, crew.containers.get(pod), ear, spot)
                spot.served |= pod in crew.addresses
            self._forget(ear, crew)

    def added(self, key: Key, scrape: Scrape) -> Scrape:
        """Return a scrape with what was heard of the application."""
        ear = self._ears.get(key)
        if ear is None:
            return scrape
        crew = self._roster.crew(key)
        found = dict(scrape.revisions)
        for name, counters in found.items():
            heard = self._lines(ear, crew, name.removesuffix(MIRRORED))
            replicas = {
                replica: replace(one, lines={**one.lines, **heard[replica]})
                if replica in heard
                else one
                for replica, one in counters.replicas.items()
            }
            found[name] = replace(counters, replicas=replicas)
        for revision, known in ear.kinds.items():
            # One that gets no requests is heard all the same.
            counters = found.get(revision, RevisionCounters(replicas={}))
            copied = {name: dict(counted) for name, counted in known.items()}
            found[revision] = replace(counters, kinds=copied)
        return replace(scrape, revisions=found)

    def _lines(self, ear: _Ear, crew: Crew, revision: str) -> dict[str, dict[str, int]]:
        """Return the lines of a revision by replica, and those of all of them together."""
        spots = [spot for spot in ear.spots.values() if spot.revision == revision]
        heard = [spot for spot in spots if spot.served and not spot.problem]
        found = {
            spot.replica: {name: spot.counts.get(name, 0) for name in ear.compiled}
            for spot in heard
            if not spot.gone
        }
        serving = {pod for pod, (of, _) in crew.pods.items() if of == revision}
        if heard and all(pod in ear.spots and not ear.spots[pod].problem for pod in serving):
            found[whole(revision)] = {
                name: sum(spot.counts.get(name, 0) for spot in spots) for name in ear.compiled
            }
        return found

    def _forget(self, ear: _Ear, crew: Crew) -> None:
        """Keep what a version said for a while: the next one is held against it."""
        there = {revision for revision, _ in crew.pods.values()}
        gone = [revision for revision in ear.kinds if revision not in there]
        for revision in gone[: max(0, len(ear.kinds) - KEPT)]:
            del ear.kinds[revision]

    def _stop(self, ear: _Ear | None) -> None:
        for spot in ear.spots.values() if ear is not None else ():
            spot.scope.cancel()

    # --- one pod --------------------------------------------------------------------------------

    async def _follow(
        self, key: Key, pod: str, container: str | None, ear: _Ear, spot: _Spot
    ) -> None:
        """Read what a pod writes until it is gone."""
        namespace = labels.parted(key.application).namespace
        failed = 0
        with spot.scope:
            while True:
                try:
                    await self._read(namespace, pod, container, ear, spot)
                    failed = 0
                except failures.PortFailure as problem:
                    if not spot.problem and isinstance(problem, failures.Rejected):
                        log.warning(
                            "log is not read", pod=f"{namespace}/{pod}", problem=str(problem)
                        )
                    spot.problem = str(problem) if isinstance(problem, failures.Rejected) else ""
                    failed += 1
                await self._clock.sleep(PAUSES_S[min(failed, len(PAUSES_S) - 1)])

    async def _read(
        self, namespace: str, pod: str, container: str | None, ear: _Ear, spot: _Spot
    ) -> None:
        """Read a stream to its end, or until there is too much of it for this second."""
        since = marks.instant(spot.last) if spot.last else ear.began - BEFORE
        second = _Second()
        lines = self._client.logs(namespace, pod, container, since=since, follow=True)
        async with aclosing(lines) as stream:
            async for line in stream:
                spot.problem = ""
                instant, text = marks.parted(line)
                if not instant or instant <= spot.last:
                    continue  # it came before, or is not what a log is made of
                spot.last = instant
                now = self._clock.now().timestamp()
                if second.full(now, len(line)):
                    spot.last = marks.sortable(
                        marks.written(self._clock.now() + timedelta(seconds=1))
                    )
                    return
                self._take_in(text, instant, ear, spot, second)

    def _take_in(self, text: bytes, instant: str, ear: _Ear, spot: _Spot, second: _Second) -> None:
        counts = spot.served and instant >= marks.sortable(marks.written(ear.began))
        for name, pattern in ear.compiled.items():
            found = next(matches.matching(pattern, text + b"\n"), None)
            if found is None:
                continue
            number = second.one(name)
            if counts and number <= COUNTED:
                spot.counts[name] = spot.counts.get(name, 0) + 1
            if number <= TOLD_APART:
                known = ear.kinds.setdefault(spot.revision, {}).setdefault(name, {})
                kinds.add(known, (found,))


def _compiled(key: Key, name: str, text: str) -> matches.Pattern:
    try:
        return matches.pattern(text)
    except ValueError as problem:
        raise failures.Rejected(
            f"{key}: the pattern of the check {name} cannot be used: {problem}",
            hint="patterns are written as RE2 reads them, such as ERROR|Traceback",
        ) from problem
