import copy
from typing import Any

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.core.spec import resolve
from serinus.core.spec.application import Defaults, DeliverySpec
from serinus.core.spec.delivery import Hold, SettleStep, TrafficStep
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Layer, Resolution
from tests.core.spec import documents
from tests.core.spec.documents import delivered, said

PARAMETERS = {
    "bake": {"format": "duration", "default": "5m"},
    "start": {"format": "percent", "default": "1%", "maximum": "5%"},
    "team": {"type": "string"},
}
PLAN = [
    {
        "traffic": {"candidate": "${start}"},
        "hold": {"for": "${bake}"},
        "gates": [{"approval": {"roles": ["${team}"]}}],
    },
    {"traffic": {"candidate": "20%"}},
]
OURS = documents.template({"parameters": PARAMETERS, "plan": PLAN, "drain": "20s"})


def layer(origin: str = "application", path: str = "spec.delivery", **given: Any) -> Layer:
    return Layer(origin, path, msgspec.convert({"template": "ours", **given}, DeliverySpec))


def met(*layers: Layer, template: dict[str, Any] = OURS, **given: Any) -> Resolution:
    return resolve.resolve(layers, documents.library(template), Limits(), **given)


def test_later_layers_win_and_each_value_knows_where_it_came_from() -> None:
    found = met(
        Layer("environment local", "e", Defaults(parameters={"bake": "1m", "start": "2%"})),
        layer(parameters={"bake": "2m", "team": "sre"}),
        layer("application@local", "spec.environments.local.delivery", drain="30s"),
        Layer("this release", "--set", Defaults(parameters={"bake": "3m"})),
    )

    assert {"bake": "3m", "start": "2%", "team": "sre"} == found.parameters
    assert found.delivery is not None
    assert (20, Hold(180.0)) == (found.delivery.steps[0].share, found.delivery.steps[0].hold)  # type: ignore[union-attr]  # a traffic step
    assert {
        "parameters.bake": "this release",
        "parameters.start": "environment local",
        "parameters.team": "application",
        "plan[0].hold.for": "this release: bake",
        "plan[0].gates[0].approval.roles[0]": "application: team",
        "drain": "application@local",
        "plan": "template ours-1.0.0",
        "onFail": "default of every template",
    }.items() <= found.provenance.items()


def test_the_result_names_its_template() -> None:
    found = met(layer(parameters={"team": "sre"}))

    assert found.delivery is not None
    assert ("ours", "1.0.0") == (found.delivery.template, found.delivery.template_version)


def test_resolving_changes_nothing_that_it_was_given() -> None:
    given = layer(parameters={"team": "sre"}, onFail={"keepCandidate": "1m"})
    before = copy.deepcopy(given)

    assert met(given) == met(given)
    assert before == given


def test_lists_are_replaced_and_mappings_are_merged() -> None:
    found = met(
        layer(parameters={"team": "sre"}, onFail={"keepCandidate": "1m"}, plan=documents.CANARY),
        layer("application@local", "x", onFail={"quarantine": False}),
    )

    assert found.delivery is not None
    assert (TrafficStep(50, Hold(60.0)), SettleStep(300.0)) == found.delivery.steps
    assert (60.0, False) == (found.delivery.keep_candidate_s, found.delivery.quarantine)
    assert "application" == found.provenance["onFail.keepCandidate"]
    assert "application@local" == found.provenance["onFail.quarantine"]


def test_null_takes_back_what_was_said_below() -> None:
    found = met(
        layer(parameters={"team": "sre", "bake": "1m"}, drain="1m", checks=[{"errors": {}}]),
        layer("application@local", "x", parameters={"bake": None}, drain=None, checks=None),
    )

    assert found.delivery is not None
    assert (10.0, ()) == (found.delivery.drain_s, found.delivery.checks)
    assert "5m" == found.parameters["bake"]
    assert "application@local" == found.provenance["parameters.bake"]


def test_null_for_a_parameter_without_a_default_leaves_it_missing() -> None:
    found = met(layer(parameters={"team": "sre"}), layer("l", "x", parameters={"team": None}))

    assert ["spec.delivery.parameters.team: template ours-1.0.0 needs a value for 'team'"] == [
        str(p) for p in found.problems
    ]


def test_a_wrong_parameter_is_told_once_and_the_rest_is_looked_at() -> None:
    found = met(layer(parameters={"team": 3, "bake": "soon"}, drain="2h"))

    assert found.delivery is None
    assert ["spec.delivery.parameters.team", "spec.delivery.parameters.bake"] == [
        p.path for p in found.problems
    ]
    assert ["spec.delivery.parameters.bake", "spec.delivery.drain"] == [
        p.path for p in met(layer(parameters={"team": "sre", "bake": "soon"}, drain="2h")).problems
    ]


# --- templates and their versions ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "got"),
    [("", "1.10.0"), ("1", "1.10.0"), ("1.2", "1.2.1"), ("1.2.0", "1.2.0"), ("0", "0.9.0")],
)
def test_a_version_asks_for_the_newest_that_begins_so(asked: str, got: str) -> None:
    versions = ["0.9.0", "1.2.0", "1.10.0", "1.2.1"]
    ours = [documents.template(version=version) for version in versions]
    data = delivered(template={"name": "ours", "version": asked})
    found = documents.resolved(data, *ours)

    assert found.delivery is not None
    assert got == found.delivery.template_version


