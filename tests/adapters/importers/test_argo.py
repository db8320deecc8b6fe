from typing import Any

import pytest

from serinus.adapters.importers import argo as importer
from tests.adapters.importers.templates import metric, template
from tests.core.spec import documents

FILLED = 'sum(rate(requests_total{service="shop",code!~"5.*"}[5m]))'
OWN = 'sum(rate(requests_total{version="$version"}[5m]))'


def read(*metrics: Any, given: dict[str, str] | None = None, **spec: Any) -> Any:
    return importer.read(template(*metrics, **spec), given or {})


def limits(**conditions: Any) -> dict[str, Any]:
    (check,) = read(metric(OWN, **{"successCondition": None, **conditions})).checks
    return {key: value for key, value in check["query"].items() if key in {"min", "max"}}


def told(found: Any) -> dict[str, str]:
    return {note.path.removeprefix("spec."): note.message for note in found.notes}


@pytest.mark.parametrize("kind", importer.KINDS)
def test_it_knows_its_documents(kind: str) -> None:
    assert importer.fits({**template(), "kind": kind})
    assert not importer.fits({**template(), "kind": "Rollout"})
    assert not importer.fits({**template(), "apiVersion": "example.com/v1"})


def test_a_metric_becomes_a_query_with_limits_and_strikes() -> None:
    (check,) = read(metric(failureLimit=2)).checks

    assert check == {
        "name": "success-rate",
        "query": {"promql": FILLED, "every": "5m", "min": 0.95, "strikes": 3},
    }


def test_what_comes_of_it_can_be_released() -> None:
    found = read(metric(failureLimit="2"), metric(OWN, name="own", interval="1m"))
    data = documents.delivered(checks=[dict(check) for check in found.checks])

    assert [] == documents.said(data)


@pytest.mark.parametrize(
    ("success", "expected"),
    [
        ("result[0] >= 0.95", {"min": 0.95}),
        ("result >= 95", {"min": 95}),
        ("asFloat(result[0]) > 1e-3", {"min": 0.001}),
        ("0.95 <= result[0]", {"min": 0.95}),
        ("result[0] <= 500", {"max": 500}),
        ("result[0] == 1", {"min": 1, "max": 1}),
        ("result[0] >= 0.9 && result[0] <= 1.1", {"min": 0.9, "max": 1.1}),
        ("len(result) > 0 && result[0] < 5", {"max": 5}),
        ("isNaN(result[0]) || result[0] >= 0.95", {"min": 0.95}),
        ("len(result) == 0 || (result[0] >= 0.95)", {"min": 0.95}),
    ],
)
def test_a_success_condition_is_a_limit(success: str, expected: dict[str, float]) -> None:
    assert expected == limits(successCondition=success)


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ("result[0] < 0.9", {"min": 0.9}),
        ("result[0] >= 0.05", {"max": 0.05}),
        ("result[0] < 0.9 || result[0] > 1.1", {"min": 0.9, "max": 1.1}),
        ("isNaN(result[0]) || result[0] > 5", {"max": 5}),
    ],
)
def test_a_failure_condition_is_the_other_side_of_one(
    failure: str, expected: dict[str, float]
) -> None:
    assert expected == limits(failureCondition=failure)


@pytest.mark.parametrize(
    "text",
    [
        "all(result, {# < 5})",
        "result[0] >= 0.95 && result[1] >= 0.95",
        "result[0] != 3",
        "default(result, 0) < 1",
        "result[0] > 1 || result[0] < 0",
        "isNaN(result[0])",
    ],
)
def test_what_is_no_limit_leaves_the_metric_out(text: str) -> None:
    found = read(metric(OWN, successCondition=text))

    assert () == found.checks
    assert "cannot be read as limits" in told(found)["metrics[0].successCondition"]


@pytest.mark.parametrize("text", ["result[0] == 3", "result[0] < 0 && result[0] > 1"])
def test_what_is_no_limit_of_a_failure_leaves_the_metric_out(text: str) -> None:
    assert () == read(metric(OWN, successCondition=None, failureCondition=text)).checks


