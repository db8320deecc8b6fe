import os
from pathlib import Path

from serinus.adapters.local import marks


def marked(path: Path) -> marks.Mark:
    return marks.of(path.stat(), path.read_bytes())


def test_a_file_that_was_not_written_keeps_its_mark(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    old = marked(file)

    again = marks.again(file, old, marks.look(file))

    assert again is not None
    assert old.digest == again.digest


def test_a_write_within_one_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    old = marked(file)
    file.write_text("2")
    now = file.stat()
    same = old._replace(signature=marks.signature(now), fresh=True)

    assert marks.again(file, same, now) is None


def test_an_old_file_is_not_read_again(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    found = file.stat()
    old = marks.Mark(marks.signature(found), "not its digest", fresh=False)

    assert old == marks.again(file, old, found)


def test_what_appears_and_what_goes_away_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "a"
    assert marks.ABSENT == marks.again(file, marks.ABSENT, marks.look(file))
    file.write_text("1")
    old = marked(file)

    assert marks.again(file, marks.ABSENT, marks.look(file)) is None
    file.unlink()
    assert marks.again(file, old, marks.look(file)) is None


def test_a_directory_has_changed_when_a_name_in_it_has(tmp_path: Path) -> None:
    old = marks.seen(tmp_path)
    os.mkdir(tmp_path / "b")  # noqa: PTH102 - as other programs do

    assert marks.again(tmp_path, old, marks.look(tmp_path)) is None
