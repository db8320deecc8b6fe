"""What is special to the platform of a cluster; the rest is in the shared suite."""

from collections.abc import AsyncIterator, Mapping

import pytest

from serinus.core.state.counts import Scrape
from serinus.core.state.notice import Key
from serinus.core.state.workload import ReplicaState, Usage
from serinus.ports.failures import Rejected, Unavailable
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.world import World, application, made, started


@pytest.fixture
async def world() -> AsyncIterator[World]:
    server = FakeApiServer()
    server.add(application())
    async with started(server) as found:
        yield found


async def test_an_image_that_cannot_be_pulled_is_told_by_its_name(world: World) -> None:
    world.broken["shop:9"] = "ImagePullBackOff"
    await world.ensure((made("9"), [0]))
    await world.settle()

    (replica,) = await world.platform.replicas(world.key)

    assert ReplicaState.BACKING_OFF is replica.state
    assert replica.note.startswith("image shop:9 cannot be pulled")


async def test_a_wanted_replica_is_there_before_its_pod_is(world: World) -> None:
    one = made()

    await world.ensure((one, [0, 4]))

    found = await world.platform.replicas(world.key)
    assert [(f"{one.short}-0", "starting"), (f"{one.short}-4", "starting")] == [
        (r.name, r.state) for r in found
    ]
    assert {world.clock.now()} == {r.started_at for r in found}


async def test_a_revision_that_nobody_runs_is_not_known(world: World) -> None:
    assert await world.platform.revision("f" * 64) is None


async def test_a_revision_is_known_after_it_has_run(world: World) -> None:
    one, two = made("1"), made("2")
    await world.run((one, [0]))
    await world.run((two, [0]))

    assert one == await world.platform.revision(one.id)


async def test_an_api_server_that_is_away_is_unavailable(world: World) -> None:
    world.server.fail("apply", "Deployment")

    with pytest.raises(Unavailable):
        await world.ensure((made(), [0]))


async def test_at_rest_nothing_is_asked(world: World) -> None:
    one = made()
    await world.run((one, [0]))
    await world.route((one, 1000))
    await world.settle()
    world.server.requests.clear()

    await world.platform.replicas(world.key)
    await world.platform.applied()
    await world.platform.fetch(world.router.refs(world.key))
    await world.breathe()

    assert [] == world.server.requests


class Ear:
    """Note down what is asked for."""

    def __init__(self) -> None:
        self.asked: dict[Key, Mapping[str, str]] = {}

    async def listen(self, key: Key, patterns: Mapping[str, str]) -> None:
        self.asked[key] = patterns

    def added(self, key: Key, scrape: Scrape) -> Scrape:
        del key
        return Scrape(scrape.at + 1.0, scrape.revisions)


async def test_where_nobody_listens_patterns_are_refused(world: World) -> None:
    await world.platform.listen(world.key, {})
    with pytest.raises(Rejected, match="nobody listens"):
        await world.platform.listen(world.key, {"errors": "ERROR"})

    ear = world.platform._listening = Ear()
    await world.platform.listen(world.key, {"errors": "ERROR"})
    assert {world.key: {"errors": "ERROR"}} == ear.asked
    found = await world.platform.scrape([world.key])
    assert world.clock.now().timestamp() + 1.0 == found[world.key].at


async def test_where_nobody_counts_there_are_no_counts(world: World) -> None:
    world.platform._counting = None

    assert {} == await world.platform.scrape([world.key])
    assert () == await world.platform.visits(world.key)


class Scales:
    """Every pod takes the same."""

    def usage(self, namespace: str, pod: str) -> Usage | None:
        del namespace, pod
        return Usage(1.0, 64, 2.0)


async def test_what_pods_take_is_shown_where_two_revisions_are_compared(world: World) -> None:
    world.platform._usage = Scales()

    (alone,) = await world.run((made(), [0]))
    both = await world.run((made(), [0]), (made("podinfo:6.0.1"), [1]))

    assert alone.usage is None
    assert [Usage(1.0, 64, 2.0)] * 2 == [replica.usage for replica in both]
