from pathlib import Path

from tests.adapters.local import written


def test_images_are_refused_here_and_may_run_elsewhere(tmp_path: Path) -> None:
    patches = "  environments:\n    prod: {workload: {image: shop:1}}\n"
    specs = written.specs(tmp_path, shop=written.SHOP + patches)
    assert () == specs.problems()

    (specs.directory / "shop.yaml").write_text(written.shop(more="    image: shop:1\n"))
    specs.changed()
    (problem,) = specs.problems()
    assert "images do not run on this machine" in problem.message


def test_what_is_wrong_in_another_environment_is_found_by_a_review(tmp_path: Path) -> None:
    patches = "  environments:\n    prod:\n      delivery: {template: none}\n"
    specs = written.specs(tmp_path, shop=written.SHOP + patches)

    assert specs.asked("shop", "local").wanted is not None
    (problem,) = specs.problems()
    assert "shop.yaml:17:18 spec.environments.prod.delivery.template" in str(problem)


def test_a_missing_file_of_a_patch_is_found_where_the_patch_is(tmp_path: Path) -> None:
    patches = "  environments:\n    local:\n      workload: {files: [gone]}\n"
    specs = written.specs(tmp_path, shop=written.SHOP + patches)

    (problem,) = specs.problems()
    assert "shop.yaml:17:26 spec.environments.local.workload.files[0]: 'gone'" in str(problem)


def test_bounds_at_which_this_machine_does_not_count_are_refused(tmp_path: Path) -> None:
    text = written.SHOP.replace("bake: '12s'", "latencyBound: 301ms")
    specs = written.specs(tmp_path, shop=text)

    assert "300ms or 400ms" in specs.asked("shop", "local").problem
