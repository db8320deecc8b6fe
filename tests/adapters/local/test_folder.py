from pathlib import Path

import pytest

from serinus.adapters.local import folder
from serinus.adapters.local.folder import Folder
from serinus.ports import failures
from tests.adapters.local import written


def test_a_file_is_read_again_only_when_it_was_written(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(written.shop(name))
    files = Folder(tmp_path)

    assert ["a.yaml", "b.yaml"] == sorted(files.look())
    assert {} == files.look()
    assert 2 == files.reads

    (tmp_path / "a.yaml").write_text(written.shop("other"))
    (tmp_path / "b.yaml").unlink()
    changed = files.look()
    assert ["a.yaml", "b.yaml"] == sorted(changed)
    assert 3 == files.reads
    assert ["a.yaml"] == list(files.sheets)


def test_a_touched_file_has_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(written.SHOP)
    files = Folder(tmp_path)
    files.look()
    file.write_text(written.SHOP)

    assert {} == files.look()


def test_in_a_large_directory_a_file_put_there_is_seen_at_once(tmp_path: Path) -> None:
    for number in range(folder.LARGE + 1):
        (tmp_path / f"{number}.yaml").write_text("")
    files = Folder(tmp_path)
    files.look(in_passing=True)
    (tmp_path / "0.yaml").write_text(written.SHOP)

    looks = [list(files.look(in_passing=True)) for _ in range(folder.TURNS)]
    assert [["0.yaml"]] == [look for look in looks if look]

    (tmp_path / ".new").write_text(written.shop("new"))
    (tmp_path / ".new").rename(tmp_path / "new.yaml")
    assert ["new.yaml"] == list(files.look(in_passing=True))


def test_files_of_others_are_none_of_our_business(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: [damaged")
    (tmp_path / "b.yml").write_text("apiVersion: apps/v1\nkind: Deployment\n")
    (tmp_path / ".c.yaml").write_text("apiVersion: serinus.dev/v1alpha1\n")
    (tmp_path / "d.txt").write_text("apiVersion: serinus.dev/v1alpha1\n")
    files = Folder(tmp_path)
    files.look()

    assert [] == [e for sheet in files.sheets.values() for e in (*sheet.entries, *sheet.problems)]


def test_documents_of_others_in_our_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"apiVersion: v1\nkind: Service\n---\n{written.SHOP}")
    files = Folder(tmp_path)
    files.look()

    assert ["shop"] == [entry.name for entry in files.sheets["a.yaml"].entries]
    assert [1] == [entry.number for entry in files.sheets["a.yaml"].entries]


def test_applications_of_a_damaged_file_stay_known(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(written.SHOP + "  bad: [\n---\n" + written.shop("two"))
    files = Folder(tmp_path)
    files.look()

    assert ("shop", "two") == files.sheets["a.yaml"].lost


def test_a_directory_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert {} == Folder(tmp_path / "delivery").look()


def test_a_directory_that_cannot_be_read_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "delivery").write_text("a file")

    with pytest.raises(failures.Unavailable, match="cannot be read"):
        Folder(tmp_path / "delivery").look()
