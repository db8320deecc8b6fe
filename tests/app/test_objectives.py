from collections.abc import Mapping

import pytest

from serinus.adapters.local import amending
from serinus.app import objectives
from serinus.app.inputs import Field
from serinus.app.level import Level
from serinus.core.spec.delivery import AgainstSlo, ErrorsCheck, LatencyCheck
from tests.app import forms

CHECKED = forms.SHOP.replace(
    "    onFail:",
    """\
    checks:
    - use: golden-signals  # as ever
    - name: floor
      errors: {slo: {max: 0.5%, over: 30d}}
    onFail:""",
)


def level(text: str, environment: str = "") -> Level:
    return Level(forms.reviewed(text).data or {}, environment)


def fields(text: str, environment: str = "") -> Mapping[str, Field]:
    here = level(text, environment)
    return {f.name: f for f in objectives.objectives(here, forms.LIBRARY)}


def after(text: str, environment: str = "", **sent: str) -> str:
    typed = {name.replace("_", "."): value for name, value in sent.items()}
    edits = objectives.changes(level(text, environment), forms.LIBRARY, typed)
    return amending.amend(text, tuple(edits))


def test_an_objective_is_shown_in_plain_units() -> None:
    found = fields(CHECKED)

    assert "99.5%" == found[objectives.SUCCESS].value
    assert "30d" == found[objectives.BUDGET].value
    assert not found[objectives.SLOWNESS].value
    assert not fields(forms.SHOP)[objectives.SUCCESS].value


def test_an_environment_inherits_the_objectives() -> None:
    found = fields(CHECKED, "prod")[objectives.SUCCESS]

    assert ("", "99.5%") == (found.value, found.inherited)


def test_an_objective_is_changed_in_its_place() -> None:
    assert CHECKED.replace("max: 0.5%", "max: 0.1%") == after(CHECKED, objective_success="99.9")
    assert CHECKED.replace(", over: 30d", "") == after(CHECKED, objective_budget="")
    assert CHECKED.replace("over: 30d", "over: 30d, rollback: true") == after(
        CHECKED, objective_rollback="true"
    )


def test_the_first_objective_takes_the_templates_checks_along() -> None:
    text = after(forms.SHOP, objective_success="99", objective_latency="300")
    text = after(text, objective_slow="2%")

    found = forms.reviewed(text)
    assert not found.problems
    assert found.effective is not None
    assert found.effective.delivery is not None
    errors, latency, limit, slow = found.effective.delivery.checks
    assert ("errors", "latency") == (errors.name, latency.name)
    assert isinstance(limit, ErrorsCheck)
    assert isinstance(slow, LatencyCheck)
    assert isinstance(limit.against, AgainstSlo)
    assert isinstance(slow.against, AgainstSlo)
    assert (0.01, 0.02, (300,)) == (limit.against.max, slow.against.max, slow.bounds_ms)
    assert "99%" == fields(text)[objectives.SUCCESS].value
    assert "300ms" == fields(text)[objectives.SLOWNESS].value
    assert "${errorRatio}" in text


def test_an_objective_that_is_emptied_is_taken_away() -> None:
    text = after(CHECKED, objective_success="")

    assert "- use: golden-signals  # as ever\n    onFail" in text
    assert CHECKED == after(CHECKED, objective_latency="")
    slow = after(forms.SHOP, objective_slow="2%", objective_latency="1s")
    assert "max: 1%" in after(slow, objective_slow="")


def test_checks_that_are_the_templates_again_are_inherited_again() -> None:
    text = after(forms.SHOP, objective_success="99")

    assert forms.SHOP != text
    assert forms.SHOP == after(text, objective_success="")


def test_nothing_is_written_for_what_is_empty() -> None:
    assert forms.SHOP == after(forms.SHOP, objective_success="", objective_budget="")
    assert CHECKED == after(CHECKED, objective_rollback="")


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("objective_success", "much", "max: much%"),
        ("objective_success", "120%", "max: 120%"),
        ("objective_budget", "7d", "slo: {max: 1%, over: 7d}"),
        ("objective_latency", "quick", "bound: quick"),
    ],
)
def test_what_makes_no_sense_is_written_for_the_review(name: str, text: str, written: str) -> None:
    assert written in after(forms.SHOP, **{name: text})


def test_what_a_parameter_says_is_said_by_the_parameter() -> None:
    text = forms.SHOP.replace("canary-standard", "ab-test").replace("bake: '12s'", "share: 10%")

    found = fields(text)[objectives.SUCCESS]

    assert "the parameter maxErrors of the template says it" == found.locked


def test_problems_know_the_places_of_the_inputs() -> None:
    places = objectives.places(level(CHECKED), forms.LIBRARY)

    assert ("spec", "delivery", "checks", 1, "errors") == places[objectives.SUCCESS]
    assert not places[objectives.SLOW]
