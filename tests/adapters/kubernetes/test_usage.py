"""What pods take of their nodes: from the metrics API or the kubelets, while somebody needs it."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from serinus.adapters.kubernetes.usage import Measuring
from serinus.adapters.memory.clock import Clock
from serinus.core.state import labels
from serinus.core.state.workload import Usage
from serinus.ports import failures

pytestmark = pytest.mark.anyio

KUBELET = """# TYPE pod_cpu_usage_seconds_total counter
node_memory_working_set_bytes 6.9e+09 {at}
pod_cpu_usage_seconds_total{{namespace="team",pod="old"}} {cpu} {at}
pod_cpu_usage_seconds_total{{namespace="other",pod="x"}} 5 {at}
pod_memory_working_set_bytes{{namespace="team",pod="old"}} 1.5e+07 {at}
pod_memory_working_set_bytes{{namespace="other",pod="x"}} 9e+09 {at}
"""


def pod(name: str, revision: str, node: str = "n1") -> dict[str, Any]:
    said = {labels.APPLICATION: "shop", labels.REVISION: revision}
    return {
        "metadata": {"name": name, "namespace": "team", "labels": said},
        "spec": {"nodeName": node},
    }


class World:
    """An API server that answers what a test says, and pods."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.pods = {"old": pod("old", "aaa"), "new": pod("new", "bbb", "n2")}
        self.answers: dict[str, bytes | Exception] = {}
        self.asked: list[str] = []
        self.measuring = Measuring(
            self, lambda _, name: self.pods.get(name), lambda *_: self.pods.values(), self.clock
        )

    async def raw_get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        assert (params is None) == ("nodes" in path)
        self.asked.append(path)
        found = self.answers.get(path, failures.Missing(path))
        if isinstance(found, Exception):
            raise found
        return found

    def kubelet(self, cpu: float) -> None:
        at = round(self.clock.now().timestamp() * 1000)
        content = KUBELET.format(cpu=cpu, at=at).encode()
        self.answers["/api/v1/nodes/n1/proxy/metrics/resource"] = content

    def served(self, cpu: str, memory: str) -> None:
        at = self.clock.now().isoformat().replace("+00:00", "Z")
        usage = {"cpu": cpu, "memory": memory}
        one = {"metadata": {"name": "old"}, "timestamp": at, "containers": [{"usage": usage}]}
        path = "/apis/metrics.k8s.io/v1beta1/namespaces/team/pods"
        self.answers[path] = msgspec.json.encode({"items": [one]})

    async def look(self) -> Usage | None:
        for name in self.pods:
            self.measuring.usage("team", name)
        await self.measuring.look()
        return self.measuring.usage("team", "old")


async def test_kubelets_say_seconds_and_bytes() -> None:
    world = World()
    world.kubelet(10.0)
    first = await world.look()
    world.clock.move(10)
    world.kubelet(12.5)
    second = await world.look()
    at = world.clock.now().timestamp()

    assert Usage(at - 10, 15_000_000, 10.0) == first
    assert Usage(at, 15_000_000, 12.5, cpu=0.25) == second


async def test_the_metrics_api_is_asked_first_and_its_rates_are_added_up() -> None:
    world = World()
    world.served("250m", "16Mi")
    first = await world.look()
    world.clock.move(20)
    world.served("500000000n", "16384Ki")
    second = await world.look()

    assert first is not None
    assert (0.0, 0.25, 16 << 20) == (first.cpu_s, first.cpu, first.memory)
    assert second is not None
    assert (10.0, 0.5, 16 << 20) == (second.cpu_s, second.cpu, second.memory)
    assert not any("nodes" in path for path in world.asked)


async def test_nothing_is_asked_at_rest() -> None:
    world = World()
    del world.pods["new"]

    assert await world.look() is None
    assert [] == world.asked


async def test_what_nobody_asked_for_lately_is_not_looked_at() -> None:
    world = World()
    world.kubelet(1.0)
    await world.look()
    world.clock.move(61)
    before = len(world.asked)
    await world.measuring.look()

    assert before == len(world.asked)
    assert world.measuring.usage("team", "old") is None


async def test_one_request_for_each_node_and_none_for_who_is_away() -> None:
    world = World()
    world.answers["/api/v1/nodes/n1/proxy/metrics/resource"] = failures.Rejected("forbidden")
    await world.look()
    await world.look()
    later = world.asked.copy()
    world.clock.move(601)
    await world.look()

    assert 3 == len(later)  # the metrics API and two kubelets, once each
    assert 6 == len(world.asked)


async def test_a_kubelet_that_does_not_answer_now_is_asked_again_soon() -> None:
    world = World()
    path = "/api/v1/nodes/n1/proxy/metrics/resource"
    world.answers[path] = failures.Unavailable("timeout")
    await world.look()
    world.clock.move(6)
    world.kubelet(3.0)

    assert Usage(world.clock.now().timestamp(), 15_000_000, 3.0) == await world.look()


async def test_the_same_figure_again_is_no_news() -> None:
    world = World()
    world.kubelet(10.0)
    first = await world.look()
    world.clock.move(1)

    assert first == await world.look()


@pytest.mark.parametrize("content", [b"", b"{", b'{"items": 3}', b'{"items": []}'])
async def test_what_is_no_answer_says_nothing(content: bytes) -> None:
    world = World()
    world.answers["/apis/metrics.k8s.io/v1beta1/namespaces/team/pods"] = content

    assert await world.look() is None


async def test_a_quantity_that_is_none_is_nothing() -> None:
    world = World()
    world.served("lots", "16Mi")
    found = await world.look()

    assert found is not None
    assert 0.0 == found.cpu
