from pathlib import Path

import pytest

from serinus.ports import failures
from tests.adapters.local import written


def test_a_version_is_changed_in_its_place_and_nothing_else(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    file = specs.directory / "shop.yaml"
    file.chmod(0o640)

    assert specs.set_version("shop", "v2")
    assert written.SHOP.replace("version: v1 ", "version: v2 ") == file.read_text()
    assert 0o640 == file.stat().st_mode & 0o7777
    assert specs.changed()
    assert not specs.set_version("shop", "v2")


def test_parameters_keep_their_quotes_and_new_ones_have_the_type_of_the_template(
    tmp_path: Path,
) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)

    assert specs.set_version("shop", "v2", {"bake": "40s", "warmup": "3s"})

    wanted = specs.asked("shop", "local").wanted
    assert wanted is not None
    assert 3 == wanted.delivery.warmup_s
    text = (specs.directory / "shop.yaml").read_text()
    assert "      warmup: 3s\n      bake: '40s'  # short\n" in text


def test_an_absent_version_is_added(tmp_path: Path) -> None:
    specs = written.specs(
        tmp_path, shop=written.SHOP.replace("  version: v1   # what serves\n", "")
    )

    assert specs.set_version("shop", "v2")
    assert "spec:\n  version: v2\n  workload:\n" in (specs.directory / "shop.yaml").read_text()


def test_the_version_of_this_environment_is_the_one_that_is_changed(tmp_path: Path) -> None:
    patched = written.SHOP + "  environments:\n    local: {version: v5}\n"
    specs = written.specs(tmp_path, shop=patched)

    specs.set_version("shop", "v6")

    assert patched.replace("v5", "v6") == (specs.directory / "shop.yaml").read_text()


@pytest.mark.parametrize(
    ("version", "parameters", "told"),
    [
        ("no version", {}, "is not a version"),
        ("v2", {"bake": "soon"}, "spec.delivery.parameters.bake"),
        ("v2", {"bakes": "1m"}, "spec.delivery.parameters.bakes"),
    ],
)
def test_what_cannot_be_released_is_refused_and_nothing_is_changed(
    tmp_path: Path, version: str, parameters: dict[str, str], told: str
) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)

    with pytest.raises(failures.Rejected, match="nothing was changed") as refused:
        specs.set_version("shop", version, parameters)
    assert told in refused.value.why
    assert written.SHOP == (specs.directory / "shop.yaml").read_text()
    assert ["shop.yaml"] == [path.name for path in specs.directory.iterdir()]


def test_a_version_whose_files_are_missing_is_refused(tmp_path: Path) -> None:
    text = written.shop(more='    files: ["site-${version}"]\n')
    specs = written.specs(tmp_path, shop=text)
    (specs.directory / "site-v1").mkdir()

    with pytest.raises(failures.Rejected) as refused:
        specs.set_version("shop", "v2")
    assert "'site-v2' does not exist" in refused.value.why


def test_an_unknown_or_damaged_application_is_not_changed(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP + "  a: [\n")

    with pytest.raises(failures.Rejected, match="cannot be changed"):
        specs.set_version("shop", "v2")
    with pytest.raises(failures.Missing):
        specs.set_version("nobody", "v2")


# --- files that Git owns ------------------------------------------------------------------------


def test_a_tracked_file_is_refused_with_the_patch_to_commit(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    written.git(tmp_path, "init", "-q")
    written.git(tmp_path, "add", "delivery/shop.yaml")

    with pytest.raises(failures.Rejected, match="Git owns it") as refused:
        specs.set_version("shop", "v2")
    assert written.SHOP == (specs.directory / "shop.yaml").read_text()
    assert "-  version: v1   # what serves\n+  version: v2   # what serves\n" in refused.value.why
    assert "git commit" in refused.value.hint

    with pytest.raises(failures.Rejected, match="Git owns it"):
        specs.delete("shop")
    assert ["shop"] == specs.applications()


# --- the end, and the beginning -----------------------------------------------------------------


def test_the_file_goes_with_its_only_document(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)

    specs.delete("shop")

    assert [] == list(specs.directory.iterdir())
    assert [] == specs.applications()


def test_of_several_documents_only_one_is_removed(tmp_path: Path) -> None:
    service = "apiVersion: v1\nkind: Service\n"
    text = f"{service}---\n{written.SHOP}---\n{written.shop('two')}"
    specs = written.specs(tmp_path, all=text)

    specs.delete("shop")

    assert f"{service}---\n{written.shop('two')}" == (specs.directory / "all.yaml").read_text()
    assert ["two"] == specs.applications()


def test_a_new_file_is_copied_and_means_the_same_directory(tmp_path: Path) -> None:
    specs = written.specs(tmp_path)
    file = tmp_path / "app" / "shop.yaml"
    file.parent.mkdir()
    (file.parent / "site").mkdir()
    file.write_text(written.shop(more="    files: [site]\n"))

    assert "shop" == specs.add(file)

    wanted = specs.asked("shop", "local").wanted
    assert wanted is not None
    assert str(tmp_path / "app") == wanted.revision.workload.workdir
    assert "    workdir: ../app\n" in (specs.directory / "shop.yaml").read_text()
    assert "shop" == specs.add(file)


def test_the_first_file_makes_the_directory(tmp_path: Path) -> None:
    specs = written.specs(tmp_path)
    specs.directory.rmdir()
    (tmp_path / "shop.yaml").write_text(written.SHOP)

    assert "shop" == specs.add(tmp_path / "shop.yaml")
    assert ["shop"] == specs.applications()


def test_another_file_of_the_same_name_is_not_overwritten(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    file = tmp_path / "shop.yaml"

    file.write_text(written.SHOP.replace("version: v1", "version: v3"))
    with pytest.raises(failures.Rejected, match="it was not overwritten"):
        specs.add(file)

    file = file.rename(tmp_path / "second.yaml")
    with pytest.raises(failures.Rejected) as refused:
        specs.add(file)
    assert "application 'shop' is in" in refused.value.why


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (written.SHOP.replace("command", "comand"), "spec.workload.comand"),
        (written.SHOP + "---\n" + written.shop("two"), "it holds 2 applications; wanted one"),
        ("services: {}\n", "nothing here is ours"),
        (written.SHOP + "  a: [\n", "not YAML"),
    ],
)
def test_a_file_with_problems_is_not_added(tmp_path: Path, text: str, told: str) -> None:
    specs = written.specs(tmp_path)
    (tmp_path / "new.yaml").write_text(text)

    with pytest.raises(failures.Rejected, match="is not added") as refused:
        specs.add(tmp_path / "new.yaml")
    assert told in refused.value.why
    assert [] == list(specs.directory.iterdir())
