"""Exactly the matched requests go where they are to go; near misses do not."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Sticky
from serinus.core.state.workload import Revision
from serinus.ports.failures import Rejected
from tests.adapters.local import traffic
from tests.adapters.local.world import World, world

pytestmark = [pytest.mark.envoy, pytest.mark.xdist_group("envoy")]


class Sides(NamedTuple):
    """A world with two revisions; the second one is reached by matches alone."""

    here: World
    one: Revision
    two: Revision

    async def match(self, *conditions: Condition) -> None:
        await self.any_of(Match(conditions))

    async def any_of(self, *matches: Match) -> None:
        planned = await self.here.planned((self.one, 1000), (self.two, 0))
        await self.here.follow(replace(planned, matches=matches, matched=self.two.id))

    async def matched(self, path: str = "/", *headers: str, method: str = "GET") -> bool:
        answer = await traffic.get(self.here.port, self.here.host, path, headers, method)
        assert 200 == answer.status
        return answer.body == f"{self.two.short}-0"

    async def cookies(self, *headers: str) -> list[bool]:
        return [await self.matched("/", f"Cookie: {header}") for header in headers]

    async def queries(self, *queries: str) -> list[bool]:
        return [await self.matched(f"/{query}") for query in queries]


@pytest.fixture
async def sides(tmp_path: Path) -> AsyncIterator[Sides]:
    async with world(tmp_path) as here:
        one, two = here.revision("1"), here.revision("2")
        await here.run((one, [0]), (two, [0]))
        yield Sides(here, one, two)


def header(name: str, value: str | None = None, *, pattern: bool = False) -> Condition:
    return Condition(Part.HEADER, name, value, pattern)


def cookie(name: str, value: str | None = None, *, pattern: bool = False) -> Condition:
    return Condition(Part.COOKIE, name, value, pattern)


def query(name: str, value: str | None = None, *, pattern: bool = False) -> Condition:
    return Condition(Part.QUERY, name, value, pattern)


async def test_a_header_matches_by_name_and_whole_value(sides: Sides) -> None:
    await sides.match(header("x-canary", "always"))

    hits = [await sides.matched("/", h) for h in ("X-Canary: always", "x-canary:  always ")]
    hits.append(await sides.matched("/", "X-Canary: never", "X-Canary: always"))
    misses = [
        headers
        for headers in (
            (),
            ("X-Canary: never",),
            ("X-Canary: Always",),
            ("X-Canary: always!",),
            ("X-Canary: ",),
            ("X-Canary-2: always",),
            ("X-Canar: always",),
            ("X-Canary: never,always",),
            ("Cookie: x-canary=always",),
        )
        if await sides.matched("/", *headers)
    ]

    assert {True} == set(hits)
    assert [] == misses


async def test_a_header_matches_by_being_there(sides: Sides) -> None:
    await sides.match(header("x-canary"))

    hits = [await sides.matched("/", h) for h in ("X-Canary: 1", "X-Canary:", "x-canary: \xe9")]
    misses = [await sides.matched("/", *h) for h in ((), ("X-Canaries: 1",))]

    assert {True} == set(hits)
    assert {False} == set(misses)


async def test_a_pattern_matches_the_whole_value(sides: Sides) -> None:
    await sides.match(header("user-agent", "Fire(fox|bird)/[0-9]+", pattern=True))

    hits = [await sides.matched("/", f"User-Agent: Fire{end}") for end in ("fox/1", "bird/23")]
    misses = [
        await sides.matched("/", f"User-Agent: {name}")
        for name in ("Firefox/", "Firefox/1.0", "aFirefox/1", "firefox/1", "Firefish/1")
    ]

    assert {True} == set(hits)
    assert {False} == set(misses)


async def test_a_cookie_matches_by_its_whole_name_and_value(sides: Sides) -> None:
    await sides.match(cookie("beta", "a.b"))

    hits = await sides.cookies("beta=a.b", "x=1; beta=a.b; y=2", "x=1;beta=a.b", "beta=a.b; beta=c")
    misses = await sides.cookies(
        *("", "beta=", "beta=aXb", "beta=a.bc", "beta=A.B", "Beta=a.b", "xbeta=a.b", "beta2=a.b"),
        *("x=beta=a.b", "x=1, beta=a.b", "beta=c; beta=a.b", "beta", "x=1; xbeta=a.b; beta=a"),
    )
    split = await sides.matched("/", "Cookie: x=1", "Cookie: beta=a.b")

    assert {True} == {*hits, split}
    assert {False} == set(misses)


async def test_a_cookie_matches_by_being_there_or_by_a_pattern(sides: Sides) -> None:
    await sides.match(cookie("beta"))
    there = await sides.cookies("beta=", "beta=1", "a=b; beta=\xe9", "betas=1", "a=beta", "alpha=1")
    await sides.match(cookie("beta", "[a-c]{2}", pattern=True))
    like = await sides.cookies("beta=ab", "beta=abc", "beta=a", "beta=ad")

    assert [True, True, True, False, False, False] == there
    assert [True, False, False, False] == like


async def test_a_query_matches_whatever_of_its_value_is_encoded(sides: Sides) -> None:
    await sides.match(query("beta", "a b/ü"))

    hits = await sides.queries(
        *("?beta=a%20b%2F%C3%BC", "?beta=a+b/%c3%bc", "?x=1&beta=a%20b%2f%C3%BC&y=2"),
    )
    misses = await sides.queries(
        *("", "?beta=", "?beta=a-b/%C3%BC", "?beta=a%20b", "?xbeta=a%20b%2F%C3%BC"),
        *("?betas=a%20b%2F%C3%BC", "?Beta=a%20b%2F%C3%BC", "?x=beta=a%20b%2F%C3%BC"),
        *("?beta=a%20b%2F%C3%BC%20", "?beta=1&beta=a%20b%2F%C3%BC"),
    )

    assert {True} == set(hits)
    assert {False} == set(misses)


async def test_a_query_matches_by_being_there_by_a_value_or_by_a_pattern(sides: Sides) -> None:
    await sides.match(query("beta"))
    there = await sides.queries("?beta", "?beta=", "?a=b&beta=1", "?betas=1", "?a=beta", "beta")
    await sides.match(query("beta", "on"))
    equal = await sides.queries("?beta=on", "?beta=on&beta=off", "?beta=ON", "?beta=o", "?beta=on1")
    await sides.match(query("beta", "[0-9]+", pattern=True))
    like = await sides.queries("?beta=123", "?beta=12a", "?beta=", "?beta")

    assert [True, True, True, False, False, False] == there
    assert [True, True, False, False, False] == equal
    assert [True, False, False, False] == like


async def test_all_conditions_of_a_match_hold_and_one_match_is_enough(sides: Sides) -> None:
    await sides.any_of(
        Match((header("x-canary", "1"), cookie("beta", "1"), query("beta", "1"))),
        Match((header("x-tester"),)),
    )
    told = ("X-Canary: 1", "Cookie: beta=1")

    hits = [await sides.matched("/?beta=1", *told), await sides.matched("/", "X-Tester: me")]
    misses = [
        await sides.matched("/", *told),
        await sides.matched("/?beta=1", told[0]),
        await sides.matched("/?beta=1", told[1]),
    ]

    assert [True, True] == hits
    assert [False, False, False] == misses


async def test_exactly_the_matched_of_many_requests_reach_the_candidate(sides: Sides) -> None:
    await sides.match(cookie("beta", "always"))
    values = ["always", "never", "alway", "always1"] * 250
    caller = traffic.Caller(sides.here.port, sides.here.host)

    got = Counter[tuple[str, str]]()
    for value in values:
        got[value, (await caller.get("/", [f"Cookie: a=b; beta={value}"])).body] += 1
    caller.close()

    assert 250 == got["always", f"{sides.two.short}-0"]
    assert 250 == sum(n for (_, body), n in got.items() if body == f"{sides.two.short}-0")
    assert 1000 == got.total()


async def test_matches_win_over_places_and_edits_hold_for_both(sides: Sides) -> None:
    here, one, two = sides
    planned = await here.planned((one, 500), (two, 500))
    changes = Edits(
        set=(("x-environment", "100 % blue"), ("x-empty", "")), remove=("x-secret", "x-empty-too")
    )
    stable, candidate = planned.backends
    await here.follow(
        replace(
            planned,
            backends=(stable, replace(candidate, edits=changes)),
            matches=(Match((header("x-canary"),)),),
            matched=two.id,
            sticky=Sticky("who", 60.0),
        )
    )
    mine = ("X-Secret: 1", "X-Environment: red")

    hit = await traffic.send(here.port, here.host, ["/"] * 20, headers=("X-Canary: 1",))
    told = await traffic.get(here.port, here.host, "/echo", ("X-Canary: 1", *mine))
    drawn = [await traffic.get(here.port, here.host, "/echo", mine) for _ in range(40)]

    assert {f"{two.short}-0"} == {answer.body for answer in hit}
    assert not any("set-cookie" in line for answer in hit for line in answer.headers)
    assert "x-environment: 100 % blue\r\n" in told.body
    assert "x-empty: \r\n" in told.body.replace("x-empty:\r\n", "x-empty: \r\n")
    assert "x-secret" not in told.body
    sides_seen = Counter("blue" in answer.body for answer in drawn)
    assert {True, False} == set(sides_seen)
    for answer in drawn:
        assert ("x-secret: 1\r\n" in answer.body) == ("x-environment: red\r\n" in answer.body)
        assert "x-serinus" not in answer.body


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (header("x", "(", pattern=True), "the pattern '[(]' cannot be used"),
        (
            cookie("x", "((a{1,100}){10}){10}", pattern=True),
            "the pattern .* is too large|cannot be",
        ),
        (header("x y"), "'x y' is not the name of a header"),
    ],
)
async def test_what_envoy_would_refuse_holds_nobody_up(
    sides: Sides, condition: Condition, why: str
) -> None:
    await sides.match(header("x-canary"))

    with pytest.raises(Rejected, match=why):
        await sides.match(condition)

    assert await sides.matched("/", "X-Canary: 1")
    assert not await sides.matched("/", "X: (")
