import stat
from hashlib import sha256
from pathlib import Path

import pytest

from serinus.adapters.local import revisions
from serinus.adapters.local.places import Places
from serinus.core.state.workload import Revision, Workload
from serinus.ports.failures import Rejected, Unavailable

CONTENT = b"colour = yellow\n"
DIGEST = sha256(CONTENT).hexdigest()


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / DIGEST).write_bytes(CONTENT)
    return Places(tmp_path)


def revision(files: dict[str, str]) -> Revision:
    return Revision("a" * 64, "1", Workload(command=("./shop",), files=files))


def test_files_are_copied_read_only_and_the_revision_is_described(places: Places) -> None:
    wanted = revision({"conf/shop.toml": DIGEST})

    files = revisions.materialise(places, wanted)

    copy = files / "conf" / "shop.toml"
    assert CONTENT == copy.read_bytes()
    assert 0o444 == stat.S_IMODE(copy.stat().st_mode)
    assert wanted == revisions.load(places, wanted.id)


def test_a_revision_is_copied_once(places: Places) -> None:
    wanted = revision({"shop.toml": DIGEST})
    files = revisions.materialise(places, wanted)
    (places.blobs / DIGEST).unlink()

    assert files == revisions.materialise(places, wanted)


def test_an_interrupted_copy_is_done_again(places: Places) -> None:
    wanted = revision({"shop.toml": DIGEST})
    files = revisions.materialise(places, wanted)
    (files.parent / "revision.json").unlink()

    revisions.materialise(places, wanted)

    assert CONTENT == (files / "shop.toml").read_bytes()


def test_a_revision_without_files_has_an_empty_directory(places: Places) -> None:
    assert [] == list(revisions.materialise(places, revision({})).iterdir())


@pytest.mark.parametrize("name", ["../passwd", "/etc/passwd", "a/../../b", ""])
def test_files_outside_the_workdir_are_refused(places: Places, name: str) -> None:
    with pytest.raises(Rejected, match="lies outside the workdir"):
        revisions.materialise(places, revision({name: DIGEST}))


def test_damaged_content_is_refused(places: Places) -> None:
    (places.blobs / DIGEST).write_bytes(b"colour = green\n")

    with pytest.raises(Rejected, match=r"shop\.toml is damaged"):
        revisions.materialise(places, revision({"shop.toml": DIGEST}))


def test_content_that_is_not_there_yet_is_waited_for(places: Places) -> None:
    with pytest.raises(Unavailable, match="not stored yet"):
        revisions.materialise(places, revision({"shop.toml": "0" * 64}))


def test_an_unknown_revision_is_none(places: Places) -> None:
    assert revisions.load(places, "b" * 64) is None
