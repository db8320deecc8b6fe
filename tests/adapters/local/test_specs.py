import shutil
from pathlib import Path

import pytest

from serinus.core.errors import Severity
from serinus.ports import failures
from serinus.ports.store import Asked
from tests.adapters.local import written

FILES = "    files: [site]\n"


def test_what_is_asked_for_is_what_the_file_says(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)

    wanted = specs.asked("shop", "local").wanted

    assert wanted is not None
    assert "v1" == wanted.revision.version
    assert ("./shop", "--port", "${port}") == wanted.revision.workload.command
    assert {"VERSION": "v1"} == wanted.revision.workload.env
    assert str(tmp_path / "delivery") == wanted.revision.workload.workdir
    assert "shop.localhost" == wanted.host
    assert "canary-standard" == wanted.delivery.template
    assert Asked() == specs.asked("nobody", "local")


def test_a_known_answer_is_given_again_until_the_file_is_written(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP, other=written.shop("other"))
    first, other = specs.asked("shop", "local"), specs.asked("other", "local")

    assert specs.changed()
    assert not specs.changed()
    assert (
        2 == specs.reads or specs.reads > 2
    )  # a file that was written a moment ago may be looked at twice
    assert first is specs.asked("shop", "local")

    (specs.directory / "shop.yaml").write_text(written.SHOP.replace("version: v1", "version: v2"))
    assert specs.changed()
    assert not specs.changed()
    assert first != specs.asked("shop", "local")
    assert other is specs.asked("other", "local")


def test_the_first_look_is_a_change_and_nothing_of_others_is_one(tmp_path: Path) -> None:
    specs = written.specs(tmp_path)
    assert specs.changed()

    (specs.directory / "compose.yaml").write_text("services: {}\n")
    assert not specs.changed()


def test_an_unreadable_directory_counts_as_changed(tmp_path: Path) -> None:
    specs = written.specs(tmp_path)
    assert specs.changed()
    shutil.rmtree(specs.directory)
    specs.directory.write_text("a file")

    assert specs.changed()
    assert specs.changed()
    with pytest.raises(failures.Unavailable):
        specs.set_version("shop", "v2")


def test_a_damaged_file_keeps_its_application_and_hides_no_other(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP, other=written.shop("other"))
    specs.asked("shop", "local")
    (specs.directory / "shop.yaml").write_text(written.SHOP + "  selector: matchLabels:\n")
    specs.changed()

    assert ["other", "shop"] == specs.applications()
    assert specs.asked("other", "local").wanted is not None
    asked = specs.asked("shop", "local")
    assert asked.wanted is None
    assert "shop.yaml:15:24: two keys on one line" in asked.problem
    assert specs.directory / "shop.yaml" == specs.file("shop")
    assert specs.data("shop") is None
    assert not specs.effective("shop").usable


def test_a_problem_has_file_line_column_and_path(tmp_path: Path) -> None:
    text = written.SHOP.replace("bake: '12s'", "bake: soon").replace("command:", "comand:")
    specs = written.specs(tmp_path, shop=text)

    problem = specs.asked("shop", "local").problem

    assert "shop.yaml:9:5 spec.workload.comand: unknown field 'comand'; did you mean" in problem
    assert ["shop"] == specs.applications()
    assert problem.splitlines()[0] in [str(p) for p in specs.problems()]


def test_a_wrong_parameter_is_found_where_it_is_written(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP.replace("bake: '12s'", "bake: soon"))

    assert "shop.yaml:14:7 spec.delivery.parameters.bake: " in specs.asked("shop", "local").problem


def test_a_key_that_is_given_twice_is_a_problem(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP + "  version: v2\n")

    problem = specs.asked("shop", "local").problem

    assert "shop.yaml:15:3 spec.version: the key 'version' is given twice" in problem


def test_an_application_in_two_files_is_a_problem_of_both(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, a=written.SHOP, b=written.SHOP)

    assert (
        "application 'shop' is in a.yaml and b.yaml; keep one"
        in specs.asked("shop", "local").problem
    )
    assert ["a.yaml", "b.yaml"] == [p.file for p in specs.problems()]
    with pytest.raises(failures.Rejected, match="cannot be changed"):
        specs.set_version("shop", "v2")


def test_two_applications_cannot_share_a_host(tmp_path: Path) -> None:
    other = written.shop("other") + "  route: {host: shop.localhost}\n"
    specs = written.specs(tmp_path, shop=written.SHOP)
    assert specs.asked("shop", "local").wanted is not None
    (specs.directory / "other.yaml").write_text(other)
    specs.changed()

    assert "is the host of other too" in specs.asked("shop", "local").problem
    assert "other.yaml:15:11 spec.route.host" in specs.asked("other", "local").problem


