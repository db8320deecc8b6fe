import pytest

from serinus.adapters.memory.store import Store
from serinus.app import views
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.interfaces.api.people import Person, Right
from serinus.interfaces.web import application
from serinus.ports import failures
from serinus.ports.documents import Written
from tests import builders
from tests.builders import SHOP
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio

WRITTEN = Written(application="shop", text="kind: Application\n", version="1", place="shop.yaml")


async def store() -> Store:
    found = Store()
    await found.record(builders.status(release=builders.ended(Phase.ROLLED_BACK, 5)))
    await found.record(builders.status(release=builders.release(7, exposed=0), version=1))
    return found


def drawer(written: Written = WRITTEN) -> visitor.Drawer:
    found = visitor.Drawer()
    found.written[written.application] = written
    return found


async def test_the_page_shows_each_environment_and_what_became_of_releases() -> None:
    async with visitor.visit(await store(), documents=drawer(), port=8080) as visit:
        page = await visit.get("/a/shop")

    assert 200 == page.status_code
    assert 'href="http://shop.localhost:8080/"' in page.text
    assert "Rolling 3/4" in page.text
    assert "canary-standard 1.0.0" in page.text
    assert 'href="/r/local/shop/5"' in page.text
    assert "errors 4.8 % against 0.2 % on stable" in page.text
    assert "There is no document" not in page.text


async def test_a_release_in_flight_has_met_the_requests_that_were_counted_so_far() -> None:
    found = await store()
    await found.put_reading(
        SHOP, builders.reading(), (), builders.route(248), at=builders.at(3), release=7
    )
    async with visitor.visit(found) as visit:
        page = await visit.get("/a/shop")

    assert "4,812" in page.text
    assert "9 failed or slow" in page.text


async def test_what_is_in_flight_is_rolled_back_from_the_row_of_its_environment() -> None:
    async with visitor.visit(await store(), documents=drawer()) as visit:
        page = (await visit.get("/a/shop")).text
    viewer = Person("eve", frozenset({Right.VIEW}), bearer=True)
    async with visitor.visit(await store(), who=viewer, documents=drawer()) as visit:
        grey = (await visit.get("/a/shop")).text

    assert 'href="/r/local/shop/7?ask=rollback"' in page
    assert "ask=rollback" not in grey
    assert "Roll back needs the role operate on shop/local" in grey


async def test_at_rest_the_way_back_leads_to_what_served_before() -> None:
    found = Store()
    for version, phase in enumerate((Phase.SUCCEEDED, Phase.SUCCEEDED, Phase.ROLLED_BACK)):
        release = builders.ended(phase, 4 + version, version=f"v{version}")
        await found.record(builders.status(release=release, version=version))
    async with visitor.visit(found, documents=drawer()) as visit:
        page = (await visit.get("/a/shop")).text
    async with visitor.visit(found) as visit:
        unwritten = (await visit.get("/a/shop")).text
    row = page.partition('id="p-local"')[2].partition("</tr>")[0]

    assert 'href="/a/shop/back?environment=local&amp;release=4"' in row
    assert "Roll back" not in unwritten.partition('id="p-local"')[2].partition("</tr>")[0]


async def test_an_application_without_a_document_says_so_and_is_shown() -> None:
    async with visitor.visit(await store()) as visit:
        page = await visit.get("/a/shop")

    assert (200, True) == (page.status_code, "There is no document" in page.text)


async def test_who_keeps_a_document_is_told() -> None:
    kept = Written(application="shop", text="", version="1", keeper="Git", place="shop.yaml")
    async with visitor.visit(await store(), documents=drawer(kept)) as visit:
        page = await visit.get("/a/shop")

    assert "Git keeps this application (shop.yaml)" in page.text


async def test_what_nobody_knows_is_missing_and_what_is_written_alone_is_not() -> None:
    async with visitor.visit(documents=drawer()) as visit:
        known, unknown = await visit.get("/a/shop"), await visit.get("/a/nobody")

    assert (200, True) == (known.status_code, "nothing runs yet" in known.text)
    assert (404, True) == (unknown.status_code, "nobody" in unknown.text)


async def test_an_application_of_a_cluster_has_a_namespace_in_its_address() -> None:
    found = Store()
    release = builders.release(application="team/shop")
    await found.record(builders.status(Key("team/shop", "prod"), release=release))
    async with visitor.visit(found) as visit:
        page = await visit.get("/a/team/shop")
        part = await visit.get("/_part/a/team/shop")

    assert (200, 200) == (page.status_code, part.status_code)
    assert 'data-topics="application/prod/team/shop list"' in page.text
    assert "<html" not in part.text


async def test_a_version_that_is_asked_for_and_does_not_serve_is_told() -> None:
    found = Store()
    found.specs.want("shop", builders.wanted())  # type: ignore[attr-defined]  # the specs of films
    await found.record(builders.idle())
    async with visitor.visit(found) as visit:
        page = await visit.get("/a/shop")

    assert "the document asks for v2" in page.text


async def test_the_history_is_of_all_environments_newest_first() -> None:
    found = await store()
    rows = await views.applications(found)

    past = await application.history(visitor.office(found), rows)
    assert [7, 5] == sorted((one.number for one in past), reverse=True)
    assert {SHOP.environment} == {one.environment for one in past}


async def test_a_damaged_document_is_none() -> None:
    class Damaged(visitor.Drawer):
        async def read(self, application: str) -> Written:
            raise failures.Rejected(f"{application} is damaged")

    assert await application.document(visitor.office(documents=Damaged()), "shop") is None
