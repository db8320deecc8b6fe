"""A user stays on his side: while the weight grows, and whatever happens to Envoy."""

import itertools
import os
import re
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import anyio
import pytest
from msgspec.structs import replace

from serinus.core.state.traffic import Sticky
from serinus.core.state.workload import HealthProbe, Revision
from tests.adapters.local import traffic
from tests.adapters.local.world import World, world
from tests.e2e import swift

pytestmark = [pytest.mark.envoy, pytest.mark.xdist_group("envoy")]

USERS = 10_000


class Sides(NamedTuple):
    """A world with two revisions that answer fast."""

    here: World
    one: Revision
    two: Revision

    async def split(self, share: int) -> None:
        """Give the candidate a share, in per mille."""
        planned = await self.here.planned((self.one, 1000 - share), (self.two, share))
        await self.here.follow(replace(planned, sticky=Sticky("who", 3600.0)))

    async def ask(self, *asked: tuple[str, ...]) -> list[swift.Answer]:
        return await swift.ask(self.here.port, self.here.host, asked)

    async def known(self, users: list[str]) -> list[swift.Answer]:
        return await self.ask(*((f"Cookie: a=b; who={user}",) for user in users))

    async def names(self, users: list[str]) -> list[str]:
        """Return who answers these users, none of whom is a newcomer."""
        answers = await self.known(users)
        assert {""} == {answer.cookie for answer in answers}
        return [answer.name for answer in answers]

    async def restart(self) -> None:
        """End Envoy from outside, and wait until another one serves."""
        envoy = self.here.platform._envoy
        assert envoy._process is not None
        before = envoy._process
        os.kill(before.pid, signal.SIGKILL)

        async def again() -> bool:
            answer = await traffic.get(self.here.port, self.here.host)
            return envoy._process != before and answer.status == 200

        await self.here.eventually(again)


@pytest.fixture
async def sides(tmp_path: Path) -> AsyncIterator[Sides]:
    async with world(tmp_path) as here:
        binary = str(here.platform._envoy.binary())
        one, two = [
            here.revision(
                name, command=swift.command(binary, name), health=HealthProbe(every_s=0.2)
            )
            for name in ("one", "two")
        ]
        await here.run((one, [0]), (two, [0]))
        yield Sides(here, one, two)


async def test_no_user_of_ten_thousand_flips_while_the_weight_grows(sides: Sides) -> None:
    await sides.split(10)
    first = await sides.ask(*[()] * USERS)
    users = [answer.user for answer in first]
    found = {10: [answer.name for answer in first]}
    again = {}

    for share in (10, 50, 250, 500):
        await sides.split(share)
        names = await sides.names(users)
        again[share] = found.setdefault(share, names) == names
    await sides.restart()
    again[500] = found[500] == await sides.names(users)
    await sides.split(1000)
    found[1000] = await sides.names(users)

    shares = {share: names.count("two") for share, names in found.items()}
    left = [
        sum(a == "two" and b == "one" for a, b in zip(before, after, strict=True))
        for before, after in itertools.pairwise(found.values())
    ]
    assert USERS == len(set(users))
    assert [0, 0, 0, 0] == left
    assert {True} == set(again.values())
    # Five standard deviations: sqrt(n·p·(1-p)) is 10 at 1 %, 22 at 5 %, 43 at 25 %, 50 at 50 %.
    assert abs(shares[10] - 100) < 50
    assert abs(shares[50] - 500) < 110
    assert abs(shares[250] - 2_500) < 217
    assert abs(shares[500] - 5_000) < 250
    assert USERS == shares[1000]


async def test_a_newcomer_gets_a_cookie_once_and_whatever_he_sends_is_not_in_it(
    sides: Sides,
) -> None:
    await sides.split(500)
    hostile = (
        ("X-Request-Id: 42",),
        ("X-Request-Id: a; Domain=evil.example; Max-Age=1",),
        (f"X-Request-Id: {'x' * 8000}",),
        ("X-Request-Id: a\tb",),
        ("X-Serinus-User: forged",),
        ("X-Serinus-User: forged", "X-Serinus-User: twice"),
    )

    answers = await sides.ask(*(hostile * 20))

    form = r"who=[0-9a-f-]{36}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"
    assert all(re.fullmatch(form, answer.cookie) for answer in answers)
    assert 120 == len({answer.user for answer in answers})
    assert {"one", "two"} == {answer.name for answer in answers}


async def test_a_forged_cookie_makes_a_newcomer_or_chooses_a_side_and_no_more(
    sides: Sides,
) -> None:
    await sides.split(500)
    mine = "00000000-0000-0000-0000-000000000000"
    forged = (
        "",
        mine[1:],
        f"{mine}0",
        "x" * 8000,
        "%00",
        "a=b",
        mine.replace("0", "g"),
    )

    made = await sides.ask(*((f"Cookie: who={value}",) for value in forged))
    other = await sides.ask((f"Cookie: whoever={mine}",), (f"Cookie: Who={mine}",))
    chosen = await sides.ask(*[(f"Cookie: who={mine}; who=x",)] * 20)

    assert all(answer.cookie for answer in (*made, *other))
    assert 1 == len(set(chosen))
    assert "" == chosen[0].cookie


async def test_the_first_answer_and_all_later_ones_agree_across_connections(sides: Sides) -> None:
    await sides.split(500)

    first = await sides.ask(*[()] * 200)
    async with anyio.create_task_group() as tasks:
        later: list[list[swift.Answer]] = []

        async def again() -> None:
            later.append(await sides.known([answer.user for answer in first]))

        for _ in range(3):
            tasks.start_soon(again)

    assert [[answer.name for answer in first]] * 3 == [[a.name for a in one] for one in later]
