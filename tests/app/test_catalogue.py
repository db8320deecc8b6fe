import msgspec
import pytest

from serinus.adapters.memory.store import Specs, Store
from serinus.app import catalogue
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import DeliveryTemplate, Deprecated
from serinus.ports import failures
from tests import builders
from tests.app import forms
from tests.app.forms import LIBRARY
from tests.builders import SHOP


def newer(**changed: object) -> DeliveryTemplate:
    """A version 1.1.0 of the careful one's sister."""
    (old,) = LIBRARY.templates["canary-standard"]
    spec = msgspec.structs.replace(old.spec, version="1.1.0", **changed)
    metadata = msgspec.structs.replace(old.metadata, name="canary-standard-1.1.0")
    return msgspec.structs.replace(old, spec=spec, metadata=metadata)


@pytest.mark.parametrize("name", sorted(LIBRARY.templates))
def test_every_template_says_what_it_does_and_what_can_be_set(name: str) -> None:
    found = catalogue.detail(LIBRARY, name)

    assert found.card.title
    assert found.card.promise
    assert found.view.parameters
    assert found.view.stages


def test_the_newest_version_is_shown_and_says_why_not_to_choose_it() -> None:
    why = Deprecated(since="1.1.0", use="canary-fast", message="too slow")
    library = Library(
        {"canary-standard": (*LIBRARY.templates["canary-standard"], newer(deprecated=why))}, {}
    )

    card = catalogue.detail(library, "canary-standard").card
    assert ("1.1.0", "since 1.1.0; too slow; use canary-fast") == (card.version, card.deprecated)
    shown = catalogue.detail(library, "canary-standard", "1.0")
    assert ("1.0.0", ("1.1.0", "1.0.0")) == (shown.card.version, shown.versions)


def test_a_detail_has_what_it_is_judged_by_and_what_it_locks() -> None:
    library = Library({"canary-standard": (newer(locks=["/checks"]),)}, {})

    found = catalogue.detail(library, "canary-standard")

    assert ("/checks",) == found.locks
    assert any("failed requests" in line for line in found.checks)
    assert "start" == found.view.parameters[0].name


def test_a_template_that_needs_a_value_shows_no_course() -> None:
    (old,) = LIBRARY.templates["canary-standard"]
    parameters = {
        name: msgspec.structs.replace(one, default=None)
        for name, one in old.spec.parameters.items()
    }
    library = Library({"canary-standard": (newer(parameters=parameters),)}, {})

    found = catalogue.detail(library, "canary-standard")

    assert () == found.view.stages
    assert () == found.checks


def test_an_unknown_template_is_missing() -> None:
    with pytest.raises(failures.Missing, match="no template canary-lost 2") as refusal:
        catalogue.detail(LIBRARY, "canary-lost", "2")

    assert "canary-standard" in refusal.value.why


@pytest.mark.anyio
async def test_uses_tell_what_is_wanted_and_what_ran() -> None:
    specs = Specs()
    store = Store(specs)
    delivery = builders.delivery(template="canary-standard", template_version="1.1.0")
    specs.want("shop", builders.wanted(delivery=delivery))
    specs.want("torn", None, "it is damaged")
    old = builders.delivery(template="canary-standard", template_version="1.0.0")
    await store.record(builders.status(SHOP, release=builders.release(delivery=old)))

    found = await catalogue.uses(store)

    assert [("shop", "local", "1.1.0", "canary-standard 1.0.0")] == [
        (use.application, use.environment, use.version, use.running) for use in found
    ]
    assert {"canary-standard": 1} == catalogue.counted(found)


def test_the_impact_of_a_version_is_what_changes_for_whom() -> None:
    shop = forms.reviewed(forms.SHOP).data or {}
    fast = forms.reviewed(forms.SHOP.replace("canary-standard", "canary-fast")).data or {}
    pinned = (
        forms.reviewed(
            forms.SHOP.replace(
                "template: canary-standard", "template: {name: canary-standard, version: 1.0.0}"
            )
        ).data
        or {}
    )
    parameters = dict(newer().spec.parameters)
    del parameters["bake"]
    plan = [{"traffic": {"candidate": "${start}"}}, {"settle": {"keepOld": "${keepOld}"}}]
    new = newer(plan=plan, parameters=parameters)
    own = "    parameters:\n      bake: '12s'  # short\n"
    bare = forms.reviewed(forms.SHOP.replace(own, "")).data or {}

    found = catalogue.impact(
        new, LIBRARY, [(shop, "local"), (fast, "local"), (pinned, "local"), (bare, "local")]
    )

    refused, moved = found
    assert "bake" in refused.problems[0].message
    assert ("canary-standard 1.0.0", ()) == (moved.before, moved.problems)
    assert any(line.startswith("-steps") for line in moved.lines)
    assert "+++ canary-standard 1.1.0" in moved.lines


def test_the_same_under_another_number_changes_nothing() -> None:
    shop = forms.reviewed(forms.SHOP).data or {}

    assert () == catalogue.impact(newer(), LIBRARY, [(shop, "local")])
