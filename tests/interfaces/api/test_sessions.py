import pytest
from starlette.requests import Request

from serinus.adapters.memory.clock import Clock
from serinus.interfaces.api.people import Right, Unknown
from serinus.interfaces.api.sessions import LASTS, LINK_LASTS, Local
from tests.interfaces import offices

pytestmark = pytest.mark.anyio


def request(mode: Local, *, session: str = "", bearer: str = "") -> Request:
    headers = [(b"cookie", f"{mode.cookie}={session}".encode())] if session else []
    headers += [(b"authorization", f"Bearer {bearer}".encode())] if bearer else []
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


def token(mode: Local) -> str:
    return mode.link("http://127.0.0.1:7070").partition("token=")[2]


async def test_a_link_is_good_once() -> None:
    mode = offices.local()
    link = token(mode)

    assert mode.enter(link)
    with pytest.raises(Unknown, match="open the link") as refused:
        mode.enter(link)
    assert "used already" in refused.value.detail


async def test_a_link_of_an_earlier_start_is_not_good_but_its_sessions_are() -> None:
    clock = Clock()
    before, after = Local(offices.SEALS, clock, "ada"), Local(offices.SEALS, clock, "ada")
    session = before.enter(token(before))

    assert await after.person(request(after, session=session))
    with pytest.raises(Unknown) as refused:
        after.enter(token(before))
    assert "no link of the Serinus that runs now" in refused.value.detail


async def test_a_session_is_of_whom_the_link_was_made_for() -> None:
    clock = Clock()
    theirs = Local(offices.SEALS, clock, "grace of the night shift", start="monday")
    ours = offices.local(clock)
    session = ours.enter(token(theirs))
    found = await ours.person(request(ours, session=session))

    assert found is not None
    assert "grace of the night shift" == found.name


async def test_a_link_is_good_for_a_minute_and_says_then_how_to_come_by_another() -> None:
    clock = Clock()
    mode = Local(offices.SEALS, clock, "ada", command="serinus dashboard --home /srv/.serinus")
    soon, late = token(mode), token(mode)
    clock.move(59)

    assert mode.enter(soon)
    clock.move(2)
    with pytest.raises(Unknown) as refused:
        mode.enter(late)
    assert "older than 60 s" in refused.value.detail
    assert "serinus dashboard --home /srv/.serinus" == refused.value.command


async def test_a_session_ends() -> None:
    clock = Clock()
    mode = offices.local(clock)
    session = mode.enter(token(mode))
    clock.move(LINK_LASTS.total_seconds() + 1)

    assert await mode.person(request(mode, session=session))
    clock.move(LASTS.total_seconds())
    assert await mode.person(request(mode, session=session)) is None


async def test_a_program_shows_a_token_and_no_session_in_its_place() -> None:
    mode = offices.local()
    session = mode.enter(token(mode))
    found = await mode.person(request(mode, bearer=mode.token()))

    assert found is not None
    assert ("ada", True) == (found.name, found.bearer)
    assert await mode.person(request(mode, bearer=session)) is None
    assert await mode.person(request(mode, session=mode.token())) is None
    assert await mode.person(request(mode)) is None


async def test_the_person_of_this_machine_lacks_nothing() -> None:
    mode = offices.local()
    found = await mode.person(request(mode, bearer=mode.token()))

    assert found is not None
    assert [""] * len(Right) == [await mode.lacks(found, right, None) for right in Right]
