import pytest

from serinus.adapters.memory.store import Store
from serinus.core.state.notice import Kind
from tests import builders
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio

EVIL = "<img src=x onerror=alert(1)>"


async def store(number: int = 1) -> Store:
    """Somebody deployed, somebody rolled back, and it ended."""
    found = Store()
    events = [
        builders.event(kind=Kind.RELEASE, reason="Started", sentence="v2 begins.", release=7),
        builders.event(
            kind=Kind.INTENT,
            reason="rollback",
            sentence=f"anna: rollback ({EVIL}) – done: 100 % of the traffic is back at v1.",
            release=7,
        ),
    ] * number
    await found.record(builders.status(release=builders.release(7)), events=events)
    return found


async def test_who_did_what_and_why_is_told_newest_first() -> None:
    async with visitor.visit(await store()) as visit:
        page = await visit.get("/activity")

    assert 200 == page.status_code
    assert page.text.index("anna") < page.text.index("v2 begins.")
    assert "cheaper shipping" in page.text
    assert 'href="/r/local/shop/7"' in page.text


async def test_a_script_in_a_reason_is_text() -> None:
    async with visitor.visit(await store()) as visit:
        page = await visit.get("/activity")

    assert EVIL not in page.text
    assert "&lt;img" in page.text


async def test_a_search_finds_by_label_and_says_when_nothing_fits() -> None:
    async with visitor.visit(await store()) as visit:
        found = await visit.get("/activity", params={"q": "who:anna"})
        nothing = await visit.get("/activity", params={"q": "who:nobody"})

    assert (True, False) == ("rollback" in found.text, "v2 begins." in found.text)
    assert "Nothing that fits" in nothing.text


async def test_a_pressed_chip_is_told_and_releases_its_search() -> None:
    async with visitor.visit(await store()) as visit:
        page = await visit.get("/activity", params={"q": "what:rollback"})

    chip = page.text.partition("chips")[2].partition("Rolled back by people")[0]
    assert 'href="/activity" aria-current="true"' in chip


async def test_older_deeds_are_on_the_next_page() -> None:
    async with visitor.visit(await store(30)) as visit:
        page = await visit.get("/activity")
        older = page.text.partition("before=")[2].partition('"')[0]
        rest = await visit.get(f"/activity?before={older}")

    assert 50 == page.text.count('id="deed-')
    assert 10 == rest.text.count('id="deed-')
    assert "Newest" in rest.text
    assert "data-part" not in rest.text.partition('id="activity"')[2].partition(">")[0]


async def test_without_deeds_the_page_says_what_will_be_there() -> None:
    async with visitor.visit() as visit:
        page = await visit.get("/activity?before=nonsense")

    assert (200, True) == (page.status_code, "Nothing has happened yet" in page.text)


async def test_the_list_alone_is_not_sent_again_to_who_has_it() -> None:
    async with visitor.visit(await store()) as visit:
        first = await visit.get("/_part/activity")
        tag = first.headers["etag"]
        again = await visit.get("/_part/activity", headers={"If-None-Match": tag})

    assert (200, 304) == (first.status_code, again.status_code)
    assert "<html" not in first.text
