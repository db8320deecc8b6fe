"""``deploy`` through a dashboard, over documents as people write them."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest

from serinus.adapters.local import authoring
from serinus.adapters.local.specs import Specs
from serinus.adapters.memory.store import Store
from serinus.app.standing import Standing
from serinus.boot.settings import Server, Settings
from serinus.core.state.notice import Kind
from serinus.core.state.release import Phase
from serinus.interfaces.api.sessions import Local
from serinus.interfaces.cli import orders
from serinus.interfaces.cli.arrivals import Request
from serinus.interfaces.cli.options import Author, Output
from serinus.interfaces.cli.remote import Remote
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports.documents import Written
from tests import builders
from tests.adapters.local import written
from tests.builders import SHOP
from tests.interfaces import offices
from tests.interfaces.cli import afar

pytestmark = pytest.mark.anyio

ADDRESS = "http://127.0.0.1:7070"
TEXT = written.SHOP.replace('command: [./shop, --port, "${port}"]', "image: shop:1")


def request(version: str = "v2", **parameters: str) -> Request:
    return Request(SHOP, version, Author("cheaper"), parameters, "20s")


class Desk(authoring.Documents):
    """The documents of a directory, of which others may write one at a bad moment."""

    def __init__(self, specs: Specs, others: Sequence[str] = ()) -> None:
        super().__init__(specs, self.noted)
        self.directory = specs.directory
        self.others = list(others)
        self.then: Callable[[], Awaitable[None]] | None = None
        self.notes: list[tuple[str, ...]] = []

    async def noted(self, *note: str) -> None:
        self.notes.append(note)

    async def write(
        self, text: str, *, version: str | None, actor: str, reason: str = ""
    ) -> Written:
        if self.others:
            file = self.directory / "shop.yaml"
            file.write_text(file.read_text() + self.others.pop(0))
        found = await super().write(text, version=version, actor=actor, reason=reason)
        if self.then is not None:
            await self.then()
        return found


class World:
    """A directory of specs, its documents, and a store over it."""

    def __init__(
        self, tmp_path: Path, others: Sequence[str] = (), text: str = written.SHOP
    ) -> None:
        self.specs = written.specs(tmp_path, shop=text)
        self.file = self.specs.directory / "shop.yaml"
        self.desk = Desk(self.specs, others)
        self.store = Store(self.specs)
        self.settings = Settings(home=tmp_path / "none", specs=tmp_path / "none")

    def remote(self) -> Remote:
        app = offices.app(offices.office(self.store, documents=self.desk))
        mode = app.state.doors.mode
        assert isinstance(mode, Local)
        return Remote(Server(ADDRESS, mode.token()), httpx2.ASGITransport(app))

    async def order(self, wanted: Request) -> None:
        async with self.remote() as remote:
            await orders.order(remote, wanted)

    async def deploy(self, wanted: Request, *, wait: bool = False, alive: bool = True) -> int:
        place = offices.office(self.store, documents=self.desk, alive=lambda: alive)
        async with afar.serving(place) as served:
            server = Server(served.address, served.token)
            screen = Screen(Output())
            return await orders.deploy(server, self.settings, wanted, screen, wait=wait)


# --- the document -------------------------------------------------------------------------------


async def test_the_version_and_parameters_are_changed_and_nothing_else(tmp_path: Path) -> None:
    world = World(tmp_path)

    await world.order(request(bake="40s", minSamples="30"))
    text = world.file.read_text()
    assert "version: v2   # what serves" in text
    assert "bake: '40s'  # short" in text
    assert "minSamples: 30\n" in text
    assert [("shop", "v2", "ada", "cheaper")] == world.desk.notes


async def test_what_is_written_already_is_not_written_again(tmp_path: Path) -> None:
    world = World(tmp_path)

    await world.order(request("v1"))
    assert not world.desk.notes
    assert written.SHOP == world.file.read_text()


async def test_what_others_write_meanwhile_is_kept(tmp_path: Path) -> None:
    world = World(tmp_path, ["# one\n", "# two\n"])

    await world.order(request())
    assert written.SHOP.replace("v1 ", "v2 ") + "# one\n# two\n" == world.file.read_text()


async def test_a_document_that_changes_all_the_time_is_one_clear_error(tmp_path: Path) -> None:
    world = World(tmp_path, ["# more\n"] * orders.TRIES)

    with pytest.raises(Trouble, match="shop changes all the time; nothing was changed") as trouble:
        await world.order(request())
    assert (Code.ERROR, "the same command again in a moment") == (
        trouble.value.code,
        trouble.value.hint,
    )
    assert "version: v1" in world.file.read_text()


async def test_all_problems_are_told_at_once_and_nothing_is_changed(tmp_path: Path) -> None:
    world = World(tmp_path)

    with pytest.raises(Trouble, match="shop cannot be released as v2; nothing was") as refused:
        await world.order(request(bake="soon", nope="1"))
    assert Code.REFUSED == refused.value.code
    assert 2 == len(refused.value.why.splitlines())
    assert "'soon' is not a duration" in refused.value.why
    assert "unknown parameter 'nope'" in refused.value.why
    assert str(world.file) in refused.value.hint
    assert written.SHOP == world.file.read_text()


async def test_a_file_of_git_is_refused_with_the_patch(tmp_path: Path) -> None:
    world = World(tmp_path)
    written.git(tmp_path, "init", "-q")
    written.git(tmp_path, "add", "delivery/shop.yaml")

    with pytest.raises(Trouble, match="Git owns it") as refused:
        await world.order(request())
    assert Code.REFUSED == refused.value.code
    assert "+  version: v2   # what serves" in refused.value.why


async def test_secrets_are_neither_seen_nor_lost(tmp_path: Path) -> None:
    secret = written.SHOP.replace('"${version}"}', '"${version}", TOKEN: hunter2}')
    world = World(tmp_path, text=secret)

    await world.order(request())
    assert secret.replace("v1 ", "v2 ") == world.file.read_text()


@pytest.mark.parametrize(
    ("text", "why"),
    [("a: [", "cannot be released as v2"), ("- 1\n", "cannot be"), ("spec: {version: {}}", "way")],
)
async def test_a_text_that_cannot_be_changed_is_left_to_those_who_wrote_it(
    text: str, why: str
) -> None:
    found = Written(application="shop", text=text, version="1", place="/srv/shop.yaml")
    async with answering(found) as remote:
        with pytest.raises(Trouble, match=why) as refused:
            await orders.order(remote, request())

    assert "where it is written: /srv/shop.yaml" in refused.value.hint


@pytest.mark.parametrize("status", [409, 412])
async def test_either_word_for_a_conflict_is_one(status: int) -> None:
    found = Written(application="shop", text=TEXT, version="1")
    asked: list[httpx2.Request] = []
    async with answering(found, asked, status=status) as remote:
        with pytest.raises(Trouble, match="changes all the time"):
            await orders.order(remote, request())

    puts = [one for one in asked if one.method == "PUT"]
    assert orders.TRIES == len(puts)
    assert {('"1"', "reason=cheaper")} == {
        (one.headers["if-match"], one.url.query.decode()) for one in puts
    }


async def test_who_may_not_deploy_is_told_which_role_is_missing() -> None:
    found = Written(application="shop", text=TEXT, version="1")
    body = b'{"detail": "ada may not do that: this needs the role deploy"}'
    async with answering(found, status=403, body=body) as remote:
        with pytest.raises(Trouble, match="needs the role deploy") as refused:
            await orders.order(remote, request())

    assert Code.REFUSED == refused.value.code


def answering(
    found: Written,
    asked: list[httpx2.Request] | None = None,
    *,
    status: int = 200,
    body: bytes = b'{"detail": "moved"}',
) -> Remote:
    """A dashboard with one document, which answers in one way when it is to be written."""

    def answer(one: httpx2.Request) -> httpx2.Response:
        if asked is not None:
            asked.append(one)
        if one.method == "GET":
            return httpx2.Response(200, json={"application": "shop", **_fields(found)})
        return httpx2.Response(status, content=body)

    return Remote(Server(ADDRESS, "x"), httpx2.MockTransport(answer))


def _fields(found: Written) -> dict[str, Any]:
    return {"text": found.text, "version": found.version, "place": found.place}


# --- what becomes of it -------------------------------------------------------------------------


async def test_what_will_happen_is_told_with_a_command_that_leads_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path)
    await world.store.record(builders.idle())

    assert Code.OK == await world.deploy(request())
    assert "shop: v2 is asked for. To follow its release: serinus watch shop" in (
        capsys.readouterr().out
    )


async def test_where_nobody_decides_it_waits_for_them_or_is_not_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path)
    with pytest.raises(Trouble, match="nothing to wait for; nothing was changed"):
        await world.deploy(request(), wait=True, alive=False)
    assert written.SHOP == world.file.read_text()

    assert Code.OK == await world.deploy(request(), alive=False)
    assert "it is released once you type: serinus up" in capsys.readouterr().out


async def test_waiting_ends_with_the_release_and_with_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(tmp_path)
    await world.store.record(builders.idle(releases=6))

    async def over() -> None:
        wanted = (await world.store.asked(SHOP)).wanted
        status = await world.store.status(SHOP)
        assert wanted is not None
        assert status is not None
        ended = builders.ended(
            Phase.ROLLED_BACK, 7, candidate=wanted.revision.id, sentence="It was bad."
        )
        event = builders.event("It was bad.", kind=Kind.RESULT)
        await world.store.record(
            builders.status(release=ended, releases=7, version=status.version),
            events=[event],
            revisions=(builders.revision(), wanted.revision),
        )

    world.desk.then = over
    with pytest.raises(Trouble, match="v2 of shop: rolled back") as trouble:
        await world.deploy(request(), wait=True)
    assert (Code.ROLLED_BACK, "It was bad.") == (trouble.value.code, trouble.value.why)
    assert "shop#7  result    It was bad." in capsys.readouterr().out


async def test_a_dashboard_that_is_away_for_a_while_is_waited_for() -> None:
    asked = Standing(application="shop", environment="local", version="v2", change="abc")
    moved = {"application": "shop", "environment": "local", "stable": "abc"}
    answers = [httpx2.Response(503, json={}), httpx2.Response(200, json=moved)]
    transport = httpx2.MockTransport(lambda _: answers.pop(0))
    async with Remote(Server(ADDRESS, "x"), transport) as remote:
        found = [await orders._look(remote, asked) for _ in "ab"]

    assert [None, "abc"] == [one.stable for one in found]


async def test_what_the_controller_cannot_use_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)

    async def torn(*_: object) -> None:
        world.file.write_text(written.SHOP.replace("canary-standard", "canary-standrad"))
        world.specs.ground()

    monkeypatch.setattr(orders, "order", torn)
    with pytest.raises(Trouble, match="the spec of shop cannot be used") as trouble:
        await world.deploy(request())
    assert "canary-standrad" in trouble.value.why


async def test_what_nobody_reads_is_no_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: object) -> None:
        pass

    monkeypatch.setattr(orders, "order", nothing)
    monkeypatch.setattr(orders, "SEEN_S", 0.05)
    with pytest.raises(Trouble, match="v2 of shop is written, but nobody has read it") as trouble:
        await World(tmp_path).deploy(request())
    assert "status" == trouble.value.next[0].verb
