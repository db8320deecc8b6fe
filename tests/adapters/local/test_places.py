import stat
from pathlib import Path

import pytest

from serinus.adapters.local.places import Places, write
from serinus.core.state.notice import Key
from serinus.ports.failures import Unavailable


def test_what_runs_is_nobody_elses_business(tmp_path: Path) -> None:
    places = Places(tmp_path / "home")

    places.prepare()

    assert 0o700 == stat.S_IMODE(places.run.stat().st_mode)


def test_a_file_is_replaced_at_once_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"

    write(path, b"old")
    before = path.stat().st_ino
    write(path, b"new", durable=False)

    assert b"new" == path.read_bytes()
    assert before != path.stat().st_ino
    assert [path] == list(path.parent.iterdir())


def test_a_disk_that_takes_nothing_is_unavailable_and_keeps_the_old(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, b"old")
    (tmp_path / ".file.new").mkdir()

    with pytest.raises(Unavailable, match=r"file: cannot be written: .*; what runs goes on"):
        write(path, b"new")

    assert b"old" == path.read_bytes()


def test_a_full_disk_is_said_to_be_full_and_keeps_the_old(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write(path, b"old")
    (tmp_path / ".file.new").symlink_to("/dev/full")

    with pytest.raises(Unavailable, match="No space left on device"):
        write(path, b"new")

    assert b"old" == path.read_bytes()


def test_names_of_applications_and_environments_do_not_mix(tmp_path: Path) -> None:
    places = Places(tmp_path)

    assert places.log(Key("a-b", "c"), "x-0") != places.log(Key("a", "b-c"), "x-0")
    assert places.record(Key("a", "b"), "x-0").parent != places.record(Key("a", "c"), "x-0").parent
