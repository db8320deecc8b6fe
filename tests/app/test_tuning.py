from typing import Any

import msgspec
import pytest

from serinus.adapters.local import amending
from serinus.app import tuning
from serinus.app.inputs import Field
from serinus.app.level import Level
from serinus.core.spec import review
from serinus.core.spec.application import Environment
from serinus.core.spec.resolve import Library
from tests.app import forms


def prod(**defaults: Any) -> Library:
    """The library with an environment that has defaults."""
    data = {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Environment",
        "metadata": {"name": "prod"},
        "spec": {"defaults": defaults},
    }
    found, _ = review.document(data)
    assert isinstance(found, Environment)
    return msgspec.structs.replace(forms.LIBRARY, environments={"prod": found})


def level(text: str = forms.SHOP, environment: str = "") -> Level:
    return Level(forms.reviewed(text).data or {}, environment)


def field(fields: tuple[Field, ...], name: str) -> Field:
    return next(one for one in fields if one.name.endswith(name))


def test_the_template_that_holds_is_the_strongest_layers() -> None:
    shop = level()
    bare = level(forms.SHOP.replace("    template: canary-standard\n", ""), "prod")

    assert ("canary-standard", "application") == tuning.chosen(shop, forms.LIBRARY)[::2][:2]
    assert "canary-fast" == tuning.chosen(bare, prod(template="canary-fast")).name
    assert "environment prod" == tuning.chosen(bare, prod(template="canary-fast")).origin
    lost = tuning.chosen(level(forms.SHOP.replace("-standard", "-lost")), forms.LIBRARY)
    assert lost.template is None


def test_the_choice_offers_all_templates_and_the_versions_of_the_one_that_holds() -> None:
    template, version = tuning.choices(level(), forms.LIBRARY)

    assert "canary-standard" == template.value
    assert sorted(forms.LIBRARY.templates) == [choice.value for choice in template.choices]
    assert all(choice.title and choice.about for choice in template.choices)
    assert ["1", "1.0.0"] == [choice.value for choice in version.choices]
    template, version = tuning.choices(level(environment="prod"), forms.LIBRARY)
    assert ("", "canary-standard", "application") == (
        template.value,
        template.inherited,
        template.origin,
    )


def test_each_parameter_has_its_bounds_and_says_whose_value_holds() -> None:
    found = tuning.parameters(level(environment="prod"), prod(parameters={"start": "2%"}))

    start = field(found, "parameters.start")
    assert ("percent", "", "2%", "environment prod") == (
        start.kind,
        start.value,
        start.inherited,
        start.origin,
    )
    assert ("0.1%", "5%", "First share") == (start.minimum, start.maximum, start.title)
    bake = field(found, "parameters.bake")
    assert ("duration", "10m", "12s", "application") == (
        bake.kind,
        bake.value,
        bake.inherited,
        bake.origin,
    )
    unverified = field(found, "parameters.onUnverified")
    assert ["promote", "hold", "rollback"] == [choice.value for choice in unverified.choices]
    assert "template default" == unverified.origin


def test_null_takes_back_what_a_layer_below_says() -> None:
    text = forms.SHOP.replace("bake: '12s'", "mine: null\n      bake: null").replace(
        "{bake: 10m}", "{start: 2%}"
    )

    found = field(tuning.parameters(level(text, "prod"), prod(parameters={"bake": "9m"})), "bake")

    assert ("", "5m", "template default") == (found.value, found.inherited, found.origin)


def test_parameters_stand_under_what_they_are_about() -> None:
    found = tuning.parameters(level(), forms.LIBRARY)

    assert tuning.COURSE == field(found, "parameters.bake").group
    assert tuning.JUDGE == field(found, "parameters.errorRatio").group


def test_a_parameter_that_the_template_does_not_have_can_be_taken_away() -> None:
    text = forms.SHOP.replace("      bake: '12s'", "      bakes: '12s'")

    assert "12s" == field(tuning.parameters(level(text), forms.LIBRARY), "bakes").value


def test_a_locked_parameter_says_so() -> None:
    (template,) = forms.LIBRARY.templates["canary-standard"]
    spec = msgspec.structs.replace(template.spec, locks=["/parameters/bake", "/checks"])
    locking = msgspec.structs.replace(template, spec=spec)
    library = Library({"canary-standard": (locking,)}, {})

    found = tuning.parameters(level(), library)

    assert "template canary-standard-1.0.0 locks this" == field(found, "bake").locked
    assert not field(found, "start").locked
    assert tuning.lock(locking, ("checks",))


@pytest.mark.parametrize(
    ("name", "version", "old", "new"),
    [
        ("canary-fast", "", "template: canary-standard", "template: canary-fast"),
        (
            "canary-standard",
            "1",
            "    template: canary-standard\n",
            '    template: {name: canary-standard, version: "1"}\n',
        ),
        ("", "", "    template: canary-standard\n", ""),
        ("canary-standard", "", "", ""),
    ],
)
def test_another_template_is_chosen_in_its_place(
    name: str, version: str, old: str, new: str
) -> None:
    edits = tuple(tuning.choose(level(), forms.LIBRARY, name, version))

    assert forms.SHOP.replace(old, new, 1) == amending.amend(forms.SHOP, edits)


def test_parameters_that_the_new_template_does_not_have_are_taken_away() -> None:
    edits = tuple(tuning.choose(level(), forms.LIBRARY, "ab-test", ""))

    after = forms.reviewed(amending.amend(forms.SHOP, edits)).data or {}
    assert {} == after["spec"]["delivery"]["parameters"]


def test_a_reference_in_parts_keeps_its_form() -> None:
    text = forms.SHOP.replace(
        "template: canary-standard", 'template: {name: canary-standard, version: "1"}'
    )

    edits = tuple(tuning.choose(level(text), forms.LIBRARY, "canary-fast", ""))

    assert "template: {name: canary-fast}" in amending.amend(text, edits)
    newer = tuple(tuning.choose(level(text), forms.LIBRARY, "canary-standard", "1.0.0"))
    assert 'version: "1.0.0"' in amending.amend(text, newer)
    renamed = tuple(tuning.choose(level(text), forms.LIBRARY, "canary-fast", "1"))
    assert 'template: {name: canary-fast, version: "1"}' in amending.amend(text, renamed)