def test_everything_that_is_not_as_it_was_is_named_with_its_place() -> None:
    found = told(
        read(
            metric(
                name="Success Rate",
                count=6,
                initialDelay="30s",
                failureLimit=2,
                inconclusiveLimit=1,
                consecutiveErrorLimit=4,
                consecutiveSuccessLimit=3,
                surprise=1,
                provider={
                    "prometheus": {
                        "query": FILLED,
                        "address": "http://prometheus:9090",
                        "timeout": 40,
                        "headers": [],
                        "authentication": {},
                        "insecure": True,
                        "rangeQuery": {},
                    }
                },
            ),
            measurementRetention=[],
            templates=[],
            later=1,
        )
    )

    prometheus = {f"metrics[0].provider.prometheus.{key}" for key in importer._WHY_PROMETHEUS}
    assert {
        "measurementRetention",
        "templates",
        "later",
        "metrics[0].name",
        "metrics[0].count",
        "metrics[0].initialDelay",
        "metrics[0].failureLimit",
        "metrics[0].inconclusiveLimit",
        "metrics[0].consecutiveErrorLimit",
        "metrics[0].consecutiveSuccessLimit",
        "metrics[0].surprise",
        "metrics[0].provider.prometheus.query",
        *prometheus,
    } == set(found)
    assert "hold: {for: 30m}" in found["metrics[0].count"]
    assert "here 3 failures in a row roll back; there 3 in all" == found["metrics[0].failureLimit"]


def test_limits_that_are_strict_or_meet_in_the_middle_are_told() -> None:
    strict = read(metric(OWN, successCondition="result[0] > 0.95"))
    both = read(metric(OWN, failureCondition="result[0] < 0.9"))
    empty = read(metric(OWN, successCondition="isNaN(result[0]) || result[0] >= 0.9"))

    assert "0.95 itself is within the limits here" == told(strict)["metrics[0]"]
    assert "what meets neither condition" in told(both)["metrics[0]"]
    assert {"min": 0.9} == limits(
        successCondition="result[0] >= 0.95", failureCondition="result[0] < 0.9"
    )
    assert "no data is never a pass" in told(empty)["metrics[0]"]


@pytest.mark.parametrize(
    ("changes", "path", "why"),
    [
        ({"provider": {"datadog": {}}}, "metrics[0].provider", "datadog cannot be asked here"),
        ({"provider": None}, "metrics[0].provider", "there is no provider"),
        ({"provider": {"prometheus": {}}}, "metrics[0].provider.prometheus.query", "no query"),
        ({"successCondition": None}, "metrics[0]", "it has no condition"),
        (
            {"provider": {"prometheus": {"query": "up{a='{{args.zone}}'}"}}},
            "metrics[0].provider.prometheus.query",
            "--arg zone=VALUE",
        ),
        (
            {"provider": {"prometheus": {"query": "up{a='{{inputs.zone}}'}"}}},
            "metrics[0].provider.prometheus.query",
            "stands for nothing here",
        ),
        (
            {"provider": {"prometheus": {"query": "up{a='$zone'}"}}},
            "metrics[0]",
            "'zone'",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_a_check_is_left_out_and_told_why(
    changes: dict[str, Any], path: str, why: str
) -> None:
    found = read(metric(**changes))

    assert () == found.checks
    assert told(found)[path].startswith("left out: ")
    assert why in told(found)[path]


def test_arguments_are_filled_in_and_those_given_win() -> None:
    (own,) = read(given={"service-name": "eu"}).checks
    found = read(metric(), args=[{"name": "service-name", "valueFrom": {"secretKeyRef": {}}}])

    assert 'service="eu"' in own["query"]["promql"]
    assert () == found.checks
    assert "--arg service-name=VALUE" in told(found)["args[0].valueFrom"]


@pytest.mark.parametrize(
    ("interval", "every"), [(None, "30s"), ("fast", "30s"), ("2h", "30s"), ("90s", "90s")]
)
def test_an_interval_that_cannot_be_kept_is_told(interval: str | None, every: str) -> None:
    found = read(metric(OWN, interval=interval))

    assert every == found.checks[0]["query"]["every"]
    assert (every != interval) == any("30s" in note.message for note in found.notes)


@pytest.mark.parametrize(
    ("limit", "strikes", "notes"), [(0, 1, 0), (2, 3, 1), ("3", 4, 1), (-1, 100, 1), ("x", 1, 1)]
)
def test_one_failure_more_than_the_limit_are_the_strikes(
    limit: object, strikes: int, notes: int
) -> None:
    found = read(metric(OWN, failureLimit=limit))

    assert strikes == found.checks[0]["query"]["strikes"]
    assert notes == sum("failureLimit" in note.path for note in found.notes)


def test_dry_runs_are_left_out() -> None:
    found = read(metric(OWN), metric(OWN, name="other"), dryRun=[{"metricName": "oth.*"}])

    assert ["success-rate"] == [check["name"] for check in found.checks]
    assert "dry run" in told(found)["metrics[1]"]


@pytest.mark.parametrize("spec", [None, [], {"metrics": {}}, {"metrics": [3]}, {"dryRun": 3}])
def test_odd_documents_come_to_nothing_and_to_no_traceback(spec: object) -> None:
    assert () == importer.read({"kind": "AnalysisTemplate", "spec": spec}, {}).checks
