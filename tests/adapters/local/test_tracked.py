from pathlib import Path

import pytest

from serinus.adapters.local import tracked
from serinus.ports import failures
from tests.adapters.local import written


def test_only_files_that_git_knows_are_tracked(tmp_path: Path) -> None:
    written.git(tmp_path, "init", "-q")
    below = tmp_path / "below"
    below.mkdir()
    for name in ("known", "unknown"):
        (below / name).write_text("a: 1\n")
    written.git(tmp_path, "add", "below/known")

    assert tmp_path.resolve() == tracked.by_git(below / "known")
    assert tracked.by_git(below / "unknown") is None


def test_nothing_is_tracked_where_there_is_no_git(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert tracked.by_git(tmp_path / "a") is None

    (tmp_path / ".git").mkdir()
    assert tracked.by_git(tmp_path / "a") is None


def test_a_repository_that_git_cannot_read_is_told(tmp_path: Path) -> None:
    written.git(tmp_path, "init", "-q")
    (tmp_path / "a").touch()
    (tmp_path / ".git" / "index").write_text("damaged")

    with pytest.raises(failures.Rejected, match="Git does not say whether it tracks it"):
        tracked.by_git(tmp_path / "a")


@pytest.mark.parametrize(
    ("before", "after"), [("a: 1\nb: 2\n", "a: 1\nb: 3\n"), ("a", "b"), ("a\n", "")]
)
def test_git_takes_the_patch(tmp_path: Path, before: str, after: str) -> None:
    written.git(tmp_path, "init", "-q")
    (tmp_path / "below").mkdir()
    file = tmp_path / "below" / "a.yaml"
    file.write_text(before)

    (tmp_path / "patch").write_text(tracked.patch(tmp_path, file, before, after))
    written.git(tmp_path, "apply", "patch")

    assert after == (file.read_text() if file.exists() else "")
