import stat
from pathlib import Path

import pytest

from serinus.boot import doorkey
from serinus.ports import failures


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
