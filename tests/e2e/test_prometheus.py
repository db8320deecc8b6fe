"""
People judge by their own metrics: an application, a Prometheus and a controller, all real.

The application says nothing of its revision. The platform tells Prometheus which replica is which,
and a check by query is asked for each arm.
"""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from serinus.app.loop import Loop
from serinus.boot import local
from serinus.boot.settings import Settings
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase, Release
from serinus.core.state.sample import EVERYBODY, Sample
from tests.adapters.local import traffic
from tests.e2e.scraping import free_port, scraping

pytestmark = [pytest.mark.envoy, pytest.mark.prometheus]

KEY = Key("shop", "local")
APPLICATION = Path(__file__).with_name("metered.py")
SHOP = """\
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata: {{name: shop}}
spec:
  version: {version}
  workload:
    command: [{python}, -S, {application}]
    env: {{DEPTH: "{depth}", FAILED: "{failed}"}}
  delivery:
    template: canary-fast
    parameters: {{bake: 60s, warmup: 1s, latencyBound: 500ms}}
    checks:
    - use: golden-signals
"""
LOCAL = """\
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {{name: local}}
spec:
  metrics:
    prometheus: {{url: "http://127.0.0.1:{port}", timeout: 5s}}
"""
DEPTH = """
    - name: queue
      query:
        promql: max(shop_queue_length{revision="$revision", version=~"$version"})
        max: 10
        strikes: 2
        every: 1s
"""
FAILED = """
    - name: failed-orders
      query:
        promql: |
          sum(rate(shop_orders_failed_total{application="$application", revision="$revision"}[5s]))
            / sum(rate(shop_orders_total{application="$application", revision="$revision"}[5s]))
        stable: {ratio: 1.5, plus: 0.01}
        every: 1s
"""
REPLICAS = """
    - name: replicas
      query:
        promql: count(up{application="$application", environment="$environment"} == 1)
        min: 1
        every: 1s
"""
WRONG = """
    - name: wrong
      query: {promql: "sum(", max: 1, every: 1s}
"""


class Shop:
    """An application under a controller, and the samples that came onto its desk."""

    def __init__(self, path: Path, loop: Loop, port: int, checks: str) -> None:
        self.path = path
        self.checks = checks
        self.loop = loop
        self.port = port
        self.entrance = 0
        self.samples: list[Sample] = []
        self._notify = loop.notify
        loop.queries._notify = self._hear

    def _hear(self, key: Key) -> None:
        """Keep a sample before the turn that takes it from the desk."""
        self.samples += self.loop.desk.samples.get(key, [])[-1:]
        self._notify(key)

    def deploy(self, version: str, depth: float = 3, failed: float = 0.02) -> None:
        """Write a version into the file."""
        text = SHOP.format(
            version=version,
            python=sys.executable,
            application=APPLICATION,
            depth=depth,
            failed=failed,
        )
        (self.path / "delivery" / "shop.yaml").write_text(text + self.checks)

    def ask_at(self, port: int) -> None:
        """Write where Prometheus is."""
        (self.path / "delivery" / "local.yaml").write_text(LOCAL.format(port=port))

    async def release(self, number: int, holds: Callable[[Release], bool]) -> Release:
        """Wait until a release is so."""
        with anyio.fail_after(60):
            while True:
                status = await self.loop.ports.store.status(KEY)
                found = None if status is None else status.release
                if found is not None and found.number == number and holds(found):
                    return found
                await anyio.sleep(0.1)

    async def sample(self, check: str, holds: Callable[[Sample], bool]) -> Sample:
        """Wait for a sample."""
        with anyio.fail_after(45):
            while True:
                for found in self.samples:
                    if found.check == check and holds(found):
                        return found
                await anyio.sleep(0.1)


def both(sample: Sample) -> bool:
    return {CANDIDATE, STABLE} == set(sample.values)


@asynccontextmanager
async def serving(path: Path, *checks: str) -> AsyncIterator[Shop]:
    """Let v1 of the shop serve, scraped by Prometheus, under a controller with checks by query."""
    port = free_port()
    settings = Settings(path / "h", path / "delivery", port=free_port())
    targets = settings.home / "run" / "prometheus" / "targets.json"
    settings.specs.mkdir()
    try:
        async with (
            local.controller(settings) as (_, loop),
            scraping(path / "prometheus", targets, port),
        ):
            shop = Shop(path, loop, port, "".join(checks))
            shop.entrance = settings.port
            shop.ask_at(port)
            shop.deploy("v1")
            await shop.release(1, lambda one: one.progress.phase is Phase.SUCCEEDED)
            yield shop
    finally:
        with anyio.CancelScope(shield=True):
            await local.down(settings)


async def test_what_the_arms_say_of_themselves_comes_onto_the_desk(tmp_path: Path) -> None:
    async with serving(tmp_path, DEPTH, FAILED, REPLICAS, WRONG) as shop:
        shop.deploy("v2", depth=50, failed=0.5)
        queue = await shop.sample("queue", both)
        failed = await shop.sample(
            "failed-orders", lambda one: both(one) and one.values[CANDIDATE] > 0.4
        )
        replicas = await shop.sample("replicas", lambda one: one.values.get(EVERYBODY, 0) >= 2)
        wrong = await shop.sample("wrong", lambda _: True)

    assert {CANDIDATE: 50.0, STABLE: 3.0} == queue.values
    assert {CANDIDATE: 0.5, STABLE: 0.02} == pytest.approx(dict(failed.values))
    assert {EVERYBODY} == set(replicas.values)
    assert "refused the query" in wrong.problem
    assert wrong.final


async def test_a_prometheus_that_is_away_is_told_and_comes_back(tmp_path: Path) -> None:
    async with serving(tmp_path, DEPTH) as shop:
        shop.ask_at(9)
        shop.deploy("v2", depth=4)
        away = await shop.sample("queue", lambda one: bool(one.problem))
        shop.ask_at(shop.port)
        await shop.sample("queue", both)

    assert "http://127.0.0.1:9: nobody listens there" == away.problem
    assert not away.final


async def test_a_candidate_whose_own_metric_leaves_its_max_is_taken_back(tmp_path: Path) -> None:
    async with (
        serving(tmp_path, DEPTH) as shop,
        traffic.steady(shop.entrance, "shop.localhost", 50.0),
    ):
        shop.deploy("v2", depth=50)
        ended = await shop.release(2, lambda one: one.ended_at is not None)

    assert Phase.ROLLED_BACK is ended.progress.phase
    assert "queue" in ended.progress.sentence
