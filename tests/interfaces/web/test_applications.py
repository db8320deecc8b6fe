import pytest

from serinus.adapters.memory.store import Store
from serinus.app.shown import Row
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.interfaces.web import applications
from tests import builders
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio


def row(name: str, environment: str = "local", **given: object) -> Row:
    return Row(application=name, environment=environment, **{"state": "Serving", **given})  # type: ignore[arg-type]  # builders take what they get


async def store() -> Store:
    found = Store()
    for name, phase in (("shop", Phase.ROLLING), ("cart", None)):
        release = builders.release(application=name, phase=phase) if phase else None
        await found.record(builders.status(Key(name, "local"), release=release))
    return found


async def test_without_applications_the_page_shows_the_ways_in() -> None:
    async with visitor.visit() as visit:
        page = await visit.get("/apps")

    assert 200 == page.status_code
    assert "There are no applications yet" in page.text
    assert 'href="/new"' in page.text


async def test_each_application_is_there_with_its_state_and_a_way_to_deploy() -> None:
    async with visitor.visit(await store()) as visit:
        page = await visit.get("/apps")

    assert page.text.index(">shop<") < page.text.index(">cart<")
    assert 'href="/r/local/shop/7"' in page.text
    assert 'href="/a/cart/deploy"' in page.text


async def test_a_search_finds_by_name_and_says_when_nothing_fits() -> None:
    async with visitor.visit(await store()) as visit:
        found = await visit.get("/apps?q=cart")
        nothing = await visit.get("/apps?q=%3Cscript%3E")

    assert (True, False) == (">cart<" in found.text, ">shop<" in found.text)
    assert "Nothing fits" in nothing.text
    assert "<script>" not in nothing.text.replace("<script type", "")


async def test_the_list_alone_is_not_sent_again_to_who_has_it() -> None:
    async with visitor.visit(await store()) as visit:
        first = await visit.get("/_part/apps?q=cart")
        again = await visit.get(
            "/_part/apps?q=cart", headers={"If-None-Match": first.headers["etag"]}
        )

    assert "<html" not in first.text
    assert 304 == again.status_code


def test_environments_of_an_application_stand_in_one_line() -> None:
    lines = applications.lined(
        [row("shop", "prod", needs_you=True), row("cart"), row("shop", "dev", in_flight=True)]
    )

    assert ["shop", "cart"] == [line.name for line in lines]
    assert ["dev", "prod"] == [cell.environment for cell in lines[0].cells]
    assert (True, True) == (lines[0].needs_you, lines[0].in_flight)


@pytest.mark.parametrize(
    ("page", "number", "first"),
    [("", 1, "a000"), ("2", 2, "a050"), ("99", 3, "a100"), ("0", 1, "a000"), ("x", 1, "a000")],
)
def test_a_long_list_comes_in_pages(page: str, number: int, first: str) -> None:
    rows = [row(f"a{index:03}") for index in range(120)]

    found = applications.listed(rows, "", page)
    assert (number, 3, 120) == (found.number, found.pages, found.found)
    assert first == found.lines[0].name


def test_every_word_of_a_search_has_to_fit() -> None:
    rows = [row("shop", "prod", version="v2"), row("shop-eu", "dev", version="v1")]

    assert ["shop"] == [line.name for line in applications.listed(rows, "SHOP prod v2").lines]
    assert [] == list(applications.listed(rows, "shop prod v1").lines)


def test_a_label_looks_at_one_thing_and_an_exclamation_mark_says_what_is_not_wanted() -> None:
    rows = [row("shop", "prod"), row("prod", "dev", state="Rolling")]

    found = applications.listed(rows, "environment:prod").lines
    assert ["shop"] == [line.name for line in found]
    assert ["prod"] == [line.name for line in applications.listed(rows, "state:rolling").lines]
    assert ["shop"] == [line.name for line in applications.listed(rows, "!state:rolling").lines]
