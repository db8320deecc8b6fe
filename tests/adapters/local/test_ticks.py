from pathlib import Path

import pytest

from serinus.adapters.local import ticks
from serinus.adapters.local.database import Database
from serinus.adapters.local.ticks import Ticks
from tests import builders
from tests.builders import SHOP


@pytest.fixture
def kept(tmp_path: Path) -> Ticks:
    return Ticks(Database.open(tmp_path / "state.db", create=True))


def test_a_batch_that_could_not_be_written_stays_before_what_came_later(kept: Ticks) -> None:
    kept.add(SHOP, 7, [builders.tick(5)])
    batch = kept.take()
    kept.add(SHOP, 7, [builders.tick(10)])
    kept.put_back(batch)

    assert (builders.tick(5), builders.tick(10)) == kept.read(SHOP, 7, None)
    kept._database.close()


def test_a_disk_that_stays_full_costs_the_oldest_ticks_and_not_the_memory(
    kept: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticks, "WAITING", 3)
    kept.add(SHOP, 7, [builders.tick(5), builders.tick(10)])
    batch = kept.take()
    kept.add(SHOP, 7, [builders.tick(15), builders.tick(20)])
    kept.put_back(batch)

    assert tuple(map(builders.tick, (10, 15, 20))) == kept.read(SHOP, 7, None)
    kept._database.close()
