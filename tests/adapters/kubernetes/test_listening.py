"""Listening to pods: what they write while a release is in flight, within bounds."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import anyio
import pytest

from serinus.adapters.kubernetes import listening
from serinus.adapters.kubernetes.listening import Listening
from serinus.adapters.kubernetes.tally import Crew
from serinus.adapters.memory.clock import Clock
from serinus.core.state.counts import NETWORK, ReplicaCounters, RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.ports import failures

pytestmark = pytest.mark.anyio

KEY = Key("team/shop", "prod")
OLD, NEW = "a" * 64, "b" * 64
FIRST, SECOND = f"{'a' * 10}-0", f"{'b' * 10}-0"
ERRORS = {"errors": "ERROR"}


class Slow(Clock):
    """A clock by which those who sleep wait until a test has moved it."""

    def __init__(self) -> None:
        super().__init__()
        self.moved = anyio.Event()

    def move(self, seconds: float) -> None:
        """Let time pass, and wake who slept."""
        super().move(seconds)
        self.moved.set()
        self.moved = anyio.Event()

    async def sleep(self, seconds: float) -> None:
        """Wait until so much time has passed."""
        until = self.now() + timedelta(seconds=seconds)
        while self.now() < until:
            await self.moved.wait()


class World:
    """Pods that write what a test says, and whoever listens to them."""

    def __init__(self) -> None:
        self.clock = Slow()
        self.pods = {"old": (OLD, FIRST), "new": (NEW, SECOND)}
        self.ready = {"old", "new"}
        self.written: dict[str, list[bytes]] = {"old": [], "new": []}
        self.news = anyio.Event()
        self.asked: list[tuple[str, datetime | None]] = []
        self.ends: set[str] = set()
        self.refuses = ""
        self.listening = Listening(self, self, self.clock)

    def crew(self, key: Key) -> Crew:
        if key != KEY:
            return Crew()
        return Crew({}, dict(self.pods), dict.fromkeys(self.ready & self.pods.keys(), "10.0.0.1:1"))

    async def logs(
        self,
        namespace: str,
        pod: str,
        container: str | None = None,
        *,
        since: datetime | None = None,
        follow: bool = False,
    ) -> AsyncGenerator[bytes]:
        assert ("team", None, True) == (namespace, container, follow)
        self.asked.append((pod, since))
        if self.refuses:
            raise failures.Rejected(self.refuses)
        place = 0
        while True:
            for line in self.written[pod][place:]:
                yield line
            place = len(self.written[pod])
            if pod in self.ends:
                self.ends.discard(pod)
                return
            await self.news.wait()

    async def write(self, pod: str, *lines: str, seconds: float = 1.0) -> None:
        """Write lines at once, and let them be heard."""
        self.clock.move(seconds)
        at = self.clock.now()
        for number, line in enumerate(lines, len(self.written[pod])):
            mark = at.strftime("%Y-%m-%dT%H:%M:%S") + f".{number:06d}Z"
            self.written[pod].append(f"{mark} {line}".encode())
        await self.heard()

    async def heard(self) -> None:
        self.news.set()
        self.news = anyio.Event()
        await anyio.wait_all_tasks_blocked()

    @asynccontextmanager
    async def heeding(self) -> AsyncIterator[None]:
        await self.listening.listen(KEY, ERRORS)
        async with anyio.create_task_group() as tasks:
            self.listening.look(tasks)
            self.tasks = tasks
            await anyio.wait_all_tasks_blocked()
            yield
            tasks.cancel_scope.cancel()

    def scrape(self, *, whole: bool = False) -> Scrape:
        def one(name: str) -> RevisionCounters:
            shown = f"{name[:10]}-all" if whole else name
            return RevisionCounters({shown: ReplicaCounters(9, 9, 0, 0, {NETWORK: 1})})

        return Scrape(1.0, {OLD: one(FIRST), NEW: one(SECOND)})

    def lines(self, *, whole: bool = False) -> dict[str, int | None]:
        found = self.listening.added(KEY, self.scrape(whole=whole))
        return {
            name: one.lines.get("errors")
            for revision in found.revisions.values()
            for name, one in revision.replicas.items()
        }

    def kinds(self, revision: str) -> dict[str, int]:
        found = self.listening.added(KEY, Scrape(1.0, {}))
        return dict(found.revisions[revision].kinds["errors"])


async def test_lines_that_match_are_counted_by_replica() -> None:
    world = World()
    async with world.heeding():
        await world.write("old", "fine")
        await world.write("new", "ERROR 1", "fine", "ERROR 2 and ERROR")
        found = world.listening.added(KEY, world.scrape())

        assert {FIRST: 0, SECOND: 2} == world.lines()
        assert {NETWORK: 1, "errors": 2} == found.revisions[NEW].replicas[SECOND].lines
        assert {"ERROR #": 1, "ERROR # and ERROR": 1} == world.kinds(NEW)


async def test_lines_of_all_pods_stand_beside_the_requests_of_all_of_them() -> None:
    world = World()
    world.pods["more"] = (NEW, f"{'b' * 10}-1")
    world.written["more"] = []
    world.ready.add("more")
    async with world.heeding():
        await world.write("new", "ERROR")
        await world.write("more", "ERROR", "ERROR")
        both = world.lines(whole=True)
        del world.pods["more"]
        world.listening.look(world.tasks)

        assert {f"{'a' * 10}-all": 0, f"{'b' * 10}-all": 3} == both
        assert both == world.lines(whole=True)


async def test_lines_of_all_pods_are_not_told_while_one_is_not_heard() -> None:
    world = World()
    async with world.heeding():
        world.pods["more"] = (NEW, f"{'b' * 10}-1")

        assert {f"{'a' * 10}-all": 0, f"{'b' * 10}-all": None} == world.lines(whole=True)


async def test_a_pod_that_may_not_be_read_is_not_heard() -> None:
    world = World()
    world.refuses = "pods/log is forbidden"
    await world.listening.listen(KEY, ERRORS)
    async with anyio.create_task_group() as tasks:
        world.listening.look(tasks)
        await anyio.wait_all_tasks_blocked()
        found = world.lines()
        tasks.cancel_scope.cancel()

    assert {FIRST: None, SECOND: None} == found


async def test_what_a_pod_wrote_before_it_served_has_kinds_and_is_not_counted() -> None:
    world = World()
    world.ready.discard("new")
    async with world.heeding():
        await world.write("new", "ERROR while starting")
        world.ready.add("new")
        world.listening.look(world.tasks)
        await world.write("new", "ERROR while serving")

        assert 1 == world.lines()[SECOND]
        assert {"ERROR while starting": 1, "ERROR while serving": 1} == world.kinds(NEW)


async def test_what_was_written_before_it_was_asked_for_has_kinds_and_is_not_counted() -> None:
    world = World()
    await world.write("old", "ERROR of old")
    world.clock.move(30)
    async with world.heeding():
        assert {FIRST: 0, SECOND: 0} == world.lines()
        assert {"ERROR of old": 1} == world.kinds(OLD)


async def test_a_stream_that_ends_is_taken_up_behind_its_last_line() -> None:
    world = World()
    async with world.heeding():
        await world.write("new", "ERROR 1")
        world.ends.add("new")
        await world.write("new", "ERROR 2")
        await world.write("new", "ERROR 3")

        assert 3 == world.lines()[SECOND]
        assert 2 == len([pod for pod, _ in world.asked if pod == "new"])


async def test_an_instant_with_an_offset_is_the_same_instant() -> None:
    world = World()
    async with world.heeding():
        await world.write("new", "ERROR 1")
        at = world.clock.now() + timedelta(hours=1, seconds=1)
        world.written["new"].append(at.strftime("%Y-%m-%dT%H:%M:%S+01:00 ERROR 2").encode())
        world.written["new"].append(b"no instant ERROR 3")
        await world.heard()

        assert 2 == world.lines()[SECOND]


async def test_whoever_writes_a_flood_is_judged_by_so_much_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "COUNTED", 5)
    monkeypatch.setattr(listening, "TOLD_APART", 2)
    world = World()
    async with world.heeding():
        await world.write("new", *(["ERROR"] * 9))

        assert 5 == world.lines()[SECOND]
        assert {"ERROR": 2} == world.kinds(NEW)


async def test_what_is_too_much_for_a_second_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "MOST", 200)
    world = World()
    async with world.heeding():
        await world.write("new", *(["ERROR"] * 9))
        await world.write("new", "ERROR", seconds=10.0)

        assert 2 <= (world.lines()[SECOND] or 0) < 9


async def test_without_a_pattern_nobody_listens() -> None:
    world = World()
    async with world.heeding():
        await world.listening.listen(KEY, {})
        await world.write("new", "ERROR")

        assert world.scrape() == world.listening.added(KEY, world.scrape())


async def test_other_patterns_begin_anew_and_the_same_do_not() -> None:
    world = World()
    async with world.heeding():
        await world.write("new", "ERROR")
        await world.listening.listen(KEY, ERRORS)
        same = world.lines()[SECOND]
        await world.listening.listen(KEY, {"errors": "WARN"})

        assert 1 == same
        assert world.lines()[SECOND] is None


async def test_a_pattern_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(failures.Rejected, match="the pattern of the check errors cannot be used"):
        await World().listening.listen(KEY, {"errors": "("})


async def test_the_kinds_of_the_last_few_versions_are_kept() -> None:
    world = World()
    async with world.heeding():
        for letter in "cdefg":
            revision = letter * 64
            world.pods[letter] = (revision, f"{letter * 10}-0")
            world.written[letter] = []
            world.listening.look(world.tasks)
            del world.pods[letter]
        world.listening.look(world.tasks)
        found = world.listening.added(KEY, Scrape(1.0, {})).revisions

    assert listening.KEPT == len(found)
    assert {OLD, NEW} <= found.keys()


async def test_pods_that_come_are_listened_to() -> None:
    world = World()
    async with anyio.create_task_group() as tasks:
        await world.listening.listen(KEY, ERRORS)
        tasks.start_soon(world.listening.run)
        await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()

    assert {"old", "new"} == {pod for pod, _ in world.asked}
