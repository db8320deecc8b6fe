"""Who came: what Envoy notes of requests, and what it never does."""

import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from serinus.adapters.local import visits
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.state.cohort import Visit
from serinus.core.state.traffic import Sticky
from tests.adapters.local import traffic
from tests.adapters.local.world import World, entrance, started, world

pytestmark = [pytest.mark.envoy, pytest.mark.xdist_group("envoy")]

STICKY = Sticky("who", 3600.0)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as found:
        yield found


async def came(here: World, count: int) -> list[Visit]:
    """Wait until so many visits were noted."""
    found: list[Visit] = []

    async def enough() -> bool:
        found.extend(await here.platform.visits(here.key))
        return len(found) >= count

    await here.eventually(enough)
    return found


def cookie(answer: traffic.Answer) -> str:
    """Return what a newcomer sends from now on."""
    (told,) = [h for h in answer.headers if h.startswith("set-cookie: ")]
    return f"Cookie: a=secret; {told.removeprefix('set-cookie: ').partition(';')[0]}; b=secret"


async def test_a_user_is_known_from_his_first_request_on(here: World) -> None:
    one, two = here.revision("1"), here.revision("2")
    await here.run((one, [0]), (two, [0]))
    planned = await here.planned((one, 500), (two, 500))
    matches = (Match((Condition(Part.HEADER, "x-canary"),)),)
    await here.follow(replace(planned, sticky=STICKY, visits=True, matches=matches, matched=two.id))

    first = await traffic.get(here.port, here.host, "/start?token=secret", method="POST")
    mine = cookie(first)
    await traffic.get(here.port, here.host, "/buy?code=404&x=secret", (mine,))
    await traffic.get(here.port, here.host, "/beta?x=secret", ("X-Canary: secret", mine))
    await traffic.get(here.port, here.host, "/stranger", ("X-Canary: secret",))
    found = await came(here, 4)

    side = next(r.id for r in (one, two) if first.body == f"{r.short}-0")
    user = found[0].user
    assert user > 0
    assert [
        Visit(user, side, "POST", "/start", 200),
        Visit(user, side, "GET", "/buy", 404),
        Visit(user, two.id, "GET", "/beta", 200),
        Visit(0, two.id, "GET", "/stranger", 200),
    ] == found
    noted = (here.home / "run" / "envoy" / "visits.log").read_text()
    assert "secret" not in noted
    assert 4 == len(noted.splitlines())


async def test_nothing_is_noted_where_the_route_does_not_ask_for_it(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    planned = await here.planned((one, 1000))
    await here.follow(replace(planned, sticky=STICKY))
    await traffic.send(here.port, here.host, ["/before"] * 20)
    await here.follow(replace(planned, sticky=STICKY, visits=True))

    await traffic.send(here.port, here.host, ["/after"] * 20)

    assert {"/after": 20} == Counter(visit.path for visit in await came(here, 20))


async def test_whatever_a_client_sends_is_one_line_of_limited_length(here: World) -> None:
    one = here.revision("1")
    await here.run((one, [0]))
    await here.follow(replace(await here.planned((one, 1000)), sticky=STICKY, visits=True))
    paths = ['/"},{"p":"', "/%0a{}", "/\xe9\xff", "/" + "x" * 6000, "/a\\u000a"]
    hostile = ('Cookie: who="a\\u0022', "Cookie: who=" + "y" * 6000, "Cookie: who=-")

    for path in paths:
        await traffic.get(here.port, here.host, path)
    for header in hostile:
        await traffic.get(here.port, here.host, "/hostile", (header,))
    found = await came(here, 6)

    assert 1024 == max(len(visit.path) for visit in found)
    assert 3 == sum(visit.path == "/hostile" and visit.user > 0 for visit in found)
    assert paths[0] in {visit.path for visit in found}
    lines = (here.home / "run" / "envoy" / "visits.log").read_bytes().splitlines()
    assert max(len(line) for line in lines) < 4096
    assert len(found) == len(lines)


async def test_no_visit_is_lost_while_the_file_is_put_aside(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "LARGEST", 1)
    monkeypatch.setattr(visits, "KEPT", 100)
    one = here.revision("1")
    await here.run((one, [0]))
    await here.follow(replace(await here.planned((one, 1000)), sticky=STICKY, visits=True))

    for number in range(4):
        await traffic.send(here.port, here.host, [f"/{number}"] * 100)
        await here.platform._visits.tidy()
    found = await came(here, 400)

    assert {f"/{number}": 100 for number in range(4)} == Counter(visit.path for visit in found)
    assert 400 == len({visit.user for visit in found})


async def test_visits_survive_the_controller_and_envoy(tmp_path: Path) -> None:
    port = entrance()
    async with started(tmp_path, port) as here:
        one = here.revision("1")
        await here.run((one, [0]))
        await here.follow(replace(await here.planned((one, 1000)), sticky=STICKY, visits=True))
        first = await traffic.get(port, here.host, "/first")
        before = await came(here, 1)

    between = await traffic.get(port, here.host, "/between", (cookie(first),))
    async with started(tmp_path, port) as here:
        again = await came(here, 2)
        envoy = here.platform._envoy._process
        assert envoy is not None
        os.kill(envoy.pid, signal.SIGKILL)

        async def serves() -> bool:
            answer = await traffic.get(port, here.host, "/after", (cookie(first),))
            return answer.status == 200

        await here.eventually(serves)
        after = await came(here, 1)
        await here.platform.down(0.0)

    assert 200 == between.status
    assert ["/first"] == [visit.path for visit in before]
    # What was given to one who died may not have been taken in: it comes again.
    assert ["/first", "/between"] == [visit.path for visit in again]
    assert {"/after"} == {visit.path for visit in after}
    assert 1 == len({visit.user for visit in (*before, *again, *after)})
