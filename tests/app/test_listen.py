from collections.abc import Mapping
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from msgspec.structs import replace

from serinus.adapters.memory import clock as memory_clock
from serinus.adapters.memory.platform import Platform
from serinus.app import listen
from serinus.app.desk import Desk
from serinus.app.loop import Loop
from serinus.core.spec.delivery import AgainstStable, LogCheck, NewLinesCheck
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.ports import Ports, failures
from tests import builders
from tests.app.workbench import Bench
from tests.builders import OLD, SHOP

CHECKS: dict[str, Any] = {
    "checks": (
        *builders.delivery().checks,
        LogCheck(name="logs", against=AgainstStable(), pattern="ERROR"),
    ),
    "looks": (NewLinesCheck(name="new-lines", pattern="Traceback"),),
}
WANTED = {"logs": "ERROR", "new-lines": "Traceback"}


class Ears(Platform):
    """A platform that remembers what it was asked to listen for."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.clock, bench.platform.behave)
        self.asked: list[Mapping[str, str]] = []
        self.fails: failures.PortFailure | None = None

    async def listen(self, key: Key, patterns: Mapping[str, str]) -> None:
        del key
        self.asked.append(patterns)
        if self.fails is not None:
            raise self.fails


class Clock(memory_clock.Clock):
    """A clock that lets others do something while it is slept on."""

    async def sleep(self, seconds: float) -> None:
        self.move(seconds)
        await anyio.lowlevel.checkpoint()


class Scene:
    def __init__(self) -> None:
        bench = Bench()
        self.clock = Clock(bench.clock.now())
        self.ears = Ears(bench)
        self.ports: Ports = replace_platform(bench.ports, self.ears)
        self.desk = Desk()

    async def turn(self, status: Status | None) -> None:
        await listen.listen(SHOP, status, self.ports, self.desk)


def replace_platform(ports: Ports, platform: Platform) -> Ports:
    return Ports(platform, ports.router, ports.store, ports.clock)


def judged() -> Status:
    return builders.status(release=builders.release(delivery=builders.delivery(**CHECKS)))


def over(status: Status) -> Status:
    assert status.release is not None
    return replace(status, release=replace(status.release, ended_at=builders.at(9)))


def test_only_a_release_in_flight_with_such_checks_is_listened_to() -> None:
    assert WANTED == listen.patterns(judged())
    assert {} == listen.patterns(over(judged()))
    assert {} == listen.patterns(builders.status())
    assert {} == listen.patterns(builders.idle())
    assert {} == listen.patterns(None)


async def test_the_platform_is_asked_once_and_told_when_it_is_over() -> None:
    scene = Scene()
    status = judged()

    for now in (builders.idle(), status, status, over(status), over(status)):
        await scene.turn(now)

    assert [WANTED, {}] == scene.ears.asked


async def test_the_loop_asks_after_a_turn() -> None:
    scene = Scene()
    release = builders.release(delivery=builders.delivery(looks=CHECKS["looks"]))
    revisions = (builders.revision(OLD, "v1"), builders.revision())
    await scene.ports.store.record(builders.status(release=release), revisions=revisions)
    ports = scene.ports
    loop = Loop(Ports(ports.platform, ports.router, ports.store, scene.clock))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(loop.run)
        loop.notify(SHOP)
        with anyio.fail_after(10):
            while not scene.ears.asked:
                await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()

    assert {"new-lines": "Traceback"} == scene.ears.asked[0]


async def test_a_restarted_controller_asks_again() -> None:
    scene = Scene()
    await scene.turn(judged())
    scene.desk = Desk()

    await scene.turn(judged())

    assert [WANTED, WANTED] == scene.ears.asked


async def test_a_refusal_is_not_asked_for_again_and_stops_nothing() -> None:
    scene = Scene()
    scene.ears.fails = failures.Rejected("no such pattern")

    await scene.turn(judged())
    await scene.turn(judged())

    assert [WANTED] == scene.ears.asked


async def test_what_is_not_available_now_is_asked_for_again() -> None:
    scene = Scene()
    scene.ears.fails = failures.Unavailable("the disk is full")
    with pytest.raises(failures.Unavailable):
        await scene.turn(judged())
    scene.ears.fails = None

    await scene.turn(judged())

    assert [WANTED, WANTED] == scene.ears.asked
