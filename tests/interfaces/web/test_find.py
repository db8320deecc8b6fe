import pytest

from serinus.adapters.memory.store import Store
from serinus.app import views
from serinus.core.state.notice import Key
from serinus.interfaces.web import find
from tests import builders
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio


async def found(q: str) -> list[str]:
    store = Store()
    await store.record(builders.status())
    await store.record(builders.idle(Key("mail", "local")))
    return [one.word for one in find.find(await views.applications(store), q)]


async def test_nothing_asked_finds_the_pages_first() -> None:
    assert ["Releases", "Applications"] == (await found(""))[:2]


async def test_a_verb_is_found_by_its_words_and_the_name() -> None:
    assert ["roll back shop local"] == await found("roll shop")


async def test_what_begins_so_comes_before_what_has_it_somewhere() -> None:
    assert "shop #7" == (await found("shop"))[0]


async def test_an_application_at_rest_has_no_verbs() -> None:
    assert ["mail"] == await found("mail")


async def test_the_palette_reads_it_as_json() -> None:
    async with visitor.visit() as visit:
        answer = await visit.get("/_part/find?q=sett")

    assert [{"word": "Settings", "about": "page", "icon": "settings", "url": "/settings"}] == (
        answer.json()
    )
