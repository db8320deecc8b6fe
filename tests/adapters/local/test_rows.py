from pathlib import Path

from serinus.adapters.local import rows
from serinus.adapters.local.database import Database
from serinus.ports.store import Snapshot
from tests import builders
from tests.builders import SHOP


def test_what_was_seen_later_lies_above_what_could_not_be_written() -> None:
    early, late = rows.Seen(), rows.Seen()
    early.snapshots[SHOP] = Snapshot(builders.at(1))
    early.readings[SHOP, 6] = builders.reading(bad=6)
    late.snapshots[SHOP] = Snapshot(builders.at(2))
    late.readings[SHOP, 7] = builders.reading(bad=7)

    both = early.under(late)
    assert {SHOP: Snapshot(builders.at(2))} == both.snapshots
    assert {(SHOP, 6): 6, (SHOP, 7): 7} == {key: one.bad for key, one in both.readings.items()}


def test_a_status_without_a_release_writes_no_history(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "state.db", create=True)
    rows.put_status(database._writer, builders.idle(version=1), b"no release, no memory")

    assert [] == database.rows("SELECT * FROM release")
    assert [(None,)] == database.rows("SELECT judge FROM status")
    database.close()
