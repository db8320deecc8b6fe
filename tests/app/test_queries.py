from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import anyio
import pytest

from serinus.adapters.memory.metrics import Metrics, Say, Source
from serinus.app import queries
from serinus.app.queries import Queries
from serinus.core.spec.delivery import Delivery, Hold, QueryCheck, Strategy, Threshold, TrafficStep
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.notice import Key
from serinus.core.state.sample import EVERYBODY, Sample, Series
from serinus.ports import failures
from serinus.ports.metrics import NOWHERE
from serinus.ports.metrics import Source as Port
from tests import builders
from tests.app.test_loop_rest import World, serving, settle
from tests.app.workbench import Bench
from tests.builders import NEW, SHOP

QUEUE = QueryCheck("queue", Threshold(max=10.0), 'queue{app="$application"}', every_s=30.0)
FAILED = QueryCheck("failed", Threshold(max=0.1), 'failed{revision="$revision"}', every_s=10.0)


def one(value: float) -> tuple[Series, ...]:
    return (Series({}, ((0.0, value),)),)


class Asked:
    """Queries on a bench, with one source for the environment of the shop."""

    def __init__(self, say: Say | Port, *checks: QueryCheck) -> None:
        self.bench = Bench()
        self.source: Any = Source(say) if callable(say) else say
        sources = Metrics({("local", "prometheus"): self.source})
        self.bench.ports = replace(self.bench.ports, metrics=sources)
        self.turns: Counter[Key] = Counter()
        self.queries = Queries(self.bench.ports, self.bench.desk, self._turn)
        self.release = builders.release(delivery=builders.delivery(looks=checks))
        self.queries.note(SHOP, self.release)

    def _turn(self, key: Key) -> None:
        self.turns[key] += 1

    @property
    def samples(self) -> list[Sample]:
        return self.bench.desk.samples.get(SHOP, [])

    async def look(self, after_s: float = 0.0) -> list[Sample]:
        """Let time pass, look, and return all samples."""
        self.bench.clock.move(after_s)
        await self.queries.look(SHOP)
        return self.samples


class Slow:
    """A source that answers when it is let."""

    def __init__(self) -> None:
        self.under_way = 0
        self.most = 0
        self.asked = 0
        self.let = anyio.Event()

    async def instant(self, query: str, at: float) -> tuple[Series, ...]:
        del query, at
        self.asked += 1
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.let.wait()
        self.under_way -= 1
        return one(1.0)

    async def range(
        self, query: str, start: float, end: float, step_s: float
    ) -> tuple[Series, ...]:
        del end, step_s
        return await self.instant(query, start)


async def test_a_check_for_everybody_leaves_one_number_and_causes_a_turn() -> None:
    asked = Asked(lambda *_: one(7.0), QUEUE)
    now = asked.bench.clock.now().timestamp()

    assert [Sample("queue", now, {EVERYBODY: 7.0})] == await asked.look()
    assert {SHOP: 1} == asked.turns


async def test_both_arms_are_asked_at_the_same_instant() -> None:
    asked = Asked(lambda query, _: one(0.3 if NEW[:10] in query else 0.1), FAILED)

    (found,) = await asked.look()

    assert {CANDIDATE: 0.3, STABLE: 0.1} == found.values
    assert {found.at} == {at for _, at in asked.source.asked}


async def test_each_check_is_asked_at_its_own_pace() -> None:
    asked = Asked(lambda *_: one(1.0), QUEUE, FAILED)
    for _ in range(61):
        await asked.look()
        asked.bench.clock.move(1.0)

    assert {"queue": 3, "failed": 7} == Counter(sample.check for sample in asked.samples)


async def test_a_check_is_asked_once_a_second_at_most() -> None:
    asked = Asked(lambda *_: one(1.0), QueryCheck("eager", Threshold(max=1), "x", every_s=0.0))
    await asked.look()
    await asked.look(0.5)

    assert 1 == len(asked.samples)
    assert 2 == len(await asked.look(0.5))


async def test_no_data_is_a_sample_without_a_value() -> None:
    (found,) = await Asked(lambda *_: (), FAILED).look()

    assert ({}, "", False) == (found.values, found.problem, found.final)


@pytest.mark.parametrize(
    ("problem", "final"),
    [(failures.Unavailable("nobody listens"), False), (failures.Rejected("a wrong query"), True)],
)
async def test_a_failure_is_a_sample_with_its_problem(
    problem: failures.PortFailure, *, final: bool
) -> None:
    def say(query: str, at: float) -> tuple[Series, ...]:
        raise problem

    (found,) = await Asked(say, FAILED).look()

    assert ({}, str(problem), final) == (found.values, found.problem, found.final)


