from collections.abc import Sequence
from datetime import datetime

from serinus.app import budgets, observe, record
from serinus.core.planner.plan import Plan
from serinus.core.spec.delivery import AgainstSlo, ErrorsCheck, MirrorStep
from serinus.core.state.notice import Key
from serinus.core.state.observed import Observed, Status
from serinus.core.state.rollup import Rollup, Sum
from serinus.core.state.verdict import BudgetReading
from serinus.ports import failures
from tests import builders
from tests.app.workbench import Bench
from tests.builders import NEW, SHOP

BUDGET = ErrorsCheck("objective", AgainstSlo(max=0.01, over_s=30 * 86_400.0, freeze=True))
DELIVERY = builders.delivery(checks=(BUDGET,))
WANTED = builders.wanted(delivery=DELIVERY)
IDLE = builders.idle()


async def spent(bench: Bench, requests: int, bad: int) -> None:
    at = int(bench.clock.now().timestamp())
    await bench.store.put_rollups(SHOP, [Rollup("errors", at, requests, bad)])


async def read(bench: Bench, status: Status = IDLE) -> tuple[BudgetReading, ...]:
    return await budgets.readings(SHOP, status, WANTED, bench.ports, bench.desk)


def away(bench: Bench) -> None:
    async def sums(key: Key, series: str, since: Sequence[datetime]) -> tuple[Sum, ...]:
        raise failures.Unavailable(f"{key}, {series}: no {since}")

    bench.store.sums = sums  # type: ignore[method-assign]  # the store fails


async def test_a_delivery_without_a_budget_has_no_readings_and_keeps_nothing() -> None:
    bench = Bench()
    plain = builders.wanted()
    await budgets.note(SHOP, Observed(builders.NOON, IDLE, plain), [builders.tick()], bench.store)

    assert () == await budgets.readings(SHOP, IDLE, plain, bench.ports, bench.desk)
    assert () == await budgets.readings(SHOP, IDLE, None, bench.ports, bench.desk)
    assert {} == bench.desk.budgets
    assert (Sum(),) == await bench.store.sums(SHOP, "errors", [builders.at(-60)])


async def test_at_rest_the_budgets_are_those_of_what_the_specs_ask_for() -> None:
    bench = Bench()
    await spent(bench, 1000, 12)

    (found,) = await read(bench)
    assert ("objective", 1000, 12, True) == (
        found.check,
        found.requests,
        found.bad,
        found.freeze,
    )


async def test_in_flight_they_are_those_of_the_release() -> None:
    bench = Bench()
    other = ErrorsCheck("frozen", AgainstSlo(max=0.5, over_s=3600.0))
    flying = builders.status(release=builders.release(delivery=builders.delivery(checks=(other,))))
    ended = builders.status(release=builders.ended())

    assert ["frozen"] == [one.check for one in await read(bench, flying)]
    assert ["objective"] == [one.check for one in await read(bench, ended)]


async def test_a_budget_is_read_again_after_a_while() -> None:
    bench = Bench()
    await spent(bench, 1000, 1)
    await read(bench)
    await spent(bench, 1000, 1)
    bench.clock.move(budgets.EVERY_S - 1)
    assert [1] == [one.bad for one in await read(bench)]

    bench.clock.move(1)
    assert [2] == [one.bad for one in await read(bench)]


async def test_people_elsewhere_read_the_same_from_the_store() -> None:
    bench = Bench()
    await spent(bench, 1000, 12)

    assert await read(bench) == await budgets.kept(
        SHOP, IDLE, WANTED, bench.store, bench.clock.now()
    )


async def test_a_store_that_is_away_leaves_what_it_said_last() -> None:
    bench = Bench()
    await spent(bench, 1000, 5)
    before = await read(bench)
    away(bench)
    bench.clock.move(budgets.EVERY_S)

    assert before == await read(bench)


async def test_a_store_that_never_answered_leaves_nothing() -> None:
    bench = Bench()
    away(bench)

    assert () == await read(bench)


async def test_requests_are_kept_for_the_release_and_for_what_comes_next() -> None:
    bench = Bench()
    plain = builders.status()
    observed = Observed(builders.NOON, plain, WANTED)
    await budgets.note(SHOP, observed, [builders.tick(5), builders.tick(10)], bench.store)

    assert (Sum(200, 2),) == await bench.store.sums(SHOP, "errors", [builders.NOON])


async def test_copies_of_requests_spend_no_budget() -> None:
    bench = Bench()
    steps = (MirrorStep(share=500), *DELIVERY.steps)
    delivery = builders.delivery(checks=(BUDGET,), steps=steps)
    for step in (0, 1):
        status = builders.status(release=builders.release(delivery=delivery, step=step))
        observed = Observed(builders.NOON, status)
        await budgets.note(SHOP, observed, [builders.tick(60 + 60 * step)], bench.store)

    assert (Sum(190, 2), Sum(100, 1)) == await bench.store.sums(
        SHOP, "errors", [builders.at(0), builders.at(1)]
    )


async def test_what_a_turn_counts_is_in_the_budget_of_a_later_turn() -> None:
    bench = Bench()
    await bench.serving()
    bench.specs.want("shop", WANTED)
    for _ in range(3):
        bench.clock.move(5)
        bench.desk.scrapes |= await bench.platform.scrape([SHOP])
        seen = await observe.observe(SHOP, bench.ports, bench.desk)
        status = seen.observed.status
        rest = builders.idle(stable=NEW, version=status.version)
        await record.record(SHOP, seen, Plan(status=rest), bench.ports, bench.desk)
    bench.clock.move(budgets.EVERY_S)
    seen = await observe.observe(SHOP, bench.ports, bench.desk)

    (found,) = seen.observed.budgets
    ticks = await bench.store.ticks(SHOP, None)
    assert 0 < found.requests == sum(tick.arms["stable"].requests for tick in ticks)
