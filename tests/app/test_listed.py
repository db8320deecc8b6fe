import pytest

from serinus.adapters.local import amending
from serinus.app import listed, tuning
from serinus.app.level import ABSENT, Level
from serinus.app.listed import Listed
from serinus.core.spec.place import Place
from tests.app import forms

OWN = forms.SHOP.replace(
    "    onFail:",
    """\
    checks:
    - use: golden-signals  # as ever
    onFail:""",
)


def checks(text: str, environment: str = "") -> Listed:
    level = Level(forms.reviewed(text).data or {}, environment)
    return Listed(level, "checks", tuning.chosen(level, forms.LIBRARY).template)


def after(text: str, where: Place, value: object) -> str:
    return amending.amend(text, tuple(checks(text).edit(where, value)))


def test_a_list_of_its_own_is_changed_in_its_place() -> None:
    assert checks(OWN).own
    assert OWN.replace("golden-signals", "network") == after(OWN, (0, "use"), "network")


def test_a_list_that_is_inherited_is_taken_along_with_its_placeholders() -> None:
    found = checks(forms.SHOP)
    text = after(forms.SHOP, (len(found.items),), {"use": "network"})

    assert not found.own
    assert "${errorRatio}" in text
    assert "- use: network" in text


def test_a_list_that_is_what_is_inherited_again_is_taken_away() -> None:
    text = after(forms.SHOP, (1,), {"use": "network"})

    assert forms.SHOP != text
    assert forms.SHOP == after(text, (1,), ABSENT)


def test_an_environment_takes_the_list_of_the_application_along() -> None:
    assert ["golden-signals"] == [one["use"] for one in checks(OWN, "prod").items]
    assert not checks(OWN, "prod").own


@pytest.mark.parametrize(
    ("value", "name"), [("${limit}", "limit"), (["a", "${who}"], "who"), ("5%", ""), ([], "")]
)
def test_what_a_parameter_says_is_known_by_its_name(value: object, name: str) -> None:
    wanted = f"the parameter {name} of the template says it" if name else ""

    assert wanted == listed.filled(value)
