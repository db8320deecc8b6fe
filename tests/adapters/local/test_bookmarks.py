from pathlib import Path

import pytest

from serinus.adapters.local.bookmarks import Bookmarks
from serinus.ports import failures


def test_bookmarks_outlive_the_one_who_wrote_them(tmp_path: Path) -> None:
    Bookmarks(tmp_path).write("on-call", 7)
    Bookmarks(tmp_path).write("chat", 3)
    Bookmarks(tmp_path).write("on-call", 9)

    assert {"chat": 3, "on-call": 9} == Bookmarks(tmp_path).read()
    assert ["told.json"] == [path.name for path in tmp_path.iterdir()]


def test_where_nothing_was_told_there_are_none(tmp_path: Path) -> None:
    assert {} == Bookmarks(tmp_path).read()
    assert {} == Bookmarks(tmp_path / "nowhere").read()


@pytest.mark.parametrize("content", ["", "[]", '{"on-call": "7"}', '{"on-ca'])
def test_a_damaged_file_counts_as_none_and_is_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "told.json").write_text(content)
    bookmarks = Bookmarks(tmp_path)
    before = bookmarks.read()
    bookmarks.write("on-call", 1)

    assert ({}, {"on-call": 1}) == (before, bookmarks.read())


def test_a_place_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "told.json").mkdir()

    with pytest.raises(failures.Unavailable, match="cannot be read: Is a directory"):
        Bookmarks(tmp_path).read()
    with pytest.raises(failures.Unavailable, match="cannot be written: No such file"):
        Bookmarks(tmp_path / "nowhere").write("on-call", 1)