def test_an_environment_gives_its_defaults_and_its_problems_are_its_own(tmp_path: Path) -> None:
    environment = (
        "apiVersion: serinus.dev/v1alpha1\nkind: Environment\nmetadata: {name: local}\n"
        "spec:\n  defaults:\n    parameters:\n      warmup: 3s\n"
    )
    specs = written.specs(tmp_path, shop=written.SHOP, local=environment)
    wanted = specs.asked("shop", "local").wanted
    assert wanted is not None
    assert 3 == wanted.delivery.warmup_s

    (specs.directory / "local.yaml").write_text(environment.replace("3s", "soon"))
    specs.changed()
    problem = specs.asked("shop", "local").problem
    assert problem.startswith("local.yaml:7:7 spec.defaults.parameters.warmup: ")


def test_warnings_do_not_keep_a_spec_from_being_used(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    found = specs.effective("shop")

    assert found.usable
    assert () == tuple(p for p in found.problems if p.severity is Severity.ERROR)


def test_a_plan_may_have_parameters_of_its_own(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)

    assert "40s" == specs.effective("shop", overrides={"bake": "40s"}).parameters["bake"]
    with pytest.raises(failures.Missing, match="did you mean 'shop'"):
        specs.effective("shpo")
    with pytest.raises(failures.Missing):
        specs.file("shpo")


# --- declared files -----------------------------------------------------------------------------


def test_the_content_of_declared_files_is_part_of_the_revision(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.shop(more=FILES))
    (specs.directory / "site").mkdir()
    page = specs.directory / "site" / "index.html"
    page.write_text("one")
    first = specs.asked("shop", "local").wanted
    assert specs.changed()
    page.write_text("two")

    assert specs.changed()
    second = specs.asked("shop", "local").wanted
    assert first is not None
    assert second is not None
    assert first.revision.id != second.revision.id
    stored = [second.revision.workload.files["site/index.html"]]
    assert ["two"] == [(specs.home / "blobs" / digest).read_text() for digest in stored]


def test_a_new_file_in_a_declared_directory_is_a_change(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.shop(more=FILES))
    (specs.directory / "site").mkdir()
    specs.asked("shop", "local")
    specs.changed()
    (specs.directory / "site" / "new").write_text("n")

    assert specs.changed()
    wanted = specs.asked("shop", "local").wanted
    assert wanted is not None
    assert ["site/new"] == list(wanted.revision.workload.files)


def test_a_missing_file_is_named_and_its_coming_is_a_change(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.shop(more=FILES))
    problem = specs.asked("shop", "local").problem
    specs.changed()

    assert "shop.yaml:10:13 spec.workload.files[0]: 'site' does not exist in" in problem
    assert not specs.changed()
    (specs.directory / "site").mkdir()
    assert specs.changed()
    assert specs.asked("shop", "local").wanted is not None


def test_a_missing_workdir_is_named(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.shop(more="    workdir: ../app\n"))

    assert f"spec.workload.workdir: the directory {tmp_path / 'app'} does not exist" in (
        specs.asked("shop", "local").problem
    )


# --- one file alone -----------------------------------------------------------------------------


def test_a_file_is_reviewed_wherever_it_is(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    elsewhere = tmp_path / "new.yaml"
    elsewhere.write_text(written.shop("new").replace("bake:", "bakes:"))

    (problem,) = specs.alone(elsewhere).problems()
    assert "new.yaml:14:7 spec.delivery.parameters.bakes" in str(problem)
    assert () == specs.alone(specs.directory / "shop.yaml").problems()


def test_a_file_of_others_is_told_when_it_is_asked_for(tmp_path: Path) -> None:
    specs = written.specs(tmp_path)
    (tmp_path / "compose.yaml").write_text("services: {}\n")

    (problem,) = specs.alone(tmp_path / "compose.yaml").problems()
    assert "nothing here is ours" in problem.message


def test_a_draft_comes_to_what_it_would_in_a_file_and_nothing_is_kept_of_it(
    tmp_path: Path,
) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    data = specs.data("shop")
    assert data is not None
    found = specs.draft(data)

    assert specs.asked("shop", "local") == found
    assert "commands" in specs.draft({**data, "spec": {"workload": {"commands": []}}}).problem
    assert ["shop"] == specs.applications()
