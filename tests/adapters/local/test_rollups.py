from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from serinus.adapters.local import rollups
from serinus.adapters.local.database import Database
from serinus.adapters.local.rollups import Rollups
from serinus.core.state.rollup import Rollup, Sum
from tests import builders
from tests.builders import SHOP

NOON = int(builders.NOON.timestamp())


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Rollups]:
    database = Database.open(tmp_path / "state.db", create=True)
    yield Rollups(database)
    database.close()


def minute(number: int, bad: int = 1) -> Rollup:
    return Rollup("errors", NOON + 60 * number, 10, bad)


def test_what_waits_is_counted_before_it_is_written(kept: Rollups) -> None:
    kept.add(SHOP, [minute(1), minute(1, bad=2), minute(2)])

    assert kept.waiting
    assert (Sum(30, 4), Sum(10, 1)) == kept.sums(SHOP, "errors", [builders.at(0), builders.at(1)])


def test_a_batch_that_could_not_be_written_is_added_to_what_came_later(kept: Rollups) -> None:
    kept.add(SHOP, [minute(1), minute(2)])
    batch = kept.take()
    assert not kept.waiting
    kept.add(SHOP, [minute(2), minute(3)])
    kept.put_back(batch)

    assert (Sum(40, 4),) == kept.sums(SHOP, "errors", [builders.NOON])


def test_a_disk_that_stays_full_costs_the_oldest_minutes_and_not_the_memory(
    kept: Rollups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "WAITING", 2)
    kept.add(SHOP, [minute(number) for number in range(1, 6)])
    kept.put_back(kept.take())

    assert (Sum(20, 2),) == kept.sums(SHOP, "errors", [builders.NOON])


async def test_a_written_batch_is_added_to_what_is_on_the_disk(kept: Rollups) -> None:
    for _ in range(2):
        kept.add(SHOP, [minute(1), minute(2)])
        batch = kept.take()
        await kept._database.write(partial(rollups.write, batch=batch))

    assert (Sum(40, 4),) == kept.sums(SHOP, "errors", [builders.NOON])
    assert [(2,)] == kept._database.rows("SELECT count(*) FROM rollup")
