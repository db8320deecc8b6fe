from collections.abc import Iterator
from pathlib import Path

import pytest

from serinus.adapters.local.database import Database
from serinus.adapters.local.waiting import Waiting
from serinus.core.state.rollup import Rollup, Sum
from serinus.ports import failures
from serinus.ports.store import Snapshot
from tests import builders
from tests.builders import SHOP


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Waiting]:
    database = Database.open(tmp_path / "state.db", create=True)
    yield Waiting(database)
    database.close()


def fill(waiting: Waiting, minutes: int) -> None:
    at = builders.at(minutes)
    waiting.ticks.add(SHOP, 7, [builders.tick(60 * minutes)])
    waiting.rollups.add(SHOP, [Rollup("errors", int(at.timestamp()), 10, 1)])
    waiting.seen.snapshots[SHOP] = Snapshot(at)


def test_nothing_waits_at_first_and_nothing_once_it_is_taken(waiting: Waiting) -> None:
    assert not waiting
    fill(waiting, 1)
    assert waiting
    with waiting.taken():
        pass
    assert not waiting


def test_what_could_not_be_written_waits_on_with_what_came_meanwhile(waiting: Waiting) -> None:
    fill(waiting, 1)
    with pytest.raises(failures.Unavailable), waiting.taken():  # noqa: PT012 - the second comes meanwhile
        fill(waiting, 2)
        raise failures.Unavailable("the disk is full")

    assert (builders.tick(60), builders.tick(120)) == waiting.ticks.read(SHOP, 7, None)
    assert (Sum(20, 2),) == waiting.rollups.sums(SHOP, "errors", [builders.NOON])
    assert builders.at(2) == waiting.seen.snapshots[SHOP].at


def test_what_happened_to_a_replica_should_not_wait(waiting: Waiting) -> None:
    well, ill = builders.replica(), builders.replica(note="exited with 1")
    told = [
        waiting.see(SHOP, Snapshot(builders.at(1), replicas=replicas))
        for replicas in ((), (well,), (ill,), (ill,), (well,))
    ]

    assert [False, False, True, False, True] == told


async def test_what_is_taken_is_written_as_one(waiting: Waiting) -> None:
    fill(waiting, 1)
    with waiting.taken() as load:
        await waiting.ticks._database.write(load.write)

    tables = [
        waiting.ticks._database.rows(f"SELECT count(*) FROM {table}")  # noqa: S608 - our own names
        for table in ("tick", "rollup", "live")
    ]
    assert [[(1,)]] * 3 == tables
