from pathlib import Path
from typing import Any

import pytest

from serinus.adapters.memory.store import Store
from serinus.app.office import Office
from serinus.app.wayback import Choice
from serinus.interfaces.web import ways
from serinus.ports import failures
from serinus.ports.documents import Edit
from tests import builders
from tests.adapters.local import authored
from tests.builders import OLD, SHOP
from tests.conformance.desks import Desk
from tests.interfaces.web import test_deploy, visitor

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    found = authored.desk(tmp_path)
    found.put(found.text.replace("env: {", "env: {API_TOKEN: s3cret, "))
    return found


async def store() -> Store:
    found = Store()
    ran = builders.revision(env={"MODE": "slow"})
    last = builders.ended(number=6)
    await found.record(builders.status(release=last), revisions=(ran, builders.revision(OLD, "v1")))
    return found


async def test_three_ways_back_are_shown_with_what_each_changes(desk: Desk) -> None:
    async with visitor.visit(await store(), documents=desk.documents, port=8080) as visit:
        page = await visit.get("/a/shop/back?environment=local&release=6")

    assert 200 == page.status_code
    assert "v2 as it ran" in page.text
    assert "with today" in page.text
    assert "as saved last" in page.text
    assert "+  version: v2" in page.text
    assert "s3cret" not in page.text


async def test_a_way_back_is_a_draft_that_somebody_looks_at_first(desk: Desk) -> None:
    async with visitor.visit(await store(), documents=desk.documents, port=8080) as visit:
        page = await visit.get("/a/shop/deploy?environment=local&back=6&way=ran")

    assert "Deploy v2" in page.text
    assert 'value="back to release 6"' in page.text
    assert "version: v1" in desk.texts()["shop.yaml"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [("", 400), ("?release=x", 400), ("?release=" + "9" * 5000, 400), ("?release=9", 404)],
)
async def test_a_release_that_is_not_there_is_told(desk: Desk, asked: str, status: int) -> None:
    async with visitor.visit(await store(), documents=desk.documents) as visit:
        assert status == (await visit.get(f"/a/shop/back{asked}")).status_code


async def test_what_ran_has_to_be_kept_and_the_document_to_be_read(desk: Desk) -> None:
    bare = Store()
    await bare.record(builders.status(release=builders.ended(number=6)))
    stored = await desk.documents.read("shop")
    damaged = type(stored)(application="shop", text="spec: [", version="1")

    with pytest.raises(failures.Missing, match="not kept any more"):
        await ways.back(visitor.office(bare, documents=desk.documents), SHOP, 6, stored)
    with pytest.raises(failures.Rejected, match="cannot be read"):
        await ways.back(visitor.office(await store(), documents=desk.documents), SHOP, 6, damaged)


async def test_a_way_that_a_text_does_not_allow_says_so(desk: Desk) -> None:
    stored = await desk.documents.read("shop")
    place: Office = visitor.office(documents=desk.documents)
    choice = Choice(name="ran", title="", about="", edits=(Edit(("spec", "version", "x"), 1),))

    found = ways.way(place, stored, ways.Back(builders.ended(number=6), {}, (choice,)), choice)
    unseen = ways.way(place, None, ways.Back(builders.ended(number=6), {}, (choice,)), choice)

    assert (True, ()) == (bool(found.refusal), found.lines)
    assert "cannot be shown without its secrets" in unseen.refusal


async def test_whoever_may_not_deploy_reads_no_comment_in_a_way_back(desk: Desk) -> None:
    desk.put(desk.text.replace("# what serves", "# the old password was s3cret"))
    address = "/a/shop/back?environment=local&release=6"
    given: dict[str, Any] = {"documents": desk.documents, "port": 8080}
    async with visitor.visit(await store(), who=test_deploy.VIEWER, **given) as eve:
        theirs = await eve.get(address)
    async with visitor.visit(await store(), **given) as ada:
        ours = await ada.get(address)

    assert ("s3cret" in theirs.text, "s3cret" in ours.text) == (False, True)
    assert "+  version: v2" in theirs.text


async def test_an_old_secret_goes_back_into_the_document_and_onto_no_page(desk: Desk) -> None:
    """The attack: ``?back=6&way=ran`` as somebody who may only look."""
    past = Store()
    ran = builders.revision(env={"MODE": "slow", "API_TOKEN": "old-token"})
    runs = (ran, builders.revision(OLD, "v1"))
    await past.record(builders.status(release=builders.ended(number=6)), revisions=runs)
    address = "/a/shop/deploy?environment=local&back=6&way=ran"
    given: dict[str, Any] = {"documents": desk.documents, "port": 8080}
    async with visitor.visit(past, who=test_deploy.VIEWER, **given) as eve:
        seen = [
            await eve.get("/a/shop/back?environment=local&release=6"),
            await eve.get(address),
            await eve.get(f"{address}&mode=yaml"),
        ]
    async with visitor.visit(past, **given) as ada:
        form = await test_deploy.carried(ada, address)
        stolen = form["text"].replace("API_TOKEN", "PLAIN")
        moved = await ada.post(
            "/a/shop/deploy", data={**form, "mode": "yaml", "text": stolen, "do": "save"}
        )
        done = await ada.post("/a/shop/deploy", data={**form, "do": "save"})

    assert [False] * 3 == ["old-token" in page.text for page in seen]
    assert all("••• of release 6" in page.text for page in seen)
    assert (422, False) == (moved.status_code, "old-token" in moved.text)
    assert 303 == done.status_code
    assert 'API_TOKEN: "old-token"' in desk.texts()["shop.yaml"]
