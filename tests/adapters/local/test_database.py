import contextlib
import os
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import anyio
import pytest

from serinus.adapters.local import database, schema
from serinus.adapters.local.database import Damaged, Database
from serinus.adapters.local.store import Store
from serinus.adapters.memory.store import Specs
from serinus.app import watch
from serinus.core.state.cohort import Cohort
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.ports import failures
from tests import builders
from tests.builders import SHOP

pytestmark = pytest.mark.anyio

OLDER = Path(__file__).parent / "older"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "state.db"


async def filled(path: Path, releases: int = 40) -> None:
    store = Store(Specs(), Database.open(path, create=True))
    status = builders.status()
    for number in range(1, releases + 1):
        status = await store.record(
            builders.status(release=builders.release(number), version=status.version),
            events=[builders.event(release=number)] * 20,
        )
    await store.close()


# --- opening ----------------------------------------------------------------------------------


def test_only_the_owner_can_read_the_file_and_its_log(path: Path) -> None:
    opened = Database.open(path, create=True)

    assert {0o600} == {part.stat().st_mode & 0o777 for part in path.parent.iterdir()}
    assert 0o700 == path.parent.stat().st_mode & 0o777
    opened.close()


def test_a_command_does_not_make_a_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(failures.Missing, match=r"state\.db is not there"):
        Database.open(path)

    assert not path.parent.exists()


def test_the_second_opening_finds_the_schema_of_the_first(path: Path) -> None:
    Database.open(path, create=True).close()
    opened = Database.open(path)

    versions = [(number,) for number in range(1, 1 + len(schema.MIGRATIONS))]
    assert versions == opened.rows("SELECT version FROM migration")
    opened.close()


