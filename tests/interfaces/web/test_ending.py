from pathlib import Path

import httpx2
import pytest

from serinus.adapters.local.authoring import Documents
from serinus.adapters.local.specs import Specs
from serinus.interfaces.api.people import Grant, Person, Right
from tests import builders
from tests.adapters.local import written
from tests.interfaces.api.test_acts import Answering
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio

VIEW = frozenset({Right.VIEW})
EVE = Person("eve", VIEW, bearer=True)
MAL = Person("mal", VIEW, bearer=True, grants=(Grant(frozenset({Right.DEPLOY}), ("local",)),))
PROD = "  environments:\n    prod: {version: v1}\n"


@pytest.fixture
def specs(tmp_path: Path) -> Specs:
    return written.specs(tmp_path, shop=written.SHOP)


def visit(specs: Specs, store: Answering, who: Person = visitor.ADA) -> httpx2.AsyncClient:
    return visitor.visit(store, who, documents=Documents(specs), port=8080)


async def serving() -> Answering:
    store = Answering()
    await store.record(builders.idle())
    return store


def version(page: str) -> str:
    return page.partition('name="version" value="')[2].partition('"')[0]


async def send(browser: httpx2.AsyncClient, **form: str) -> httpx2.Response:
    page = await browser.get("/a/shop?ask=delete")
    sent = {"name": "shop", "version": version(page.text), **form}
    return await browser.post("/a/shop/delete", data=sent)


async def test_the_dialog_says_what_comes_of_it_and_asks_for_the_name(specs: Specs) -> None:
    async with visit(specs, await serving()) as ada:
        page = (await ada.get("/a/shop")).text
        asked = (await ada.get("/a/shop?ask=delete")).text

    assert '<dialog id="ask-delete" aria-labelledby="t-delete">' in page
    assert '<dialog id="ask-delete" aria-labelledby="t-delete" open>' in asked
    assert "nobody is served at shop.localhost any more" in asked
    assert 'name="name"' in asked


async def test_it_is_deleted_with_its_reason_and_the_list_says_so(specs: Specs) -> None:
    store = await serving()
    async with visit(specs, store) as ada:
        answer = await send(ada, reason="sold")
        page = await ada.get(answer.headers["location"])

    assert (303, "/apps") == (answer.status_code, answer.headers["location"])
    assert "Shop is deleted: " in page.text
    assert [] == [*specs.directory.iterdir()]
    assert [("ada", "sold")] == [(wish.actor, wish.reason) for wish in store.asked_for]


async def test_another_name_or_an_older_look_deletes_nothing(specs: Specs) -> None:
    store = await serving()
    async with visit(specs, store) as ada:
        for form, words in (
            ({"name": "Shop"}, "type shop to delete it"),
            ({"version": "0"}, "was changed since you looked at it"),
        ):
            answer = await send(ada, **form)
            page = await ada.get(answer.headers["location"])

            assert "/a/shop?ask=delete" == answer.headers["location"]
            assert words in page.text
    assert ["shop.yaml"] == [one.name for one in specs.directory.iterdir()]
    assert [] == store.asked_for


@pytest.mark.parametrize("who", [EVE, MAL])
async def test_it_needs_the_right_wherever_the_document_says_something(
    specs: Specs, who: Person
) -> None:
    (specs.directory / "shop.yaml").write_text(written.SHOP + PROD)
    async with visit(specs, await serving(), who) as one:
        page = (await one.get("/a/shop?ask=delete")).text
        read = (await Documents(specs).read("shop")).version
        answer = await send(one, version=read)
        back = await one.get(answer.headers["location"])

    assert '<dialog id="ask-delete"' not in page
    assert "Delete needs the role deploy" in page
    assert "needs the role deploy" in back.text
    assert ["shop.yaml"] == [file.name for file in specs.directory.iterdir()]


async def test_what_git_keeps_has_no_button_and_is_refused(specs: Specs) -> None:
    written.git(specs.directory, "init", "-q")
    written.git(specs.directory, "add", "shop.yaml")
    async with visit(specs, await serving()) as ada:
        page = (await ada.get("/a/shop")).text
        answer = await send(ada, version=(await Documents(specs).read("shop")).version)
        back = await ada.get(answer.headers["location"])

    assert "ask-delete" not in page
    assert "changed and deleted there, and not here" in page
    assert "Git owns it" in back.text
    assert ["shop.yaml"] == [one.name for one in specs.directory.glob("*.yaml")]
