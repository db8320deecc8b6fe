"""Whatever YAML can hold, a review answers with problems and never with an exception."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.core.errors import Problem
from serinus.core.spec import effective, place, review
from serinus.core.spec.application import Environment
from serinus.core.spec.resolve import Library
from tests.core.spec import documents, strategies

FULL_APPLICATION: dict[str, Any] = documents.application(
    {
        "version": "v2",
        "workload": {
            "command": "./shop --port ${port}",
            "workdir": "shop",
            "files": ["shop.conf"],
            "env": {"MODE": "fast"},
            "resources": {"cpu": "500m"},
            "health": {"path": "/healthz", "every": "1s"},
            "replicas": 3,
            "grace": "5s",
        },
        "route": {"host": "shop.localhost", "timeout": "15s"},
        "delivery": {
            "template": {"name": "canary-standard", "version": "1"},
            "parameters": {"bake": "1m", "start": "2%"},
            "plan": [
                {"traffic": {"candidate": "5%"}, "hold": {"for": "1m", "minSamples": 10}},
                {"ramp": {"from": "10%", "to": "50%", "by": "20%", "hold": {"for": "1m"}}},
                {"traffic": {"candidate": "75%"}, "gates": [{"approval": {"roles": ["sre"]}}]},
                {"settle": {"keepOld": "5m"}},
            ],
            "checks": [
                {"use": "golden-signals", "with": {"ratio": 1.5, "latencyBound": "250ms"}},
                {"errors": {"slo": {"max": "1%"}}, "name": "budget", "weight": 1},
                {"latency": {"bound": "100ms", "stable": {"ratio": 2}}, "name": "quick"},
            ],
            "onFail": {"keepCandidate": "1m"},
            "retreat": {"probes": 2},
        },
        "environments": {
            "local": {"workload": {"replicas": 2}, "delivery": {"parameters": {"bake": "10s"}}},
        },
    }
)
FULL_TEST: dict[str, Any] = documents.delivered(
    template="ab-test",
    plan=[
        {
            "match": [
                {"header": "x-beta=yes", "cookie": "beta", "query": "beta=~[0-9]+"},
                {"share": "0%", "query": "preview"},
            ],
            "hold": {"for": "7d", "minSamples": 10},
            "gates": [
                {"approval": {"roles": ["sre"], "count": 2, "expires": "1h"}},
                {"window": "nights"},
                {"webhook": {"url": "https://ci.example.com/gate", "secret": "ci-key"}},
            ],
        }
    ],
    checks=[
        {"errors": {"slo": {"max": "1%", "over": "30d", "burn": "default", "freeze": True}}},
        {"logs": {"pattern": "ERROR", "slo": {"max": "1%"}}, "weight": 1},
        {"newLines": {"pattern": "ERROR", "times": 2}},
        {"name": "sold", "query": {"promql": "x{r='$revision'}", "stable": {"worse": "lower"}}},
        {"name": "up", "query": {"promql": "up", "min": 1, "max": 2, "strikes": 2, "every": "1m"}},
        {"resources": {"only": ["memory"], "stable": {"ratio": 2, "plus": 1000}}},
        {
            "name": "slow",
            "latency": {
                "bound": "250ms",
                "slo": {
                    "max": "5%",
                    "over": "7d",
                    "burn": [{"long": "1h", "short": "5m", "rate": 2}],
                },
            },
        },
    ],
    sticky="30d",
    headers={"set": {"x-version": "v2"}, "remove": ["x-debug"]},
    goals=[{"name": "paid", "path": "/thanks/*", "methods": ["GET"]}],
)
FULL_ENVIRONMENT: dict[str, Any] = documents.environment(
    {
        "stage": "prod",
        "defaults": {"parameters": {"bake": "2m"}},
        "windows": [
            {
                "name": "nights",
                "weekly": {"from": "Mon 22:00", "to": "Tue 06:00"},
                "gatesOnly": True,
            },
            {
                "name": "feast",
                "type": "blackout",
                "tz": "Europe/Berlin",
                "weekly": [{"from": "Fri 12:00", "to": "Mon 07:00"}],
                "from": "2026-12-24T12:00:00Z",
                "to": "2026-12-27T00:00:00+01:00",
                "message": "later",
            },
        ],
        "freeze": {"reason": "the feast", "until": "2026-12-27T00:00:00Z"},
        "roles": {"sre": ["ana", "bob"]},
    }
)
FULL_TEMPLATE: dict[str, Any] = documents.template(
    {
        "parameters": {
            "bake": {"type": "string", "format": "duration", "default": "5m", "minimum": "1s"},
            "count": {"type": "integer", "default": 5, "maximum": 10, "order": 1},
            "kind": {"enum": ["a", "b"], "default": "a", "title": "Kind"},
        },
        "warmup": "${bake}",
        "locks": ["/checks", "/parameters/count"],
        "needs": ["weights"],
        "deprecated": {"since": "1.2.0", "use": "canary-fast"},
        "checks": [{"use": "golden-signals"}],
        "onFail": {"quarantine": False},
    }
)
LIBRARY = documents.library(FULL_ENVIRONMENT)


def answers(data: Any) -> tuple[Problem, ...]:
    _, problems = review.document(data)
    found = effective.effective(data, "local", LIBRARY, documents.LIMITS)
    told = (*problems, *found.problems)
    for problem in told:
        assert problem.message
        assert "\n" not in str(problem)
        assert isinstance(place.parse(problem.path), tuple)
    assert found.usable or told
    return told


def test_the_whole_documents_are_right() -> None:
    quiet = {"spec.workload.resources.cpu", "spec.parameters.count", "spec.parameters.kind"}

    assert documents.resolved(FULL_APPLICATION).usable
    assert () == documents.resolved(FULL_TEST, FULL_ENVIRONMENT).problems
    assert quiet >= {p.path for p in review.document(FULL_TEMPLATE)[1]}
    assert quiet >= {p.path for p in answers(FULL_APPLICATION)}


@given(strategies.ANYTHING)
def test_anything_is_answered(data: Any) -> None:
    answers(data)


@given(strategies.damaged(FULL_APPLICATION))
@settings(max_examples=400)
def test_a_damaged_application_is_answered(data: Any) -> None:
    answers(data)


@given(strategies.damaged(FULL_TEMPLATE))
@settings(max_examples=300)
def test_a_damaged_template_is_answered(data: Any) -> None:
    answers(data)


@given(strategies.damaged(FULL_TEST))
@settings(max_examples=400)
def test_a_damaged_test_is_answered(data: Any) -> None:
    answers(data)


@given(strategies.damaged(FULL_ENVIRONMENT))
@settings(max_examples=300)
def test_a_damaged_environment_is_answered(data: Any) -> None:
    answers(data)
    found, _ = review.document(data)
    if isinstance(found, Environment):
        library = Library(LIBRARY.templates, {"local": found})
        effective.effective(FULL_TEST, "local", library, documents.LIMITS)


@given(st.dictionaries(st.text(max_size=8) | st.just("bake"), strategies.ANYTHING, max_size=3))
def test_parameters_of_a_release_are_answered(overrides: dict[str, Any]) -> None:
    found = documents.resolved(documents.application(), **overrides)

    assert found.usable or found.problems


@pytest.mark.parametrize("data", [FULL_APPLICATION, FULL_TEMPLATE])
def test_a_list_within_itself_is_refused(data: dict[str, Any]) -> None:
    endless: list[Any] = []
    endless += [endless, endless]
    broken = {**data, "spec": {**data["spec"], "plan": endless, "delivery": {"plan": endless}}}

    assert {"more than 64 levels deep; is an alias part of itself?"} == {
        p.message for p in answers(broken)
    }


def test_a_document_of_a_million_values_is_refused() -> None:
    many = ["x"] * 1000
    wide = documents.delivered(plan=[many] * 1000)

    assert ["more than 100,000 values; is an alias used too often?"] == documents.reviewed(wide)
