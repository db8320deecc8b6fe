import pytest

from serinus.app import act
from serinus.core.planner.plan import Ask, Forget, RemoveRoute, SetGroups, SetRoute
from serinus.core.state.workload import Group
from serinus.ports import failures
from tests.adapters.gates import asked
from tests.app.workbench import Bench
from tests.builders import NEW, OLD, SHOP

ONE = SetGroups((Group(NEW, (0,)),), 10.0)


async def test_groups_are_made_so() -> None:
    bench = Bench()
    await bench.known()

    await act.act(SHOP, (ONE,), bench.ports, bench.desk)
    await act.act(SHOP, (ONE,), bench.ports, bench.desk)

    assert [0] == [r.ordinal for r in await bench.platform.replicas(SHOP)]


async def test_a_route_carries_the_health_check_of_its_revision() -> None:
    bench = Bench()
    await bench.serving()
    route = await bench.route()

    await act.act(SHOP, (SetRoute(route),), bench.ports, bench.desk)
    seen = bench.router.read(SHOP, await bench.platform.applied())

    assert seen is not None
    assert ["/"] == [b.health_path for b in seen.backends]
    assert route.backends[0].endpoints == seen.backends[0].endpoints


async def test_a_revision_that_nobody_knows_is_rejected_with_a_hint() -> None:
    bench = Bench()
    unknown = SetGroups((Group(OLD, (0,)),), 10.0)

    with pytest.raises(failures.Rejected, match=f"revision {OLD[:10]} is not in the store; deploy"):
        await act.act(SHOP, (unknown,), bench.ports, bench.desk)


async def test_what_came_before_a_failure_stays_done() -> None:
    bench = Bench()
    await bench.serving()
    bench.platform.refuses = "no port is free"

    with pytest.raises(failures.Rejected, match="no port is free"):
        await act.act(SHOP, (RemoveRoute(), ONE, Forget()), bench.ports, bench.desk)

    assert {} == await bench.platform.applied()
    assert await bench.store.status(SHOP) is not None


async def test_a_forgotten_application_leaves_nothing_but_its_history() -> None:
    bench = Bench()
    await bench.serving()
    bench.desk.rejected[SHOP] = "no port is free"

    await act.act(SHOP, (RemoveRoute(), Forget()), bench.ports, bench.desk)

    assert ({}, (), None, {}) == (
        await bench.platform.applied(),
        await bench.platform.replicas(SHOP),
        await bench.store.status(SHOP),
        bench.desk.rejected,
    )


async def test_a_question_is_on_the_desk_even_when_something_before_it_fails() -> None:
    bench = Bench()
    question = Ask(asked.question("https://gate.example"), 10.0)
    bench.platform.refuses = "no port is free"
    await bench.known()

    with pytest.raises(failures.Rejected):
        await act.act(SHOP, (ONE, question), bench.ports, bench.desk)

    assert {SHOP: {question.question.id: question}} == bench.desk.questions


async def test_a_plan_that_asks_nothing_takes_the_question_away() -> None:
    bench = Bench()
    question = Ask(asked.question("https://gate.example"), 10.0)
    await act.act(SHOP, (question,), bench.ports, bench.desk)
    await act.act(SHOP, (), bench.ports, bench.desk)

    assert {} == bench.desk.questions
