from serinus.boot import catalogue
from serinus.core.spec.resolve import Library
from serinus.interfaces.web import offers
from tests.interfaces.web import written

LIBRARY = catalogue.builtin()


def test_every_template_is_offered_and_what_most_people_want_comes_first() -> None:
    found = offers.offers(LIBRARY)

    assert sorted(LIBRARY.templates) == sorted(one.name for one in found)
    assert ["canary-standard", "canary-fast"] == [one.name for one in found[:2]]
    assert all(one.curve for one in found)


def test_a_template_without_all_defaults_has_no_picture() -> None:
    template = written.template(parameters={"bake": {"format": "duration"}})
    found = offers.offer(template, Library({"own": (template,)}, {}))

    assert ("own", None) == (found.name, found.curve)


def test_an_offer_is_found_by_its_name() -> None:
    found = offers.offers(LIBRARY)

    assert "Canary" == getattr(offers.named(found, "canary-standard"), "title", "")
    assert offers.named(found, "nothing") is None


def test_a_template_that_nobody_should_choose_says_what_to_choose() -> None:
    template = written.template(deprecated={"use": "canary-fast"})

    found = offers.offer(template, Library({"own": (template,)}, {}))
    assert "use canary-fast instead" == found.deprecated
