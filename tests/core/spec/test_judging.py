"""The judge that was chosen: what it resolves to, and what is said of what makes no sense."""

from typing import Any

import pytest

from serinus.core.spec.rules import Argo, Condition, Flagger, Kayenta, NoValues, Rule, What
from tests.core.spec import documents

RATE = {"successCondition": "success-rate >= 99%"}


def rule(judge: Any, **delivery: Any) -> Rule | None:
    found = documents.resolved(documents.delivered(judge=judge, **delivery))
    assert found.delivery is not None, found.problems
    return found.delivery.rule


def said(judge: Any, **delivery: Any) -> list[str]:
    lines = documents.said(documents.delivered(judge=judge, **delivery))
    return [line.removeprefix("spec.delivery.").removeprefix("judge.") for line in lines]


@pytest.mark.parametrize(
    ("judge", "expected"),
    [
        (None, None),
        ({"flagger": {}}, Flagger()),
        (
            {"flagger": {"interval": "30s", "threshold": 2, "successRate": "99.9%"}},
            Flagger(interval_s=30.0, threshold=2, min_success=0.999),
        ),
        ({"flagger": {"latency": "500ms"}}, Flagger(bound_ms=500, max_slower=0.01)),
        ({"argo": RATE}, Argo()),
        (
            {
                "argo": {
                    "interval": "2m",
                    "initialDelay": "5m",
                    "count": 3,
                    "successCondition": "error-rate<0.01",
                    "failureCondition": "error-rate > 5%",
                    "failureLimit": -1,
                    "inconclusiveLimit": 2,
                }
            },
            Argo(
                interval_s=120.0,
                initial_delay_s=300.0,
                count=3,
                success=Condition(What.ERRORS, "<", 0.01),
                failure=Condition(What.ERRORS, ">", 0.05),
                failure_limit=-1,
                inconclusive_limit=2,
            ),
        ),
        (
            {"argo": {"successCondition": "p95 <= 250ms"}},
            Argo(success=Condition(What.SLOWER, "<=", 0.05, 250)),
        ),
        (
            {"argo": {"failureCondition": "p99.9 > 1s"}},
            Argo(success=None, failure=Condition(What.SLOWER, ">", 0.001, 1000)),
        ),
        ({"kayenta": {}}, Kayenta()),
        (
            {
                "kayenta": {
                    "interval": "10m",
                    "point": "30s",
                    "lookback": "1h",
                    "confidence": "95%",
                    "tolerance": 0.1,
                    "increase": 1.2,
                    "critical": False,
                    "pass": 90,
                    "marginal": 40,
                    "latency": "250ms",
                }
            },
            Kayenta(600.0, 30.0, 3600.0, 0.95, 0.1, 1.2, False, 90.0, 40.0, 250),  # noqa: FBT003  a row of a table
        ),
    ],
    ids=str,
)
def test_a_judge_resolves_to_its_rule(judge: Any, expected: Rule | None) -> None:
    assert expected == rule(judge)


@pytest.mark.parametrize("judge", [{"flagger": {}}, {"argo": RATE}, {"kayenta": {}}], ids=str)
def test_what_a_person_chooses_never_takes_missing_data_for_anything(judge: Any) -> None:
    found = rule(judge)

    assert found is not None
    assert NoValues.WAIT is found.no_values


def test_a_rule_of_another_layer_is_taken_back_by_null() -> None:
    ours = documents.template({"judge": {"flagger": {}}, "checks": [{"use": "golden-signals"}]})
    data = documents.delivered(template="ours", judge={"flagger": None, "argo": RATE})
    both = documents.delivered(template="ours", judge={"argo": RATE})

    assert documents.resolved(data, ours).delivery is not None
    assert [
        (
            "spec.delivery.judge: a judge is exactly one of flagger, argo, kayenta; found "
            "flagger and argo: set to null what is not wanted"
        )
    ] == documents.said(both, ours)


