import html
import shutil
from pathlib import Path

import httpx2
import pytest

from serinus.adapters.local.clock import Clock
from serinus.adapters.memory.clock import Clock as MovedByHand
from serinus.boot import doorkey
from serinus.interfaces import dashboard
from serinus.interfaces.api import server
from serinus.interfaces.dashboard import Asked
from serinus.ports import failures
from tests.interfaces import offices

pytestmark = pytest.mark.anyio

ANY = Asked(port=0, given=True)


async def test_its_link_begins_a_session_and_so_does_another_one(tmp_path: Path) -> None:
    place = offices.office(clock=Clock())
    async with (
        dashboard.opened(place, tmp_path, "ada", ANY) as told,
        httpx2.AsyncClient(trust_env=False) as visitor,
    ):
        link = told.link
        first, again = await visitor.get(link), await visitor.get(link)
        visitor.cookies.clear()
        third = await visitor.get(dashboard.link(tmp_path, "ada", Clock()))

    assert [303, 303, 303] == [first.status_code, again.status_code, third.status_code]
    assert "set-cookie" in third.headers
    assert told.sentence.endswith(f"For another link: {dashboard.typed(tmp_path)}")
    with pytest.raises(failures.Missing):
        doorkey.found(tmp_path)


async def test_a_link_that_is_too_old_is_answered_with_what_to_type(tmp_path: Path) -> None:
    clock = MovedByHand()
    async with (
        dashboard.opened(offices.office(clock=clock), tmp_path, "ada", ANY) as told,
        httpx2.AsyncClient(trust_env=False, headers={"accept": "text/html"}) as visitor,
    ):
        clock.move(61)
        late = await visitor.get(told.link)
        typed = await visitor.get(dashboard.link(tmp_path, "ada", clock))

    assert 401 == late.status_code
    assert "older than 60 s" in late.text
    assert f">{html.escape(told.again)}</pre>" in late.text
    assert 303 == typed.status_code


async def test_who_signed_out_stays_out_when_the_controller_starts_again(tmp_path: Path) -> None:
    place = offices.office(clock=Clock())
    async with (
        dashboard.opened(place, tmp_path, "ada", ANY) as told,
        httpx2.AsyncClient(trust_env=False, base_url=told.address) as visitor,
    ):
        await visitor.get(told.link)
        kept = dict(visitor.cookies)
        done = await visitor.post("/leave", headers={"sec-fetch-site": "same-origin"})
    async with (
        dashboard.opened(place, tmp_path, "ada", ANY) as told,
        httpx2.AsyncClient(trust_env=False, base_url=told.address, cookies=kept) as visitor,
    ):
        after = await visitor.get("/api/v1/about")

    assert (200, 401) == (done.status_code, after.status_code)


def test_what_is_typed_for_a_link_works_in_every_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/serinus")
    there = dashboard.typed(Path("my home"))
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert f"serinus dashboard --home '{tmp_path}/my home'" == there
    assert "/python" in dashboard.typed(tmp_path)
    assert f" -m serinus dashboard --home {tmp_path}" in dashboard.typed(tmp_path)


async def test_a_port_that_nobody_named_may_be_the_next_one(tmp_path: Path) -> None:
    with server.bind("127.0.0.1", 0) as held:
        taken = held.getsockname()[1]
        async with dashboard.opened(
            offices.office(clock=Clock()), tmp_path, "ada", Asked(port=taken)
        ) as told:
            assert f":{taken}/" not in told.link
        with pytest.raises(failures.Rejected, match=str(taken)):
            async with dashboard.opened(
                offices.office(clock=Clock()), tmp_path, "ada", Asked(port=taken, given=True)
            ):
                pass


async def test_behind_a_proxy_there_is_no_link(tmp_path: Path) -> None:
    access = tmp_path / "access.yaml"
    access.write_text(
        "mode: proxy\npeers: [127.0.0.1]\nhosts: [serinus.example.com]\n"
        "grants: [{group: '*', rights: [view]}]\n"
    )
    wanted = dashboard.wanted("0.0.0.0:0", access)
    place = offices.office(clock=Clock())
    async with dashboard.opened(place, tmp_path, "ada", wanted) as told:
        port = told.address.rpartition(":")[2]
        async with httpx2.AsyncClient(trust_env=False) as visitor:
            named = {"host": "serinus.example.com", "x-forwarded-user": "bob"}
            about = f"http://127.0.0.1:{port}/api/v1/about"
            known, unknown = await visitor.get(about, headers=named), await visitor.get(about)

    assert "token" not in told.sentence
    assert "for the proxy of serinus.example.com" in told.sentence
    assert ("bob", ["view"]) == (known.json()["person"], known.json()["rights"])
    assert 421 == unknown.status_code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("7071", ("127.0.0.1", 7071)),
        ("[::1]:0", ("::1", 0)),
    ],
)
def test_an_address_is_read(text: str, expected: tuple[str, int]) -> None:
    found = dashboard.asked(text)

    assert expected == (found.host, found.port)
    assert found.given


@pytest.mark.parametrize("text", ["", "here", "127.0.0.1:", "x:70000", "x:-1"])
def test_what_is_no_address_is_refused_with_one_that_is(text: str) -> None:
    with pytest.raises(failures.Rejected, match="want an address with a port") as refused:
        dashboard.asked(text)
    assert "127.0.0.1:7070" in refused.value.hint
