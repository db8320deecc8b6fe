from typing import Any

import pytest

from serinus.adapters.importers import kayenta as importer
from tests.adapters.importers.configurations import configuration, metric
from tests.core.spec import documents


def read(*metrics: Any, given: dict[str, str] | None = None, **more: Any) -> Any:
    return importer.read(configuration(*metrics, **more), given or {})


def told(found: Any) -> dict[str, str]:
    return {note.path: note.message for note in found.notes}


def test_it_knows_its_documents() -> None:
    assert importer.fits(configuration())
    assert importer.fits({"metrics": [], "judge": {}})
    assert not importer.fits({"kind": "AnalysisTemplate", "metrics": [], "judge": {}})
    assert not importer.fits({"metrics": []})


def test_a_metric_becomes_a_query_that_compares_with_stable() -> None:
    (check,) = read().checks

    assert check == {
        "name": "errors",
        "query": {
            "promql": 'sum(rate(errors_total{app="$revision"}[1m]))',
            "every": "1m",
            "stable": {"ratio": 1.1, "worse": "higher"},
        },
        "weight": 60.0,
    }


def test_what_comes_of_it_can_be_released() -> None:
    found = read(metric(), metric("cpu", "System", direction="decrease"))
    data = documents.delivered(checks=[dict(check) for check in found.checks])

    assert 2 == len(found.checks)
    assert [] == documents.said(data)


@pytest.mark.parametrize(
    ("canary", "stable", "place"),
    [
        ({"direction": "decrease", "effectSize": {"allowedDecrease": 0.8}}, (1.25, "lower"), ""),
        ({"direction": "either"}, (1.1, "higher"), ".direction"),
        ({"effectSize": None}, (None, "higher"), ""),
        ({"effectSize": {"allowedIncrease": 0.9}}, (1.0, "higher"), ".effectSize.allowedIncrease"),
        (
            {"effectSize": {"allowedIncrease": 1.2, "criticalIncrease": 2, "measure": "cles"}},
            (1.2, "higher"),
            ".effectSize.criticalIncrease",
        ),
    ],
    ids=str,
)
def test_how_much_worse_is_allowed(
    canary: dict[str, Any], stable: tuple[float | None, str], place: str
) -> None:
    found = read(metric(**canary))
    written = found.checks[0]["query"]["stable"]

    assert stable == (written.get("ratio"), written["worse"])
    if place:
        assert f"metrics[0].analysisConfigurations.canary{place}" in told(found)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ({"Errors": 60, "System": 40}, [60.0, 20.0, 20.0]),
        ({"Errors": 70}, [70.0, 15.0, 15.0]),
        ({}, [None, None, None]),
        ({"Errors": 100, "System": 0}, [100.0, None, None]),
    ],
    ids=str,
)
def test_the_weight_of_a_group_is_shared_by_its_metrics(
    weights: dict[str, float], expected: list[float | None]
) -> None:
    found = read(
        metric(),
        metric("cpu", "System"),
        metric("memory", "System"),
        classifier={"groupWeights": weights},
    )

    assert expected == [check.get("weight") for check in found.checks]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"type": "datadog", "metricName": "cpu"}, "'datadog' cannot be asked here"),
        ({"type": "prometheus", "metricName": "cpu"}, "written out as customInlineTemplate"),
        ({"type": "prometheus", "customInlineTemplate": "up{z='${location}'}"}, "--arg location="),
        ({"type": "prometheus", "customInlineTemplate": "PromQL:up"}, "the same for both arms"),
        (None, "cannot be asked here"),
    ],
    ids=str,
)
def test_a_query_that_cannot_be_asked_leaves_the_metric_out(query: object, why: str) -> None:
    found = read({**metric(), "query": query})

    assert () == found.checks
    assert why in told(found)["metrics[0].query"]


def test_variables_are_filled_in_and_the_scope_may_be_another_one() -> None:
    text = 'sum(up{app="${scope}", zone="${location}"})'
    (check,) = read(metric(template=text), given={"scope": "$version", "location": "eu"}).checks

    assert 'sum(up{app="$version", zone="eu"})' == check["query"]["promql"]


def test_everything_that_is_not_as_it_was_is_named_with_its_place() -> None:
    canary: dict[str, Any] = {
        "critical": True,
        "mustHaveData": True,
        "nanStrategy": "replace",
        "outliers": {},
    }
    found = told(
        read(
            {**metric("Error rate", **canary), "scopeName": "default", "odd": 1},
            judge={"name": "NetflixACAJudge-v1.0"},
            templates={"t": "x"},
            classifier={"groupWeights": {}, "scoreThresholds": {"pass": 95, "marginal": 75}},
            surprise=1,
        )
    )

    assert {
        "judge",
        "templates",
        "surprise",
        "classifier.scoreThresholds",
        "metrics[0].name",
        "metrics[0].query",
        "metrics[0].scopeName",
        "metrics[0].odd",
        *(f"metrics[0].analysisConfigurations.canary.{key}" for key in canary),
    } == set(found)


@pytest.mark.parametrize("metrics", [None, {}, [3], [{}], [{"query": 3, "groups": 3}]])
def test_odd_documents_come_to_nothing_and_to_no_traceback(metrics: object) -> None:
    found = importer.read({"metrics": metrics, "judge": 3, "classifier": 3}, {})

    assert () == found.checks
    assert found.notes
