"""What the replicas of an application write, for people."""

from typing import Any

import anyio
import pytest

from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.replicalogs import LOOK_S, ReplicaLogs
from serinus.core.state import labels
from serinus.ports import failures
from tests import builders
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.clocks import Shared

OLD, NEW = f"{builders.OLD[:10]}-0", f"{builders.NEW[:10]}-0"


class World:
    """Pods that write, and a person who reads."""

    def __init__(self) -> None:
        self.server, self.clock = FakeApiServer(), Shared()
        self.written: dict[str, list[str]] = {}
        self.read: list[tuple[str, str]] = []
        self.server.log = self.log
        client = Client.connect(transport=self.server)
        self.logs = ReplicaLogs(client, self.clock, labels.parted("team/shop"))

    def log(self, namespace: str, pod: str, params: dict[str, str]) -> bytes:
        assert ("team", "app") == (namespace, params["container"])
        lines = self.written[pod]
        if "tailLines" in params:
            lines = lines[-int(params["tailLines"]) :]
        return "".join(f"{line}\n" for line in lines).encode()

    def pod(self, name: str, revision: str, state: str = "running", **status: Any) -> None:
        self.written[name] = []
        told = {
            labels.APPLICATION: "shop",
            labels.REVISION: labels.short(revision),
            labels.ORDINAL: "0",
        }
        self.server.add(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "namespace": "team", "labels": told},
                "spec": {"containers": [{"name": "app"}, {"name": "beside"}]},
                "status": {"containerStatuses": [{"name": "app", "state": {state: {}}, **status}]},
            }
        )

    def write(self, pod: str, *lines: str) -> None:
        for line in lines:
            self.clock.move(0.001)
            mark = self.clock.now().isoformat().replace("+00:00", "Z")
            self.written[pod].append(f"{mark} {line}")

    def told(self, name: str, line: str) -> None:
        self.read.append((name, line))

    async def both(self) -> tuple[str, ...]:
        return builders.NEW, builders.OLD


@pytest.fixture
def world() -> World:
    made = World()
    made.pod("shop-a", builders.OLD)
    made.pod("shop-b", builders.NEW)
    made.write("shop-a", "one", "two")
    made.write("shop-b", "boom")
    return made


async def test_the_last_lines_of_each_replica_carry_its_name(world: World) -> None:
    assert await world.logs.tail(await world.both(), 1, world.told)
    assert [(OLD, "two"), (NEW, "boom")] == world.read


async def test_of_other_revisions_nothing_is_read(world: World) -> None:
    assert await world.logs.tail([builders.NEW], 20, world.told)
    assert [(NEW, "boom")] == world.read


async def test_what_never_began_has_no_log_and_what_crashed_has_one(world: World) -> None:
    world.pod("shop-c", builders.NEW, "waiting")
    world.pod("shop-d", builders.OLD, "waiting", lastState={"terminated": {}})
    world.write("shop-d", "crash")

    await world.logs.tail(await world.both(), 1, world.told)
    assert [(OLD, "two"), (OLD, "crash"), (NEW, "boom")] == world.read


async def test_where_nothing_was_written_it_is_said(world: World) -> None:
    world.written["shop-b"] = []

    assert not await world.logs.tail([builders.NEW], 20, world.told)


async def test_a_pod_that_goes_in_between_is_passed_over(world: World) -> None:
    world.server.fail("log", "Pod", 1, 404)

    assert await world.logs.tail(await world.both(), 20, world.told)
    assert [(NEW, "boom")] == world.read


async def test_without_the_right_it_is_refused(world: World) -> None:
    world.server.fail("log", "Pod", 1, 403)

    with pytest.raises(failures.Rejected, match="read the log of pod team/shop-a"):
        await world.logs.tail(await world.both(), 20, world.told)


async def test_what_comes_later_is_told_once_also_of_pods_that_come_later(world: World) -> None:
    await world.logs.tail(await world.both(), 1, world.told)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(world.logs.follow, world.both, world.told)
        await world.clock.pass_s(2 * LOOK_S)
        world.write("shop-b", "boom again")
        world.pod("shop-e", builders.NEW)
        world.write("shop-e", "listening")
        world.server.fail("log", "Pod", 1, 503)
        await world.clock.pass_s(20.0)
        world.server.remove("Pod", "shop-e", "team")
        await world.clock.pass_s(20.0)
        tasks.cancel_scope.cancel()

    later = world.read[2:]
    assert [(NEW, "boom again"), (NEW, "listening")] == sorted(later)