@pytest.mark.parametrize(
    ("judge", "lines"),
    [
        ({}, ["judge: a judge is exactly one of flagger, argo, kayenta"]),
        ({"flager": {}}, ["flager: unknown field 'flager'; did you mean 'flagger'?"]),
        ({"flagger": {"interval": "5s"}}, ["flagger.interval: 5s is too short; wanted 10s–1h"]),
        (
            {"flagger": {"threshold": 0, "successRate": "0%"}},
            [
                "flagger.threshold: 0 is out of range; wanted 1–1000",
                "flagger.successRate: 0% is no limit; wanted more than 0% and at most 100%",
            ],
        ),
        (
            {"flagger": {"latency": "240ms"}},
            ["flagger.latency: 240ms: this platform counts at 100ms or 250ms; choose one"],
        ),
        (
            {"argo": {}},
            [
                (
                    "argo: without a condition everything passes; wanted successCondition, "
                    "failureCondition or both"
                )
            ],
        ),
        (
            {"argo": {"successCondition": "result[0] >= 0.95"}},
            [
                (
                    "argo.successCondition: 'result[0] >= 0.95' is not a condition; wanted one "
                    "such as success-rate >= 99%, error-rate < 1% or p99 <= 500ms"
                )
            ],
        ),
        (
            {"argo": {"successCondition": "success-rate >= 120%"}},
            ["argo.successCondition: 120% is no share; wanted 0% to 100%"],
        ),
        (
            {"argo": {"successCondition": "p0 <= 250ms"}},
            ["argo.successCondition: p0 is no percentile; wanted one such as p95 or p99"],
        ),
        (
            {"argo": {"successCondition": "p99 <= 250ms", "failureCondition": "p99 > 500ms"}},
            ["argo.failureCondition: both conditions ask for times; wanted the same bound in both"],
        ),
        (
            {"argo": {**RATE, "count": 0, "failureLimit": -2, "inconclusiveLimit": 9999}},
            [
                "argo.count: 0 is out of range; wanted 1–10000",
                "argo.failureLimit: -2 is out of range; wanted -1–1000",
                "argo.inconclusiveLimit: 9999 is out of range; wanted -1–1000",
            ],
        ),
        (
            {"kayenta": {"interval": "30s"}},
            ["kayenta.interval: 30s is shorter than one point, 1m"],
        ),
        (
            {"kayenta": {"confidence": "100%", "tolerance": 1, "increase": 0.9, "pass": 50}},
            [
                (
                    "kayenta: marginal 75 and pass 50 do not fit; wanted "
                    "0 <= marginal <= pass <= 100"
                ),
                "kayenta.confidence: 100% is out of range; wanted 50% to less than 100%",
                "kayenta.tolerance: 1 is out of range; wanted 0 to less than 1",
                "kayenta.increase: 0.9 is out of range; wanted 1 to 100",
            ],
        ),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_told_at_its_place(judge: Any, lines: list[str]) -> None:
    assert lines == said(judge)


def test_an_interval_shorter_than_a_scrape_is_refused() -> None:
    assert [
        "flagger.interval: 10s is shorter than 1m, the time between two scrapes ('every')"
    ] == said({"flagger": {"interval": "10s"}}, every="1m")


def test_a_rule_needs_counts_to_judge() -> None:
    (line,) = said({"flagger": {}}, checks=[])

    assert line.startswith("judge: nothing is counted: wanted a check beside it")


def test_a_check_of_the_same_name_is_refused() -> None:
    assert ["checks[0].name: the judge is called 'argo' already; wanted another name"] == said(
        {"argo": RATE}, checks=[{"name": "argo", "errors": {}}]
    )


def test_a_comparison_needs_both_versions_beside_each_other() -> None:
    rolling = said({"kayenta": {}}, template="rolling", checks=[{"use": "golden-signals"}])
    users = said({"kayenta": {}}, template="ab-test")

    assert [
        (
            "kayenta: both versions are never seen beside each other; "
            "wanted a step of traffic or ramp or mirror"
        )
    ] == rolling
    assert [
        (
            "kayenta: the users of an A/B test are not compared request by request; wanted "
            "a limit, as of flagger or argo"
        )
    ] == users
