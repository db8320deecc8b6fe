import re
from pathlib import Path

import pytest

from serinus.adapters.local.specs import Specs
from serinus.core.errors import Severity
from serinus.core.spec import problems
from serinus.ports import failures
from tests.adapters.local import written

IMAGE = "    image: registry/shop:1\n"
ENVIRONMENT = """\
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: local}
spec: {stage: dev}
"""
HOUSE = """\
apiVersion: serinus.dev/v1alpha1
kind: DeliveryTemplate
metadata: {name: house-1.0.0}
spec:
  template: house
  version: 1.0.0
  strategy: canary
  plan: [{traffic: {candidate: 1%}}]
"""


def names(specs: Specs, *wanted: str) -> list[str]:
    return [one.name for one in specs.export(wanted=wanted).manifests]


def test_what_is_referred_to_comes_before_what_refers_to_it(tmp_path: Path) -> None:
    several = f"{written.shop('cart')}---\n{HOUSE}---\n{written.shop('axe')}"
    specs = written.specs(tmp_path, b=several, a=written.SHOP, z=ENVIRONMENT)

    found = specs.export("prod")
    assert ["local", "house-1.0.0", "shop", "cart", "axe"] == [m.name for m in found.manifests]
    assert ["z.yaml", "b.yaml", "a.yaml", "b.yaml", "b.yaml"] == [m.source for m in found.manifests]
    assert (("canary-standard", "1.0.0"),) == found.templates
    assert found == specs.export("prod")


def test_an_image_that_this_machine_cannot_run_is_what_a_cluster_wants(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.shop(more=IMAGE))
    assert "images do not run on this machine" in problems.text(specs.problems())

    assert ((), ["shop"]) == (specs.export().problems, names(specs))


def test_a_command_without_an_image_is_a_warning_with_file_and_line(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)

    (problem,) = specs.export().problems
    assert Severity.WARNING is problem.severity
    assert str(problem).startswith("shop.yaml:8:3 spec.workload: warning: Kubernetes runs images")


def test_damaged_specs_are_told_whole_and_nothing_is_exported(tmp_path: Path) -> None:
    wrong = written.SHOP.replace("command", "comand").replace("bake: '12s'", "bake: never")
    twice = written.shop(more=IMAGE)
    specs = written.specs(
        tmp_path,
        cart=wrong.replace("shop", "cart"),
        a=twice,
        b=twice,
        c="apiVersion: serinus.dev/\n-",
    )

    found = specs.export()
    told = problems.text(found.problems)
    assert () == found.manifests
    assert "cart.yaml:9:5 spec.workload.comand: unknown field" in told
    assert "c.yaml:2:1" in told
    assert "application 'shop' is in a.yaml and b.yaml; keep one" in told


def test_applications_are_chosen_by_name_with_the_templates_of_the_house_that_they_use(
    tmp_path: Path,
) -> None:
    housed = written.shop("cart").replace("canary-standard", "house").split("    parameters")[0]
    specs = written.specs(tmp_path, shop=written.SHOP, cart=housed, z=HOUSE)

    assert ["house-1.0.0", "cart"] == names(specs, "cart")
    assert ["shop"] == names(specs, "shop")
    with pytest.raises(failures.Missing, match="unknown application 'shopp'; did you mean 'shop'"):
        specs.export(wanted=("shopp",))


def test_lost_comments_are_told(tmp_path: Path) -> None:
    odd = "  environments:\n    prod:\n      <<: {version: on}\n      workload: {image: x}\n"
    specs = written.specs(tmp_path, shop=written.SHOP + odd)

    (problem,) = specs.export().problems
    assert "shop.yaml: warning: Application shop is written anew, as JSON" in str(problem)


def test_a_file_that_is_written_in_this_moment_is_a_conflict(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, shop=written.SHOP)
    specs.changed()
    (specs.directory / "shop.yaml").write_text(written.shop("cart"))

    with pytest.raises(failures.Conflict, match=r"shop\.yaml was written by somebody"):
        specs.export()


def test_what_the_guide_shows_is_what_comes_out(tmp_path: Path) -> None:
    guide = Path(__file__).parents[3] / "docs" / "howto" / "take-it-to-kubernetes.md"
    text = guide.read_text(encoding="utf-8")
    shop, shown = re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    specs = written.specs(tmp_path, shop=shop)
    assert () == specs.problems()

    (found,) = specs.export("checkout").manifests
    assert shown == f"# from {found.source}\n{found.text}"
    assert () == specs.export().problems
