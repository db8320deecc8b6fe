import anyio
import httpx2
import pytest
from anyio import lowlevel
from starlette.requests import Request

from serinus.adapters.memory.store import Store
from serinus.interfaces.api import server
from serinus.interfaces.api.guard import Doors
from serinus.interfaces.api.people import Grant, Person, Right
from serinus.interfaces.api.seals import Seals
from serinus.interfaces.web import frame, shared, site
from serinus.interfaces.web.shared import Pieces
from tests import builders
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio
PART = "/_part/release/local/shop/7"
VIEW = frozenset({Right.VIEW})


async def times(many: int, keys: list[str]) -> list[str]:
    """Ask for pieces at the same time; each one says when in their order it was made."""
    pieces, made = Pieces(), 0
    found: list[str] = []

    async def make() -> str:
        nonlocal made
        made += 1
        await lowlevel.checkpoint()
        return str(made)

    async def ask(key: str) -> None:
        found.append(await pieces.piece(key, make))

    for _ in range(many):
        async with anyio.create_task_group() as tasks:
            for key in keys:
                tasks.start_soon(ask, key)
    return found


async def test_what_many_ask_for_at_once_is_made_once() -> None:
    assert ["1"] * 5 == await times(1, ["a"] * 5)


async def test_what_depends_on_something_else_is_made_for_itself() -> None:
    assert {"1", "2"} == set(await times(1, ["a", "b"]))


async def test_after_a_moment_it_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "KEPT_S", 0.0)

    assert ["1", "2"] == await times(2, ["a"])


async def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "MOST", 1)

    assert ["1", "2", "3", "4"] == await times(2, ["a", "b"])


@pytest.mark.parametrize("there", ["local", "prod"])
async def test_who_may_less_gets_a_piece_of_their_own(there: str) -> None:
    store = Store()
    await store.record(builders.status())
    operate = frozenset({Right.OPERATE})
    sam = Person("sam", VIEW, bearer=True, grants=(Grant(operate, (there,)),))
    people = iter([visitor.ADA, Person("eve", VIEW, bearer=True), sam])

    class Turns(visitor.Known):
        async def person(self, request: Request) -> Person:
            del request
            return next(people)

    app = server.make(visitor.office(store), Doors(Turns(), Seals(b"k" * 32)), site.routes())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:7070") as visit:
        hers, others, his = [await visit.get(PART) for _ in range(3)]

    assert (True, False) == ('name="csrf"' in hers.text, frame.TOKEN in hers.text)
    assert "needs the role operate" in others.text
    assert (there == "local") == ("needs the role operate" not in his.text)


async def test_nobody_sees_what_was_before_an_event_once_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared, "KEPT_S", 3600.0)
    store = Store()
    status = await store.record(builders.status())
    app = server.make(
        visitor.office(store), Doors(visitor.Known(), Seals(b"k" * 32)), site.routes()
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:7070") as visit:
        before = [await visit.get(PART) for _ in range(2)]
        await store.record(status, events=[builders.event("Paused by ada at 1 %.")])
        after = await visit.get(PART)

    assert ["Paused by ada" in answer.text for answer in (*before, after)] == [False, False, True]
