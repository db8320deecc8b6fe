from msgspec.structs import replace

from serinus.adapters.memory.platform import Behaviour
from serinus.app import measure, observe, record, watch
from serinus.core.planner.plan import Plan
from serinus.core.state.intent import Answer
from tests import builders
from tests.app.workbench import Bench
from tests.builders import NEW, SHOP


async def recorded(bench: Bench, plan: Plan, *, due: bool = False) -> None:
    seen = await observe.observe(SHOP, bench.ports, bench.desk)
    measured = replace(seen.measured, due=due)
    await record.record(SHOP, replace(seen, measured=measured), plan, bench.ports, bench.desk)


async def test_nothing_is_written_when_nothing_changed() -> None:
    bench = Bench()
    await bench.known()
    before = await bench.status()

    await recorded(bench, Plan(status=before))

    assert before == await bench.status()
    assert await bench.store.snapshot(SHOP) is None


async def test_status_events_answers_and_the_new_revision_are_written_together() -> None:
    bench = Bench()
    bench.specs.want("shop", builders.wanted())
    status = replace(builders.status(), version=0)
    plan = Plan(
        status=status,
        events=(builders.event(),),
        answers=(Answer("wish-1", done=True, sentence="paused."),),
    )

    await recorded(bench, plan)

    assert replace(status, version=1) == await bench.status()
    assert ["Step 3 of 4 began."] == [e.sentence for e in await bench.store.events()]
    assert await bench.store.answer("wish-1") is not None
    assert await bench.store.revision(NEW) is not None
    assert await bench.store.snapshot(SHOP) is not None


async def test_what_happens_to_a_replica_is_kept_at_once_without_a_decision_or_a_count() -> None:
    bench = Bench()
    await bench.serving()
    await recorded(bench, bench.plan(await bench.status()))
    first = await bench.store.snapshot(SHOP)
    bench.clock.move(1)
    await recorded(bench, bench.plan(await bench.status()))
    second = await bench.store.snapshot(SHOP)
    bench.platform.behave = lambda _: Behaviour(ready=False)
    await recorded(bench, bench.plan(await bench.status()))
    third = await bench.store.snapshot(SHOP)

    assert first is not None
    assert first == second
    assert third is not None
    assert ["the health check fails"] == [replica.note for replica in third.replicas]
    assert bench.clock.now() == third.at


async def test_a_release_that_begins_takes_the_last_scrape_along() -> None:
    bench = Bench()
    await bench.serving()
    bench.desk.scrapes |= await bench.platform.scrape([SHOP])
    status = replace(builders.status(), version=1)

    await recorded(bench, Plan(status=status))

    body = await bench.store.judge(SHOP)
    assert body is not None
    assert bench.desk.scrapes[SHOP] == watch.decode(body).scrape


async def test_at_rest_nothing_of_the_counting_is_written() -> None:
    bench = Bench()
    await bench.known()

    await recorded(bench, Plan(status=await bench.status()), due=True)

    assert await bench.store.judge(SHOP) is None


async def test_counts_are_kept_with_their_release() -> None:
    bench = Bench()
    await bench.serving()
    for _ in range(2):
        bench.clock.move(5)
        bench.desk.scrapes |= await bench.platform.scrape([SHOP])
        rest = replace(await bench.status(), stable=NEW)
        await recorded(bench, Plan(status=rest))

    ticks = await bench.store.ticks(SHOP, None)

    assert [5.0] == [t.seconds for t in ticks]
    assert measure.WRITE_S > 0


async def test_a_known_revision_is_not_written_again() -> None:
    bench = Bench()
    status = await bench.store.record(replace(builders.status(), version=0))
    bench.specs.want("shop", builders.wanted())

    await recorded(bench, Plan(status=replace(status, host="shop.example")))

    assert await bench.store.revision(NEW) is None
