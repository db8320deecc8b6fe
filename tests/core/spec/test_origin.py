import pytest

from serinus.core.errors import Problem
from serinus.core.spec.origin import Origins

BODY = {"plan": [{"traffic": {"candidate": "${start}"}}], "warmup": "1m", "onFail": {"a": 1}}


def origins() -> Origins:
    found = Origins("ours-1.0.0", "spec.delivery", "spec.delivery.parameters.{}")
    found.default("start")
    found.patch([("onFail", "a")], "application", "spec.delivery")
    found.fill({("plan", 0, "traffic", "candidate"): "start"}, BODY)
    return found


@pytest.mark.parametrize(
    ("path", "led"),
    [
        ("plan[0].traffic.candidate", "spec.delivery.parameters.start: !"),
        ("onFail.a", "spec.delivery.onFail.a: !"),
        ("onFail", "spec.delivery.onFail: !"),
        ("warmup", "spec.delivery.warmup: ! (template ours-1.0.0)"),
        ("plan[7]", "spec.delivery.plan[7]: ! (template ours-1.0.0)"),
        ("warmup.x", "spec.delivery.warmup.x: ! (template ours-1.0.0)"),
    ],
)
def test_a_problem_is_led_to_where_its_value_was_written(path: str, led: str) -> None:
    assert led == str(origins().lead(Problem(path, "!")))


def test_the_strongest_layer_that_gave_a_parameter_has_its_problems() -> None:
    found = origins()
    found.parameter("start", "this release", "--set.parameters.start")
    problem = Problem("plan[0].traffic.candidate", "!")

    assert "--set.parameters.start" == found.lead(problem).path
    assert "this release: start" == found.provenance()["plan[0].traffic.candidate"]


def test_a_patch_covers_what_was_patched_below_it() -> None:
    found = origins()
    found.patch([("onFail",)], "application@local", "spec.environments.local.delivery")
    provenance = found.provenance()

    assert "application@local" == provenance["onFail"]
    assert "onFail.a" not in provenance


def test_every_key_of_a_body_has_an_origin() -> None:
    provenance = origins().provenance()

    assert "template ours-1.0.0" == provenance["warmup"]
    assert "default of every template" == provenance["drain"]
    assert "template default" == provenance["parameters.start"]
