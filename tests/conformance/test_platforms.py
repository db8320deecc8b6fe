"""
What every platform promises, found by folder listing.

A platform is a folder of ``serinus/adapters`` with a ``platform.py``. Its twin below
``tests/adapters`` has a ``world.py`` with ``MARKS`` and ``world(home)``, an async context manager
that gives the platform, its router, one application, and the means to wait.
"""

import importlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from serinus import adapters
from serinus.core.state.notice import Key
from serinus.core.state.workload import ReplicaState

TESTS = Path(__file__).parent.parent
PLATFORMS = sorted(p.parent.name for p in Path(adapters.__path__[0]).glob("*/platform.py"))


def _cases() -> list[Any]:
    cases = []
    for name in PLATFORMS:
        place = TESTS / "adapters" / name / "world.py"
        marks = ()
        if place.exists():
            marks = importlib.import_module(f"tests.adapters.{name}.world").MARKS
        cases.append(pytest.param(name, marks=marks))
    return cases


@pytest.fixture(params=_cases())
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    place = TESTS / "adapters" / request.param / "world.py"
    assert place.exists(), f"platform {request.param}: want {place.relative_to(TESTS.parent)}"
    module = importlib.import_module(f"tests.adapters.{request.param}.world")
    async with module.world(tmp_path) as found:
        yield found


async def test_named_replicas_come_to_exist_and_become_ready(world: Any) -> None:
    one = world.revision("1")

    replicas = await world.run((one, [0, 3]))

    assert [f"{one.short}-0", f"{one.short}-3"] == [r.name for r in replicas]
    assert all(r.ready_at is not None and r.address for r in replicas)
    assert len({r.address for r in replicas}) == 2


async def test_ensuring_twice_is_ensuring_once(world: Any) -> None:
    one = world.revision("1")
    before = await world.run((one, [0, 1]))

    await world.ensure((one, [0, 1]))

    assert before == await world.platform.replicas(world.key)


async def test_what_is_not_named_any_more_is_stopped_and_the_others_stay(world: Any) -> None:
    one, two = world.revision("1"), world.revision("2")
    before = await world.run((one, [0, 1]), (two, [0]))

    after = await world.run((one, [1]))

    assert [r for r in before if r.name == f"{one.short}-1"] == list(after)


async def test_a_stopping_replica_is_still_reported(world: Any) -> None:
    one = world.revision("1")
    await world.run((one, [0]))

    await world.ensure()

    replicas = await world.platform.replicas(world.key)
    assert [] == [r for r in replicas if r.state is not ReplicaState.STOPPING]


async def test_documents_are_kept_as_delivered_and_none_removes_one(world: Any) -> None:
    one = world.revision("1")
    await world.run((one, [0]))
    refs = world.router.refs(world.key)
    assert {} == await world.platform.fetch(refs)

    wanted = await world.route((one, 1000))
    delivered = await world.platform.fetch(refs)
    await world.put(None)

    assert wanted == world.router.read(world.key, delivered)
    assert {} == await world.platform.fetch(refs)
    await world.carried(None)


async def test_a_route_is_seen_to_be_carried_out(world: Any) -> None:
    one, two = world.revision("1"), world.revision("2")
    await world.run((one, [0]), (two, [0]))

    first = await world.route((one, 1000), (two, 0))
    second = await world.route((one, 750), (two, 250))

    assert first != second == await world.seen()


async def test_an_application_has_the_counters_of_its_replicas_and_of_no_others(world: Any) -> None:
    one, other = world.revision("1"), Key("nobody", "local")
    await world.run((one, [0]))
    await world.route((one, 1000))

    scrapes = await world.platform.scrape([world.key, other])

    assert other not in scrapes or {} == scrapes[other].revisions
    assert {f"{one.short}-0"} == set(scrapes[world.key].revisions[one.id].replicas)


async def test_deleting_ends_replicas_and_routes(world: Any) -> None:
    one = world.revision("1")
    await world.run((one, [0]))
    await world.route((one, 1000))

    await world.put(None)
    await world.platform.delete(world.key)
    await world.platform.delete(world.key)

    async def gone() -> bool:
        return not await world.platform.replicas(world.key)

    await world.eventually(gone)
    await world.carried(None)
    assert {} == await world.platform.fetch(world.router.refs(world.key))
