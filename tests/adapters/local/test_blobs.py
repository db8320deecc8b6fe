import hashlib
from pathlib import Path

import pytest

from serinus.adapters.local import blobs
from serinus.adapters.local.blobs import Blobs
from serinus.ports import failures


def site(tmp_path: Path) -> Path:
    workdir = tmp_path / "work"
    (workdir / "site" / "deep").mkdir(parents=True)
    (workdir / "site" / "index.html").write_text("hello")
    (workdir / "site" / "deep" / "a.css").write_text("a {}")
    (workdir / "conf").write_text("port 1")
    return workdir


def test_a_directory_means_all_files_below_it(tmp_path: Path) -> None:
    workdir = site(tmp_path)

    found = blobs.look(["conf", "site/"], workdir, tmp_path / "home")

    assert ["conf", "site/deep/a.css", "site/index.html"] == list(found.files)
    assert () == found.wrong
    assert (workdir / "site", workdir / "site" / "deep") == found.directories


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    workdir = site(tmp_path)
    (tmp_path / "secret").write_text("s")
    (workdir / "link").symlink_to(tmp_path / "secret")
    (workdir / "site" / "up").symlink_to(tmp_path)

    found = blobs.look(["gone", "../secret", "/etc/passwd", "link", "site", ""], workdir, tmp_path)

    told = {wrong.number: wrong.message for wrong in found.wrong}
    assert f"'gone' does not exist in {workdir}" == told[0]
    assert "lies outside the workdir" in told[1]
    assert "lies outside the workdir" in told[2]
    assert "is a link that leads out" in told[3]
    assert "is a link to a directory" in told[4]
    assert 5 in told
    assert (workdir / "gone",) == found.missing


def test_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(blobs.MOST + 1):
        (tmp_path / "many" / str(number)).touch()
    with (tmp_path / "large").open("wb") as file:
        file.truncate(blobs.LARGEST + 1)

    for name in ("many", "large"):
        (wrong,) = blobs.look([name], tmp_path, tmp_path / "home").wrong
        assert "more than 1000 files or 64 MiB" in wrong.message


def test_the_home_is_never_part_of_an_application(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "state.db").touch()
    (tmp_path / "a").touch()

    assert ["a"] == list(blobs.look(["."], tmp_path, tmp_path / "home").files)


def test_contents_are_stored_by_their_sha256(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello")
    store = Blobs(tmp_path / "blobs")
    digest = hashlib.sha256(b"hello").hexdigest()

    kept = store.keep({"a": tmp_path / "a"})

    assert digest == kept["a"].digest
    assert [digest] == [path.name for path in (tmp_path / "blobs").iterdir()]
    assert b"hello" == (tmp_path / "blobs" / digest).read_bytes()


def test_a_lost_or_damaged_content_is_stored_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello")
    store = Blobs(tmp_path / "blobs")
    blob = tmp_path / "blobs" / store.keep({"a": tmp_path / "a"})["a"].digest

    blob.write_text("")
    store.keep({"a": tmp_path / "a"})
    assert "hello" == blob.read_text()

    blob.unlink()
    store.keep({"a": tmp_path / "a"})
    assert "hello" == blob.read_text()


def test_looking_leaves_no_trace_where_nothing_was_started(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello")

    Blobs(tmp_path / "home" / "blobs").keep({"a": tmp_path / "a"})

    assert not (tmp_path / "home").exists()


def test_what_cannot_be_stored_now_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello")
    (tmp_path / "blobs").write_text("a file where the directory should be")

    with pytest.raises(failures.Unavailable, match="cannot be stored"):
        Blobs(tmp_path / "blobs").keep({"a": tmp_path / "a"})


def test_digests_are_known_without_storing_anything_and_follow_each_change(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello")
    store = Blobs(tmp_path / "home" / "blobs")
    (tmp_path / "home").mkdir()
    first = store.digests({"a": tmp_path / "a"})
    again = store.digests({"a": tmp_path / "a"})
    (tmp_path / "a").write_text("other")
    changed = store.digests({"a": tmp_path / "a"})

    assert [] == [*(tmp_path / "home").iterdir()]
    assert first == again != changed
    assert store.keep({"a": tmp_path / "a"})["a"].digest == changed["a"]
    assert [changed["a"]] == [path.name for path in store.directory.iterdir()]