async def test_a_source_that_heals_is_heard_again() -> None:
    left = [failures.Rejected("no such token")]

    def say(query: str, at: float) -> tuple[Series, ...]:
        if left:
            raise left.pop()
        return one(1.0)

    asked = Asked(say, QUEUE)
    await asked.look()
    _, healed = await asked.look(30.0)

    assert {EVERYBODY: 1.0} == healed.values


async def test_an_unknown_source_is_a_final_problem_that_lists_the_known_ones() -> None:
    check = QueryCheck("queue", Threshold(max=1), "x", source="promethues")

    (found,) = await Asked(lambda *_: one(1.0), check).look()

    assert "no metric source 'promethues'; known: prometheus" in found.problem
    assert found.final


async def test_a_controller_without_sources_says_so_too() -> None:
    asked = Asked(lambda *_: one(1.0), QUEUE)
    asked.bench.ports = replace(asked.bench.ports, metrics=NOWHERE)
    asked.queries = Queries(asked.bench.ports, asked.bench.desk, asked._turn)
    asked.queries.note(SHOP, asked.release)

    (found,) = await asked.look()

    assert "known: none" in found.problem


async def test_a_name_outside_of_quotes_is_told_without_asking() -> None:
    asked = Asked(lambda *_: one(1.0), QueryCheck("x", Threshold(max=1), "failed_$revision"))

    (found,) = await asked.look()

    assert "outside of quotes" in found.problem
    assert found.final
    assert [] == asked.source.asked


async def test_four_questions_of_an_application_are_under_way_at_once() -> None:
    checks = [QueryCheck(f"c{n}", Threshold(max=1), FAILED.query) for n in range(5)]
    slow = Slow()
    asked = Asked(slow, *checks)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(asked.queries.look, SHOP)
        await settle()
        under_way = slow.under_way
        slow.let.set()

    assert (queries.AT_ONCE, queries.AT_ONCE) == (under_way, slow.most)
    assert 10 == slow.asked
    assert 5 == len(asked.samples)


async def test_a_check_that_still_waits_is_not_asked_again() -> None:
    slow = Slow()
    asked = Asked(slow, QUEUE)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(asked.queries.look, SHOP)
        await settle()
        await asked.look(300.0)
        before = slow.asked
        slow.let.set()
    await asked.look()

    assert (1, 2) == (before, slow.asked)


@pytest.mark.parametrize("after", [None, builders.release(8)])
async def test_an_answer_for_a_release_that_has_ended_is_dropped(after: Any) -> None:
    slow = Slow()
    asked = Asked(slow, QUEUE)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(asked.queries.look, SHOP)
        await settle()
        asked.queries.note(SHOP, after)
        slow.let.set()

    assert [] == asked.samples
    assert not asked.turns


async def test_a_new_release_is_asked_about_at_once() -> None:
    asked = Asked(lambda *_: one(1.0), QUEUE)
    await asked.look()
    asked.queries.note(SHOP, builders.release(8, delivery=builders.delivery(looks=(QUEUE,))))

    assert 2 == len(await asked.look(1.0))


async def test_a_release_without_queries_asks_nothing() -> None:
    asked = Asked(lambda *_: one(1.0))

    assert [] == await asked.look()


async def test_samples_that_nobody_takes_are_bounded() -> None:
    asked = Asked(lambda _, at: one(at), QUEUE)
    for _ in range(queries.KEPT + 3):
        await asked.look(30.0)

    assert queries.KEPT == len(asked.samples)
    assert asked.bench.clock.now().timestamp() == asked.samples[-1].at


# --- in the loop --------------------------------------------------------------------------------

WATCHED = Delivery(
    strategy=Strategy.CANARY,
    steps=(TrafficStep(share=50, hold=Hold(for_s=600)),),
    looks=(QUEUE,),
    warmup_s=0,
)


@asynccontextmanager
async def releasing(source: Port) -> AsyncIterator[World]:
    """Let the loop release v2 of the shop, whose delivery has a check by query."""
    async with serving("shop", metrics=Metrics({("local", "prometheus"): source})) as world:
        world.want("shop", "v2", WATCHED)
        await world.clock.run(10.0)
        yield world


async def test_the_loop_asks_while_a_release_is_in_flight() -> None:
    source = Source(lambda *_: one(3.0))
    async with releasing(source) as world:
        await world.clock.run(60.0)

    assert 3 == len(source.asked)
    assert 'queue{app="shop"}' == source.asked[0][0]


async def test_a_source_that_never_answers_keeps_no_turn() -> None:
    async with releasing(Slow()) as world:
        turns = await world.turns(30.0)

    assert turns[SHOP] >= 30
