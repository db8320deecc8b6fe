"""What is special to the store on disk; the contract is in tests/conformance/test_stores.py."""

from pathlib import Path

import msgspec
import pytest

from serinus.adapters.local.database import Database
from serinus.adapters.local.store import Store
from serinus.adapters.memory.store import Specs
from serinus.core.state.notice import Key
from serinus.ports.store import Asked
from tests import builders
from tests.builders import SHOP

pytestmark = pytest.mark.anyio


async def test_who_deployed_a_version_and_why_is_part_of_what_is_wanted(tmp_path: Path) -> None:
    specs = Specs()
    specs.want("shop", builders.wanted())
    store = Store(specs, Database.open(tmp_path / "state.db", create=True))
    await store.note_change("shop", "v1", "bob", "older")
    await store.note_change("shop", "v2", "ada", "cheaper shipping")

    asked = await store.asked(SHOP)
    assert Asked(wanted=builders.wanted(actor="ada", reason="cheaper shipping")) == asked

    specs.want("shop", builders.wanted(actor="git", reason="merge"))
    assert Asked(wanted=builders.wanted(actor="git", reason="merge")) == await store.asked(SHOP)
    await store.close()


async def test_there_is_one_environment_on_this_machine(tmp_path: Path) -> None:
    store = Store(Specs(), Database.open(tmp_path / "state.db", create=True))

    asked = await store.asked(Key("shop", "prod"))
    assert "there is no environment 'prod' here, only 'local'" == asked.problem
    await store.close()


async def test_other_processes_see_at_once_why_a_replica_does_not_start(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = Store(Specs(), Database.open(path, create=True))
    for note in ("", "exited with 1"):
        replica = builders.replica(note=note)
        await store.put_reading(SHOP, None, [replica], None, at=builders.at(1))

    other = Store(Specs(), Database.open(path))
    seen = await other.snapshot(SHOP)
    assert seen is not None
    assert "exited with 1" == seen.replicas[0].note
    await other.close()
    await store.close()


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    first = Store(Specs(), Database.open(path, create=True))
    status = await first.record(
        builders.status(), events=[builders.event()], revisions=[builders.revision()], judge=b"{}"
    )
    await first.put_ticks(SHOP, 7, [builders.tick(5)])
    await first.put_reading(SHOP, builders.reading(), (), None, at=builders.at(1))
    await first.close()

    second = Store(Specs(), Database.open(path))
    assert status == await second.status(SHOP)
    assert b"{}" == await second.judge(SHOP)
    assert builders.revision() == await second.revision(builders.NEW)
    assert 1 == len(await second.events())
    assert (builders.tick(5),) == await second.ticks(SHOP, 7)
    assert await second.snapshot(SHOP) is not None
    await second.close()


async def test_statuses_can_be_read_with_sqlite_alone(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "state.db", create=True)
    store = Store(Specs(), database)
    await store.record(builders.status())

    ((phase,),) = database.rows("SELECT body ->> '$.release.progress.phase' FROM status")
    assert "Rolling" == phase
    ((body,),) = database.rows("SELECT body FROM status")
    assert "shop" == msgspec.json.decode(body)["key"]["application"]
    await store.close()
