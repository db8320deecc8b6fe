import pytest

from serinus.boot import catalogue
from serinus.core.spec.resolve import Library
from serinus.interfaces.web import offers
from tests.adapters.kubernetes import authored as clustered
from tests.interfaces.web import visitor, written
from tests.interfaces.web.test_deploy import carried

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


OWN = """\
apiVersion: serinus.dev/v1alpha1
kind: DeliveryTemplate
metadata: {name: ours-1.0.0, namespace: crew}
spec:
  template: ours
  version: 1.0.0
  title: The way of the crew
  about: all at once.
  strategy: blueGreen
  plan: [{switch: {}}]
"""


@pytest.mark.anyio
async def test_the_templates_of_a_namespace_are_offered_to_its_applications_alone() -> None:
    desk = clustered.desk()
    desk.put(OWN)
    desk.put(desk.text.replace("namespace: team", "namespace: crew"))
    desk.put(desk.text)
    async with visitor.visit(who=visitor.ADA, documents=desk.documents) as browser:
        pages = [
            (await browser.get(path)).text
            for path in ("/a/crew/shop/deploy", "/a/team/shop/deploy", "/new")
        ]
        typed = {**await carried(browser, "/new"), "metadata.namespace": "crew"}
        new = (await browser.post("/_part/new?of=form", data=typed)).text
        chosen = {**await carried(browser, "/a/crew/shop/deploy"), "template": "ours"}
        form = (await browser.post("/_part/a/crew/shop/deploy?of=form", data=chosen)).text
        known = await browser.get("/templates/ours?application=crew/shop")
        unknown = await browser.get("/templates/ours")

    assert [True, False, False] == ["The way of the crew" in page for page in pages]
    assert "The way of the crew" in new
    assert 'value="ours" data-turns checked' in form
    assert "Before the switch" in form
    assert (200, 404) == (known.status_code, unknown.status_code)
