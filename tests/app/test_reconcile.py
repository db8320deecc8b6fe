from datetime import timedelta

import pytest

from serinus.app.reconcile import SOON, reconcile
from serinus.core.state.release import Phase
from serinus.ports import failures
from tests import builders
from tests.app.workbench import Bench
from tests.builders import SHOP


async def test_at_rest_there_is_nothing_to_look_for() -> None:
    bench = Bench()

    assert await reconcile(SHOP, bench.ports, bench.desk) is None


async def test_after_something_was_done_it_is_looked_at_again_soon() -> None:
    bench = Bench()
    bench.specs.want("shop", builders.wanted())

    wake = await reconcile(SHOP, bench.ports, bench.desk)

    assert bench.clock.now() + SOON == wake
    assert 3 == len(await bench.platform.replicas(SHOP))


async def test_a_wait_is_looked_at_when_it_ends() -> None:
    bench = Bench()
    bench.specs.want("shop", builders.wanted())
    await reconcile(SHOP, bench.ports, bench.desk)

    wake = await reconcile(SHOP, bench.ports, bench.desk)

    assert bench.clock.now() + timedelta(seconds=120) == wake


async def test_the_status_is_written_before_anything_is_done() -> None:
    bench = Bench()
    bench.specs.want("shop", builders.wanted())

    async def fails(*_: object) -> None:
        raise failures.Unavailable("the disk is full")

    bench.platform.ensure = fails  # type: ignore[method-assign,assignment]  # the port in memory
    with pytest.raises(failures.Unavailable, match="the disk is full"):
        await reconcile(SHOP, bench.ports, bench.desk)

    release = (await bench.status()).release
    assert release is not None
    assert Phase.STARTING is release.progress.phase


async def test_what_is_rejected_is_decided_upon_in_the_same_turn() -> None:
    bench = Bench()
    bench.platform.refuses = "the command 'shopp' does not exist"
    bench.specs.want("shop", builders.wanted())

    await reconcile(SHOP, bench.ports, bench.desk)

    release = (await bench.status()).release
    assert release is not None
    assert "v2 failed to start: the command 'shopp' does not exist." == release.progress.sentence
    assert {} == bench.desk.rejected


async def test_what_is_rejected_again_waits_for_its_time() -> None:
    bench = Bench()
    await bench.serving()
    status = await bench.store.record(
        builders.idle(version=1, stable=builders.NEW, stable_version="v2", stable_ordinals=(0, 1))
    )
    bench.specs.want("shop", builders.wanted(replicas=2))
    bench.platform.refuses = "no port is free"

    first = await reconcile(SHOP, bench.ports, bench.desk)
    again = await reconcile(SHOP, bench.ports, bench.desk)

    assert bench.clock.now() + SOON == first
    assert again is None
    assert {SHOP: "no port is free"} == bench.desk.rejected
    assert status.stable == (await bench.status()).stable
