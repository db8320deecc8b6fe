"""Attacks on the door to documents, through all that leads to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from serinus.adapters.memory.store import Store
from serinus.core.state.notice import Key
from serinus.interfaces.api.people import Grant, Person, Right
from tests import builders
from tests.adapters.kubernetes import authored as inside
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.local import authored
from tests.conformance.desks import Desk
from tests.interfaces.web import visitor
from tests.interfaces.web.test_deploy import carried

pytestmark = pytest.mark.anyio

VIEW = frozenset({Right.VIEW})
STAGING = Person(
    "mal", VIEW, bearer=True, grants=(Grant(frozenset({Right.DEPLOY}), ("staging-*",)),)
)
PATCH = "\n  environments:\n    staging-eu:\n      version: {}\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = authored.desk(tmp_path)
    found.put(found.text)
    return found


@pytest.fixture
async def mal(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody who may deploy in ``staging-*`` alone."""
    async with visitor.visit(who=STAGING, documents=desk.documents, port=8080) as found:
        yield found


async def version(desk: Desk) -> dict[str, str]:
    return {"if-match": f'"{(await desk.documents.read("shop")).version}"'}


# --- whose right is needed ----------------------------------------------------------------------


@pytest.mark.parametrize("environment", ["local", "staging-eu"])
async def test_the_environment_in_a_form_gives_nobody_a_right(
    desk: Desk, mal: httpx2.AsyncClient, environment: str
) -> None:
    form = await carried(mal, "/a/shop/deploy")
    sent = {**form, "environment": environment, "spec.version": "evil", "do": "save"}
    answer = await mal.post("/a/shop/deploy", data=sent)

    assert 403 == answer.status_code
    assert "needs the role deploy on shop/local" in answer.text
    assert {"shop.yaml": desk.text} == desk.texts()


async def test_a_part_for_one_environment_needs_the_right_there_and_nowhere_else(
    desk: Desk, mal: httpx2.AsyncClient
) -> None:
    form = {**await carried(mal, "/a/shop/deploy"), "mode": "yaml", "do": "save"}
    theirs = form["text"] + PATCH.format("v7").removeprefix("\n")
    mine = await mal.post("/a/shop/deploy", data={**form, "text": theirs})
    both = theirs.replace("version: v1", "version: evil")
    read = (await desk.documents.read("shop")).version
    sent = {**form, "text": both, "read": read, "environment": "staging-eu"}
    refused = await mal.post("/a/shop/deploy", data=sent)

    assert (303, 403) == (mine.status_code, refused.status_code)
    assert "staging-eu" in desk.texts()["shop.yaml"]
    assert "evil" not in desk.texts()["shop.yaml"]


async def test_a_new_application_needs_the_right_wherever_it_comes_to_something(
    desk: Desk, mal: httpx2.AsyncClient
) -> None:
    text = desk.text.replace("name: shop", "name: fresh").replace("shop.", "fresh.")
    form = {**await carried(mal, "/new"), "text": text, "mode": "yaml", "do": "save"}
    page = await mal.post("/new", data={**form, "environment": "staging-eu"})
    api = await mal.put("/api/v1/documents/fresh", content=text, headers={"if-none-match": "*"})

    assert (403, 403) == (page.status_code, api.status_code)
    assert ["shop.yaml"] == list(desk.texts())


async def test_the_api_asks_for_the_same_rights_as_the_pages(
    desk: Desk, mal: httpx2.AsyncClient
) -> None:
    known = await version(desk)
    evil = desk.text.replace("version: v1", "version: evil")
    theirs = desk.text + PATCH.format("v7").removeprefix("\n")
    refused = await mal.put("/api/v1/documents/shop", content=evil, headers=known)
    done = await mal.put("/api/v1/documents/shop", content=theirs, headers=known)

    assert (403, 200) == (refused.status_code, done.status_code)
    assert "needs the role deploy on shop/local" in refused.json()["detail"]


async def test_in_a_cluster_the_environment_is_that_of_the_namespace() -> None:
    """Neither the office's own, which is that of namespaces in none, nor one that was sent."""
    server = FakeApiServer()
    server.add(inside.read(inside.SHOP))
    documents = inside.made(server)
    store = Store()
    await store.record(builders.status(Key("team/shop", "staging-eu")))
    written = await documents.read("team/shop")
    text = written.text.replace("version: v1", "version: evil")
    found = (await documents.review(text, "staging-eu")).effective
    assert found is not None
    for who, expected in ((found.environment, 200), ("staging-*", 403)):
        grant = Grant(frozenset({Right.DEPLOY}), (who,))
        person = Person("mal", VIEW, bearer=True, grants=(grant,))
        given = {"documents": documents, "environment": "staging-eu"}
        async with visitor.visit(store, who=person, **given) as browser:
            known = {"if-match": f'"{written.version}"'}
            address = "/api/v1/documents/team/shop"
            answer = await browser.put(address, content=text, headers=known)
            form = {"text": text, "read": written.version, "mode": "yaml", "do": "save"}
            sent = {**form, "environment": "staging-eu"}
            page = await browser.post("/a/team/shop/deploy", data=sent)

        assert expected == answer.status_code
        # The first one has written it already.
        assert (422 if expected == 200 else 403) == page.status_code
        written = await documents.read("team/shop")
        text = written.text.replace("version: evil", "version: worse")


# --- whose document it is -----------------------------------------------------------------------


async def test_a_text_of_another_application_is_written_through_no_door(desk: Desk) -> None:
    other = desk.text.replace("name: shop", "name: pay").replace("shop.", "pay.")
    async with visitor.visit(documents=desk.documents, port=8080) as ada:
        made = await ada.put("/api/v1/documents/pay", content=other, headers={"if-none-match": "*"})
        read = (await desk.documents.read("pay")).version
        evil = other.replace("version: v1", "version: crossed")
        form = {"text": evil, "read": read, "mode": "yaml", "do": "save", "environment": "local"}
        page = await ada.post("/a/shop/deploy", data=form)
        known = {"if-match": f'"{read}"'}
        api = await ada.put("/api/v1/documents/shop", content=evil, headers=known)

    assert [200, 422, 422] == [made.status_code, page.status_code, api.status_code]
    told = "is of &#39;pay&#39;, but was sent to &#39;shop&#39;"
    assert told in page.text
    assert "crossed" not in str(desk.texts())
