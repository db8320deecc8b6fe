import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from serinus.adapters.memory.store import Store
from serinus.app import intents
from serinus.core.state.intent import Answer, Intent, Verb
from serinus.interfaces.api import acts, guard, pace
from tests import builders
from tests.builders import SHOP
from tests.interfaces import offices

pytestmark = pytest.mark.anyio

SAME = {"sec-fetch-site": "same-origin"}


class Answering(Store):
    """A store behind which somebody answers at once."""

    def __init__(self, *, done: bool = True) -> None:
        super().__init__()
        self.asked_for: list[Intent] = []
        self._done = done

    async def ask(self, intent: Intent) -> None:
        await super().ask(intent)
        self.asked_for.append(intent)
        sentence = "paused at 25 %." if self._done else "the step is now 4 of 6."
        self._put_answer(Answer(intent=intent.id, done=self._done, sentence=sentence))


async def shop(*, done: bool = True) -> Answering:
    store = Answering(done=done)
    await store.record(builders.status())
    return store


async def page(request: Request) -> Response:
    said = request.state.said
    return PlainTextResponse(f"{guard.token(request)} {said and (said.done, said.sentence)}")


def app(store: Store, *, alive: bool = True) -> Starlette:
    place = offices.office(store, alive=lambda: alive)
    return offices.app(place, routes=[Route("/", page), Route("/r/local/shop/7", page)])


async def sent(visitor: httpx2.AsyncClient, **form: str) -> httpx2.Response:
    seal = (await visitor.get("/")).text.split()[0]
    asked = {"application": "shop", "environment": "local", "verb": "pause", "csrf": seal} | form
    return await visitor.post("/act", data=asked, headers=SAME)


async def test_a_form_leaves_a_wish_and_its_page_shows_the_answer_once() -> None:
    store = await shop()
    async with offices.entered(app(store)) as visitor:
        found = await sent(
            visitor, back="/r/local/shop/7", reason=" lunch ", expect_release="7", expect_step="3"
        )
        first = await visitor.get(found.headers["location"])
        second = await visitor.get("/")

    (wish,) = store.asked_for
    assert (303, "/r/local/shop/7") == (found.status_code, found.headers["location"])
    assert ("ada", "lunch", 7, 3) == (
        wish.actor,
        wish.reason,
        wish.expect_release,
        wish.expect_step,
    )
    assert first.text.endswith("(True, 'Paused at 25 %.')")
    assert second.text.endswith("None")


async def test_a_refusal_comes_back_with_its_sentence() -> None:
    async with offices.entered(app(await shop(done=False))) as visitor:
        await sent(visitor)
        found = await visitor.get("/")

    assert found.text.endswith("(False, 'The step is now 4 of 6.')")


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"application": "nothing"}, "there is no application"),
        ({"verb": "explode"}, "there is no verb 'explode'"),
        ({"verb": "delete"}, "there is no verb 'delete'"),
        ({"verb": "promote"}, "so it needs a reason"),
    ],
)
async def test_what_cannot_be_done_is_said_on_the_page(form: dict[str, str], expected: str) -> None:
    store = await shop()
    async with offices.entered(app(store)) as visitor:
        await sent(visitor, **form)
        found = await visitor.get("/")

    assert expected in found.text
    assert "(False" in found.text
    assert not store.asked_for


async def test_nothing_is_left_where_no_controller_works() -> None:
    store = await shop()
    async with offices.entered(app(store, alive=False)) as visitor:
        await sent(visitor)
        found = await visitor.get("/")

    assert "the controller is not running" in found.text
    assert not store.asked_for


async def test_two_clicks_are_one_wish() -> None:
    store = await shop()
    async with offices.entered(app(store)) as visitor:
        await sent(visitor, id="once")
        await sent(visitor, id="once")
        await sent(visitor, id="once", verb="rollback")

    assert ["pause", "pause", "rollback"] == [one.verb for one in store.asked_for]
    assert 2 == len({one.id for one in store.asked_for})


async def test_whoever_asks_all_the_time_is_told_to_wait() -> None:
    store = await shop()
    async with offices.entered(app(store)) as visitor:
        for _ in range(pace.BURST + 1):
            await sent(visitor)
        found = await visitor.get("/")

    assert pace.BURST == len(store.asked_for)
    assert "within a minute" in found.text


@pytest.mark.parametrize(
    "path",
    ["", "https://evil.example", "//evil.example", "/\\evil.example", "/a\nb", "javascript:"],
)
def test_a_form_leads_back_to_a_page_of_ours_alone(path: str) -> None:
    assert "/" == acts.back(path)


async def test_the_world_has_moved_when_it_is_not_what_was_looked_at() -> None:
    place = offices.office(await shop())

    def wish(release: int | None, step: int | None) -> intents.Wish:
        return intents.Wish(SHOP, Verb.PAUSE, "ada", expect_release=release, expect_step=step)

    assert not await acts.moved(place, wish(None, None))
    assert not await acts.moved(place, wish(7, 3))
    assert await acts.moved(place, wish(6, 3))
    assert await acts.moved(place, wish(7, 2))
