import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from serinus.boot import doorkey
from serinus.ports import failures

NOW = datetime(2026, 11, 28, tzinfo=UTC)
LATER = NOW + timedelta(days=7)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_key_stays_the_same_and_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    made = doorkey.key(home)

    assert doorkey.LENGTH == len(made)
    assert made == doorkey.key(home)
    assert 0o600 == mode(home / "dashboard.key")


def test_a_key_that_cannot_be_one_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "dashboard.key").write_bytes(b"short")

    assert doorkey.LENGTH == len(doorkey.key(tmp_path))


def test_where_it_is_served_is_noted_for_as_long(tmp_path: Path) -> None:
    with doorkey.served(tmp_path, "http://127.0.0.1:7070", "monday"):
        noted = doorkey.found(tmp_path)
        assert 0o600 == mode(tmp_path / "run" / "dashboard.json")

    assert ("http://127.0.0.1:7070", "monday") == (noted.address, noted.start)
    with pytest.raises(failures.Missing, match="no dashboard is served"):
        doorkey.found(tmp_path)


@pytest.mark.parametrize("note", [b"{", b'{"address": "x", "start": "y", "process": 2147483646}'])
def test_a_note_of_a_process_that_is_gone_counts_as_none(tmp_path: Path, note: bytes) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "dashboard.json").write_bytes(note)

    with pytest.raises(failures.Missing) as missing:
        doorkey.found(tmp_path)
    assert "serinus up" == missing.value.hint


def test_a_session_that_was_ended_stays_so_after_a_restart_and_is_forgotten_in_time(
    tmp_path: Path,
) -> None:
    doorkey.ended(tmp_path).add("one", now=NOW, until=LATER)
    again = doorkey.ended(tmp_path)

    assert "one" in again
    assert "another" not in again
    assert 0o600 == mode(tmp_path / "dashboard.ended")
    again.add("another", now=LATER + timedelta(seconds=1), until=LATER + timedelta(days=7))
    assert ["another"] == [one for one in ("one", "another") if one in doorkey.ended(tmp_path)]


def test_all_sessions_end_when_it_is_not_known_which_were_ended(tmp_path: Path) -> None:
    before = doorkey.key(tmp_path)
    (tmp_path / "dashboard.ended").write_bytes(b"{")

    assert "one" not in doorkey.ended(tmp_path)
    assert before != doorkey.key(tmp_path)


def test_an_end_that_cannot_be_kept_is_one_for_now_and_says_so(tmp_path: Path) -> None:
    kept = doorkey.ended(tmp_path / "gone")

    with pytest.raises(failures.Unavailable, match="may be good again after a restart"):
        kept.add("one", now=NOW, until=LATER)
    assert "one" in kept
