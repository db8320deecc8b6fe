import httpx2
import msgspec
import pytest

from serinus.adapters.memory.store import Store
from serinus.app.intents import Wish
from serinus.boot.settings import Server
from serinus.core.errors import SpecError
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Event, Key, Kind
from serinus.interfaces.api.sessions import Local
from serinus.interfaces.cli.remote import Remote
from serinus.ports import failures
from tests import builders
from tests.builders import NEW, OLD, SHOP
from tests.interfaces import offices
from tests.interfaces.api import test_acts

pytestmark = pytest.mark.anyio

ADDRESS = "http://127.0.0.1:7070"
TEAM = Key("team/shop", "local")


async def world() -> Store:
    store = Store()
    events = [
        Event(builders.at(n), "shop", "local", Kind.STEP, "Step", f"step {n}", release=7)
        for n in range(3)
    ]
    both = (builders.revision(OLD), builders.revision(NEW))
    await store.record(builders.status(), events=events, revisions=both)
    await store.record(builders.status(TEAM, release=None))
    return store


def far(store: Store, *, token: str | None = None, alive: bool = True) -> Remote:
    app = offices.app(offices.office(store, alive=lambda: alive))
    mode = app.state.doors.mode
    assert isinstance(mode, Local)
    shown = mode.token() if token is None else token
    return Remote(Server(ADDRESS, shown), httpx2.ASGITransport(app))


def answering(status: int, body: bytes) -> Remote:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, content=body)

    return Remote(Server(ADDRESS, "x"), httpx2.MockTransport(answer))


async def test_who_asks_is_who_the_token_says() -> None:
    store = await test_acts.shop()
    async with far(store) as remote:
        wish = Wish(SHOP, Verb.PAUSE, "mallory", reason="lunch", expect_step=3, id="once")
        answer, again = await remote.ask(wish), await remote.ask(wish)

    assert (True, "paused at 25 %.", answer) == (answer.done, answer.sentence, again)
    assert {("ada", "lunch", 3)} == {(o.actor, o.reason, o.expect_step) for o in store.asked_for}


async def test_a_refusal_is_an_answer() -> None:
    store = await test_acts.shop(done=False)
    async with far(store) as remote:
        refused = await remote.ask(Wish(SHOP, Verb.PAUSE, ""))
        moved = await remote.ask(Wish(SHOP, Verb.PAUSE, "", expect_step=9))

    assert [(False, "The step is now 4 of 6.")] * 2 == [
        (one.done, one.sentence) for one in (refused, moved)
    ]


async def test_an_application_is_known_with_or_without_its_namespace() -> None:
    async with far(await world()) as remote:
        assert SHOP == await remote.known(Key("shop", ""))
        assert TEAM == await remote.known(Key("team/shop", ""))
        with pytest.raises(failures.Missing, match="in environment 'prod'") as missing:
            await remote.known(Key("shop", "prod"))
        with pytest.raises(failures.Missing, match="there is no application 'shpo'"):
            await remote.known(Key("shpo", ""))

    assert "it is in local" == missing.value.why


@pytest.mark.parametrize("name", ["../shop", "team/../shop", "", "a//b", "."])
async def test_a_name_leads_to_no_other_address(name: str) -> None:
    async with far(await world()) as remote:
        with pytest.raises(failures.Missing, match="there is no application"):
            await remote.known(Key(name, ""))
        with pytest.raises(failures.Missing, match="there is no application"):
            await remote.ask(Wish(Key(name, ""), Verb.PAUSE, ""))


async def test_several_environments_have_to_be_told_apart() -> None:
    rows = [
        {"application": "shop", "environment": place, "state": "Serving"} for place in ("a", "b")
    ]
    async with answering(200, msgspec.json.encode(rows)) as remote:
        with pytest.raises(failures.Missing, match="in several environments") as missing:
            await remote.known(Key("shop", ""))

    assert "--env a" == missing.value.hint


async def test_a_long_list_comes_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serinus.interfaces.cli.remote.PAGE", 1)
    async with far(await world()) as remote:
        assert ["shop", "team/shop"] == [row.application for row in await remote.rows()]
        assert 1 == len(await remote.history(None, 1))


async def test_before_the_first_release_there_is_none() -> None:
    async with far(await world()) as remote:
        assert await remote.release(TEAM) is None
        with pytest.raises(failures.Missing, match="no release yet"):
            await remote.diff(TEAM, None, None)


@pytest.mark.parametrize("alive", [True, False])
async def test_whether_anybody_decides_is_asked(*, alive: bool) -> None:
    async with far(await world(), alive=alive) as remote:
        assert ("" if alive else "serinus up") == await remote.asleep()


@pytest.mark.parametrize("token", ["", "wrong", "a.b"])
async def test_a_token_that_is_no_good_is_told_with_where_to_get_one(token: str) -> None:
    async with far(await world(), token=token) as remote:
        with pytest.raises(failures.Rejected, match="does not know who asks") as refused:
            await remote.rows()

    assert "serinus dashboard --token" in refused.value.hint


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (404, b'{"detail":"gone","status":404}', failures.Missing, "gone"),
        (409, b'{"detail":"moved"}', failures.Conflict, "moved"),
        (429, b'{"detail":"often"}', failures.Unavailable, "often"),
        (503, b'{"detail":"away","why":"x"}', failures.Unavailable, "away"),
        (500, b"<html>", failures.Rejected, "answers 500"),
        (403, b'{"detail":"needs the role operate"}', failures.Rejected, "role operate"),
        (200, b"<html>", failures.Rejected, "is not understood"),
        (422, b'{"problems":[{"path":"spec","message":"wrong"}]}', SpecError, "wrong"),
    ],
)
async def test_a_failure_comes_out_as_what_it_was(
    status: int, body: bytes, kind: type[Exception], words: str
) -> None:
    async with answering(status, body) as remote:
        with pytest.raises(kind, match=words):
            await remote.rows()


async def test_a_dashboard_that_is_not_there_is_named() -> None:
    def refuse(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("connection refused")

    async with Remote(Server(ADDRESS, "x"), httpx2.MockTransport(refuse)) as remote:
        with pytest.raises(failures.Unavailable, match=ADDRESS) as away:
            await remote.rows()

    assert "connection refused" == away.value.why
