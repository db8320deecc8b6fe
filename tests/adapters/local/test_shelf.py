from pathlib import Path

from serinus.adapters.local import shelf
from serinus.boot import catalogue
from tests.adapters.local import written


def own(version: str) -> str:
    """A template of one's own: the built-in one by another name."""
    text = catalogue.text("canary-standard.yaml")
    return text.replace("canary-standard", "house").replace("1.0.0", version)


def test_templates_of_the_directory_stand_beside_the_built_in_ones(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, b=own("1.10.0"), a=own("1.9.0"))

    assert {"house", "canary-standard"} <= set(specs.templates())
    versions = [one.spec.version for one in specs.library().templates["house"]]
    assert ["1.9.0", "1.10.0"] == versions
    assert () == specs.problems()


def test_a_template_of_the_same_version_twice_is_a_problem(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, a=own("1.0.0"), b=own("1.0.0"))

    (problem,) = specs.problems()
    assert "b.yaml" == problem.file
    assert "there is a house-1.0.0 already; give this a new version" == problem.message


def test_an_environment_twice_is_a_problem(tmp_path: Path) -> None:
    text = (
        "apiVersion: serinus.dev/v1alpha1\nkind: Environment\nmetadata: {name: local}\nspec: {}\n"
    )
    specs = written.specs(tmp_path, a=text, b=text)

    (problem,) = specs.problems()
    assert "b.yaml:3:12 metadata.name: environment 'local' is in a.yaml too; keep one" == str(
        problem
    )
    assert ["local"] == specs.environments()


def test_a_new_template_is_news_for_every_application(tmp_path: Path) -> None:
    text = written.SHOP.replace("canary-standard", "house")
    specs = written.specs(tmp_path, shop=text)
    assert "unknown template 'house'" in specs.asked("shop", "local").problem

    (specs.directory / "house.yaml").write_text(own("1.0.0"))

    assert specs.changed()
    assert specs.asked("shop", "local").wanted is not None


METRICS = """\
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: local}
spec:
  defaults: {template: canary-fast}
  metrics:
    promethues: {url: "http://127.0.0.1:9090"}
    prometheus:
      url: "http://p.example"
      bearer: token
      timeout: 1h
"""


def test_metric_sources_are_reviewed_where_they_are_written(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, place=METRICS)

    assert [
        (
            "place.yaml:7:5 spec.metrics.promethues: unknown metric source 'promethues'; "
            "did you mean 'prometheus'?"
        ),
        (
            "place.yaml:9:7 spec.metrics.prometheus.url: warning: the credentials go over the "
            "network unencrypted; wanted https"
        ),
        "place.yaml:11:7 spec.metrics.prometheus.timeout: 1h is not within 100ms–5m",
    ] == [str(problem) for problem in specs.problems()]


def test_an_environment_with_wrong_sources_gives_its_defaults_all_the_same(tmp_path: Path) -> None:
    specs = written.specs(tmp_path, place=METRICS)

    assert ["local"] == specs.environments()


def test_without_a_review_no_source_is_known(tmp_path: Path) -> None:
    (problem,) = shelf.no_sources({"prometheus": {}})

    assert "prometheus: unknown metric source 'prometheus'; known: none" == str(problem)