def test_a_version_that_is_not_there_is_told_with_those_that_are() -> None:
    ours = [documents.template(version=version) for version in ("1.0.0", "1.1.0")]
    data = delivered(template={"name": "ours", "version": "2"})

    assert [
        "spec.delivery.template: template ours has no version '2'; known: 1.0.0, 1.1.0"
    ] == said(data, *ours)


def test_who_names_no_template_gets_the_cautious_one() -> None:
    found = documents.resolved(documents.application())

    assert found.delivery is not None
    assert "canary-standard" == found.delivery.template


@pytest.mark.parametrize(
    ("why", "message"),
    [
        ({}, "template ours-1.0.0 is deprecated"),
        (
            {"since": "2.0.0", "use": "canary-fast", "message": "too\nslow"},
            "template ours-1.0.0 is deprecated since 2.0.0: too slow; use canary-fast",
        ),
    ],
)
def test_a_deprecated_template_is_warned_of(why: dict[str, str], message: str) -> None:
    found = documents.resolved(delivered(template="ours"), documents.template({"deprecated": why}))

    assert found.usable
    assert [f"spec.delivery.template: warning: {message}"] == [str(p) for p in found.problems]


# --- parameters for another template ------------------------------------------------------------


def test_an_environments_parameters_count_where_the_template_has_them() -> None:
    local = documents.environment({"defaults": {"parameters": {"start": "2%", "bake": "1m"}}})

    assert [] == said(delivered(template="recreate"), local)
    assert "2%" == documents.resolved(documents.application(), local).parameters["start"]


def test_an_environments_parameter_that_no_template_has_is_a_mistake() -> None:
    local = documents.environment({"defaults": {"parameters": {"strat": "2%"}}})
    (problem,) = said(documents.application(), local)

    assert (
        problem.endswith(
            "spec.defaults.parameters.strat: unknown parameter 'strat'; "
            "did you mean 'start'? (template canary-standard-1.0.0)"
        )
        or "unknown parameter 'strat'" in problem
    )


def test_parameters_for_a_template_that_an_environment_leaves_do_no_harm() -> None:
    data = delivered(template="canary-fast", parameters={"bake": "1m", "bkae": "1m"})
    data["spec"]["environments"] = {"local": {"delivery": {"template": "recreate"}}}

    assert ["spec.delivery.parameters.bkae"] == [p.path for p in documents.resolved(data).problems]


def test_texts_of_a_command_line_are_read_by_the_types() -> None:
    found = documents.resolved(documents.application(), minSamples="500", errorRatio="1.5")

    assert found.usable
    assert (500, 1.5) == (found.parameters["minSamples"], found.parameters["errorRatio"])
    assert ["--set.parameters.minSamples: 'many' is not a whole number"] == [
        str(p).replace('["--set"]', "--set")
        for p in documents.resolved(documents.application(), minSamples="many").problems
    ]


# --- locks --------------------------------------------------------------------------------------

LOCKED = documents.template(
    {
        "parameters": {"bake": {"format": "duration", "default": "5m"}},
        "warmup": "${bake}",
        "onFail": {"quarantine": True},
        "locks": ["/checks", "/parameters/bake", "/onFail/quarantine", "/plan/0/hold"],
    }
)


@pytest.mark.parametrize(
    ("given", "locked"),
    [
        ({"checks": [{"errors": {}}]}, ["checks"]),
        ({"parameters": {"bake": "1m"}}, ["parameters.bake"]),
        ({"onFail": {"quarantine": False, "keepCandidate": "1m"}}, ["onFail.quarantine"]),
        ({"onFail": {"keepCandidate": "1m"}}, []),
        ({"onFail": None}, ["onFail"]),
        ({"plan": [{"traffic": {"candidate": "1%"}}]}, ["plan"]),
        ({"drain": "1m"}, []),
        ({"parameters": {"bake": "5m"}, "onFail": {"quarantine": True}, "onFail.": 1}, []),
        ({"onFail": {}, "plan": documents.CANARY}, []),
    ],
)
def test_a_lock_keeps_its_place_what_is_above_and_what_is_below(
    given: dict[str, Any], locked: list[str]
) -> None:
    given.pop("onFail.", None)
    found = met(layer(**given), template=LOCKED)

    assert [f"spec.delivery.{path}: template ours-1.0.0 locks this" for path in locked] == [
        str(p) for p in found.problems
    ]


# --- what it comes to ---------------------------------------------------------------------------


def test_the_first_share_in_production_is_warned_of() -> None:
    prod = documents.environment({"stage": "prod"})
    (warning,) = said(delivered(plan=[{"traffic": {"candidate": "50%"}}]), prod)

    assert "warning: the first share is 50%; 1%–5% is kinder in production" in warning
    assert [] == said(delivered(plan=[{"traffic": {"candidate": "5%"}}]), prod)


def test_a_split_by_replicas_refuses_what_it_cannot_do() -> None:
    found = resolve.resolve((), documents.library(), Limits(finest=200))

    assert "spec.delivery.parameters.start" == found.problems[0].path
    assert (
        "spec.delivery.plan[1].traffic.candidate: 5%: this split does steps of 20% only; add "
        "replicas, choose a router, or accept the nearest step (template canary-standard-1.0.0)"
    ) == str(found.problems[1])


def test_what_is_wrong_with_deliveries_is_told_where_it_stands(told: SnapshotAssertion) -> None:
    cases = []
    for title, delivery in documents.wrong("deliveries"):
        data = documents.application()
        cases.append((title, said({**data, "spec": {**data["spec"], "delivery": delivery}})))

    assert told == documents.report(cases)
