from pathlib import Path

import pytest

from serinus.adapters.local.authoring import Documents
from serinus.adapters.memory.store import Store
from serinus.app.catalogue import Use
from serinus.boot import catalogue as builtin
from serinus.interfaces.web import catalogue
from tests import builders
from tests.adapters.local import authored
from tests.conformance.desks import Desk
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio

USES = (Use(application="shop", environment="local", template="canary-standard", version="1.0.0"),)


def newer(**given: str) -> str:
    found = builtin.source("canary-standard", "1.0.0")
    assert found is not None
    text = found[1].replace("1.0.0", "1.1.0")
    for old, new in given.items():
        text = text.replace(f"{old}: 5%", f"{old}: {new}")
    return text


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = authored.desk(tmp_path)
    found.put(found.text)
    assert isinstance(found.documents, Documents)
    return found


async def used() -> Store:
    store = Store()
    store.specs.want("shop", builders.wanted())  # type: ignore[attr-defined]  # the specs of films
    await store.record(builders.idle())
    return store


async def test_every_template_is_a_card_with_its_picture_and_its_uses(desk: Desk) -> None:
    async with visitor.visit(await used(), documents=desk.documents) as visit:
        page = await visit.get("/templates")

    assert 200 == page.status_code
    assert page.text.count("<polyline") == len(builtin.builtin().templates)
    assert "used 1 time" in page.text


async def test_a_template_tells_what_can_be_set_and_who_uses_it(desk: Desk) -> None:
    async with visitor.visit(await used(), documents=desk.documents) as visit:
        page = await visit.get("/templates/canary-standard")

    assert 200 == page.status_code
    for word in ("errorRatio", "Five people in a hundred", 'href="/a/shop"', "1.0.0"):
        assert word in page.text


async def test_a_template_or_a_version_that_is_not_there_is_missing(desk: Desk) -> None:
    async with visitor.visit(documents=desk.documents) as visit:
        answers = [
            await visit.get("/templates/nothing"),
            await visit.get("/templates/canary-standard?version=9"),
        ]

    assert [404, 404] == [answer.status_code for answer in answers]


async def test_what_a_new_version_would_change_is_told_line_by_line(desk: Desk) -> None:
    text = newer(candidate="10%")
    async with visitor.visit(await used(), documents=desk.documents) as visit:
        page = await visit.post("/templates/canary-standard", data={"text": text})

    assert "1 of 1" in page.text
    assert "canary-standard 1.0.0" in page.text
    assert 'class="plus"' in page.text


async def test_a_version_that_changes_nothing_changes_nobody(desk: Desk) -> None:
    office = visitor.office(documents=desk.documents)

    found = await catalogue.impact(office, "canary-standard", newer(), USES)
    assert ((), 1) == (found.impacts, found.looked)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("spec: [", ""),
        (
            "apiVersion: serinus.dev/v1alpha1\nkind: Environment\nmetadata: {name: a}\nspec: {}\n",
            "",
        ),
        (newer().replace("canary-standard", "other"), "another template"),
    ],
    ids=["damaged", "another kind", "another template"],
)
async def test_a_text_that_is_no_version_of_it_says_why(desk: Desk, text: str, words: str) -> None:
    office = visitor.office(documents=desk.documents)

    found = await catalogue.impact(office, "canary-standard", text, USES)
    assert found.problems
    assert words in str(found.problems)


async def test_who_has_no_document_is_not_looked_at(desk: Desk) -> None:
    office = visitor.office(documents=desk.documents)
    gone = (Use(application="gone", environment="local", template="x", version="1"),)

    assert 0 == (await catalogue.impact(office, "canary-standard", newer(), gone)).looked
