from pathlib import Path

import pytest

from serinus.boot.scaffold import Scaffold
from serinus.boot.settings import Settings
from serinus.core.spec import draft
from serinus.core.spec.draft import Draft
from serinus.ports import failures
from tests.adapters.local import written


@pytest.fixture
def scaffold(tmp_path: Path) -> Scaffold:
    specs = written.specs(tmp_path, shop=written.SHOP, several=written.shop("cart"))
    (tmp_path / "app").mkdir()
    return Scaffold(Settings(home=specs.home, specs=specs.directory), tmp_path / "app")


def test_the_command_starts_where_somebody_stands(scaffold: Scaffold, tmp_path: Path) -> None:
    (tmp_path / "app" / "Procfile").write_text("web: ./shop\n")

    assert "../app" == scaffold.workdir
    assert ["./shop"] == [one.command for one in scaffold.suggestions()]
    assert "canary-standard" in scaffold.library.templates


def test_a_name_is_taken_by_an_application_or_by_a_file(scaffold: Scaffold, tmp_path: Path) -> None:
    folder = tmp_path / "delivery"
    (folder / "other.yaml").write_text("# nothing of ours\n")

    assert [folder / "shop.yaml", folder / "several.yaml", folder / "other.yaml", None] == [
        scaffold.taken(name) for name in ("shop", "cart", "other", "free")
    ]


def test_a_draft_is_reviewed_as_a_file_in_its_place(scaffold: Scaffold) -> None:
    right = Draft("new", command="./new", workdir="../app")
    wrong = Draft("new", command="", workdir="../gone", files=("nope",))

    assert () == scaffold.review(right)
    assert "spec.workload.command: it is empty" in str(scaffold.review(wrong)[0])
    (absent,) = scaffold.review(Draft("new", command="x", workdir="../gone"))
    assert "gone does not exist" in absent.message


def test_files_are_written_all_or_none_and_never_over_others(
    scaffold: Scaffold, tmp_path: Path
) -> None:
    folder = tmp_path / "delivery"
    new = draft.text(Draft("new", command="x"))

    with pytest.raises(failures.Rejected, match=r"shop\.yaml exists, and is never overwritten"):
        scaffold.write({folder / "new.yaml": new, folder / "shop.yaml": "mine"})
    assert ["several.yaml", "shop.yaml"] == sorted(path.name for path in folder.iterdir())
    assert written.SHOP == (folder / "shop.yaml").read_text()

    scaffold.write({folder / "new.yaml": new})
    assert new == (folder / "new.yaml").read_text()
    assert ["new.yaml", "several.yaml", "shop.yaml"] == sorted(p.name for p in folder.iterdir())


def test_a_place_that_cannot_be_written_to_is_named(scaffold: Scaffold, tmp_path: Path) -> None:
    with pytest.raises(failures.Unavailable, match="cannot be written"):
        scaffold.write({tmp_path / "delivery" / ("x" * 300): ""})