async def test_a_file_of_an_older_program_is_brought_up_to_date_and_keeps_all(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        Database.open(path, create=True).close()
    with pytest.raises(failures.Rejected, match="written by an older Serinus"):
        Database.open(path)
    Database.open(path, create=True).close()
    store = Store(Specs(), Database.open(path))
    await store.record(builders.status())

    assert builders.status(version=1) == await store.status(SHOP)
    assert Cohort() == await store.cohort(SHOP, 7)
    await store.close()


async def test_a_release_in_flight_of_an_older_program_is_read_whole(path: Path) -> None:
    """The file was written by the program that knew schema 1 alone, and killed at 5 %."""
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript((OLDER / "schema-1.sql").read_text())
    Database.open(path, create=True).close()
    store, key = Store(Specs(), Database.open(path)), Key("site", "local")

    status = await store.status(key)
    judge = watch.decode(await store.judge(key) or b"")
    ticks = await store.ticks(key, 2)
    stable = await store.release(key, 1)
    events = await store.events()
    await store.close()

    assert status is not None
    assert status.release is not None
    assert (2, 50, Phase.ROLLING) == (
        status.release.number,
        status.release.progress.share,
        status.release.progress.phase,
    )
    assert stable is not None
    assert Phase.SUCCEEDED is stable.progress.phase
    assert (2, 2) == (judge.release, len(judge.judge.streams if judge.judge else ()))
    assert sum(tick.arms["candidate"].requests for tick in ticks) > 0
    assert 4 == len(events)


def test_a_file_of_a_newer_program_is_refused(path: Path) -> None:
    Database.open(path, create=True).close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO migration VALUES (99, 'from the future', '')")
    connection.close()

    with pytest.raises(failures.Rejected, match="newer Serinus") as refusal:
        Database.open(path, create=True)
    assert "99" in refusal.value.why


def test_an_older_file_is_brought_up_to_date_by_the_controller_alone(path: Path) -> None:
    path.parent.mkdir()
    path.touch()

    with pytest.raises(failures.Rejected, match="older Serinus"):
        Database.open(path)

    Database.open(path, create=True).close()
    Database.open(path).close()


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a directory")

    with pytest.raises(failures.Rejected, match=r"cannot open .*state\.db"):
        Database.open(tmp_path / "home" / "state.db", create=True)


# --- damage -----------------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is a diary, not a database" * 200)
    before = path.read_bytes()

    with pytest.raises(Damaged, match="is damaged and cannot be read") as damage:
        Database.open(path, create=True)

    assert before == path.read_bytes()
    assert "not a database" in damage.value.why
    assert damage.value.hint.startswith("serinus up --recover")


@pytest.mark.parametrize("page", [2, 5, 9])
def test_damage_inside_is_found_when_the_file_is_opened_or_read(path: Path, page: int) -> None:
    anyio.run(filled, path)
    content = bytearray(path.read_bytes())
    content[page * 4096 : page * 4096 + 4096] = b"\xa5" * 4096
    path.write_bytes(content)

    with pytest.raises(Damaged):
        Database.open(path)


def test_a_half_file_is_damaged(path: Path) -> None:
    anyio.run(filled, path)
    os.truncate(path, path.stat().st_size // 2)

    with pytest.raises(Damaged):
        Database.open(path)


async def test_a_value_that_cannot_be_read_is_damage_that_names_the_file(path: Path) -> None:
    await filled(path)
    opened = Database.open(path)
    await opened.write(lambda sql: sql.execute("UPDATE status SET body = CAST('{' AS BLOB)"))
    store = Store(Specs(), opened)

    with pytest.raises(Damaged, match=r"state\.db is damaged") as damage:
        await store.status(SHOP)
    assert "a Status cannot be read" in damage.value.why
    await store.close()


def test_a_damaged_file_is_kept_aside_and_a_new_one_begins(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"x" * 5000)
    path.with_name("state.db-wal").write_bytes(b"log")
    aside = database.set_aside(path)
    again = path.write_bytes(b"y" * 5000) and database.set_aside(path)

    assert aside is not None
    assert again is not None
    assert again != aside
    assert b"x" * 5000 == aside.read_bytes()
    assert b"log" == aside.with_name(f"{aside.name}-wal").read_bytes()
    Database.open(path, create=True).close()


def test_nothing_is_set_aside_where_there_is_nothing(path: Path) -> None:
    assert database.set_aside(path) is None


# --- a full disk ------------------------------------------------------------------------------


async def test_a_full_disk_is_said_and_what_waits_is_written_later(path: Path) -> None:
    opened = Database.open(path, create=True)
    store = Store(Specs(), opened)
    status = await store.record(builders.status())
    ((pages,),) = opened.rows("PRAGMA page_count")
    opened._writer.execute(f"PRAGMA max_page_count = {pages}")
    many = [builders.tick(seconds) for seconds in range(5, 5000, 5)]

    with pytest.raises(failures.Unavailable, match="the disk is full") as full:
        await store.put_ticks(SHOP, 7, many)
    with pytest.raises(failures.Unavailable, match="the disk is full"):
        await store.record(status, events=[builders.event("lost?" * 2000)])
    assert "What runs goes on serving" in full.value.why
    assert status == await store.status(SHOP)
    assert tuple(many) == await store.ticks(SHOP, 7)

    opened._writer.execute("PRAGMA max_page_count = 1000000")
    await store.record(status)
    assert tuple(many) == await store.ticks(SHOP, 7)
    assert () == await store.events()
    await store.close()

    later = Store(Specs(), Database.open(path))
    assert tuple(many) == await later.ticks(SHOP, 7)
    await later.close()


# --- several processes ------------------------------------------------------------------------

WRITER = textwrap.dedent("""
    import sys
    from pathlib import Path

    import anyio

    from serinus.adapters.local.database import Database
    from serinus.adapters.local.store import Store
    from serinus.adapters.memory.store import Specs
    from tests import builders

    async def main() -> None:
        store = Store(Specs(), Database.open(Path(sys.argv[1])))
        for number in range(200):
            await store.ask(builders.intent(f"{sys.argv[2]}-{number}"))
        await store.close()

    anyio.run(main)
""")


def start(path: Path, name: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).parents[3]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}:{root}"}
    command = [sys.executable, "-c", WRITER, str(path), name]
    return subprocess.Popen(command, cwd=root, env=environment)


async def test_two_processes_leave_intents_while_a_third_writes_and_none_is_lost(
    path: Path,
) -> None:
    store = Store(Specs(), Database.open(path, create=True))
    status = await store.record(builders.status())
    people = [start(path, name) for name in ("ada", "bob")]
    try:
        noticed = 0
        while any(person.poll() is None for person in people):
            noticed += store.changed()
            status = await store.record(status, events=[builders.event()])
            await anyio.sleep(0.001)
    finally:
        for person in people:
            person.kill()
            person.wait()

    assert [0, 0] == [person.returncode for person in people]
    assert 400 == len(await store.intents(SHOP))
    assert 0 < noticed
    assert status == await store.status(SHOP)
    await store.close()


async def test_another_process_that_holds_the_file_makes_writing_wait_and_then_says_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    opened = Database.open(path, create=True)
    store = Store(Specs(), opened)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(failures.Unavailable, match="another process has held it"):
        await store.record(builders.status())
    assert () == await store.keys()

    other.execute("ROLLBACK")
    other.close()
    await store.record(builders.status())
    assert (SHOP,) == await store.keys()
    await store.close()


async def test_a_second_process_sees_what_the_controller_saw(path: Path) -> None:
    controller = Store(Specs(), Database.open(path, create=True))
    await controller.put_reading(SHOP, builders.reading(), (), None, at=builders.at(1))
    command = Store(Specs(), Database.open(path))

    snapshot = await command.snapshot(SHOP)
    assert snapshot is not None
    assert builders.reading() == snapshot.reading
    assert await command.snapshot(Key("other", "local")) is None
    await command.close()
    await controller.close()
