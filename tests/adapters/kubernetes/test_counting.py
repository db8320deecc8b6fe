"""Counts of a cluster: who is looked at when, and what is said when nobody can be asked."""

from collections.abc import Mapping

import pytest

from serinus.adapters.kubernetes import counting
from serinus.adapters.kubernetes.tally import Crew, Known, Tally
from serinus.adapters.memory.clock import Clock
from serinus.core.state.meaning import Meaning, Place, What
from serinus.core.state.notice import Key
from serinus.ports import failures

pytestmark = pytest.mark.anyio

REVISION = "a" * 64
SHOP, CART, BARE = (Key(f"team/{name}", "prod") for name in ("shop", "cart", "bare"))


class Roster:
    def crew(self, key: Key) -> Crew:
        name = key.application.rpartition("/")[2]
        return Crew({f"{name}-{'a' * 10}": REVISION})


class Source:
    """A router in memory: it counts what a test says; away, it raises that."""

    def __init__(self) -> None:
        self.tally = Tally(network=False)
        self.every_s = 1.0
        self.most = 0
        self.counts: dict[str, float] = {}
        self.away = ""
        self.looks: list[set[str]] = []

    async def look(self, who: Known) -> None:
        self.looks.append({key.application for key in who.keys})
        if self.away:
            raise failures.Unavailable(self.away)
        self.tally.add(
            {"r": [(name, value) for name, value in self.counts.items()]},
            who,
            lambda name: Meaning(What.ENDED, (Place("team", f"{name}-{'a' * 10}"),)),
        )


def made(clock: Clock, sources: Mapping[Key, Source]) -> counting.Counting:
    return counting.Counting(sources.get, Roster(), clock)


async def test_one_source_is_asked_once_for_all_of_its_applications() -> None:
    source = Source()
    source.counts = {"shop": 5, "cart": 7}
    found = await made(Clock(), {SHOP: source, CART: source}).scrape([SHOP, CART, BARE])

    assert [{"team/shop", "team/cart"}] == source.looks
    assert [5, 7] == [counting.requests(found[key].revisions[REVISION]) for key in (SHOP, CART)]
    assert BARE not in found


async def test_what_is_asked_for_each_second_is_looked_at_each_second() -> None:
    source, clock = Source(), Clock()
    counted = made(clock, {SHOP: source, CART: source})
    await counted.scrape([SHOP, CART])
    for _ in range(5):
        clock.move(1)
        await counted.scrape([SHOP])

    assert 6 == len(source.looks)
    assert {"team/shop"} == source.looks[-1]


async def test_what_is_at_rest_is_looked_at_now_and_then() -> None:
    source, clock = Source(), Clock()
    counted = made(clock, {SHOP: source})
    for _ in range(12):
        await counted.scrape([SHOP])
        clock.move(5)

    assert 4 == len(source.looks)


async def test_where_each_costs_a_request_those_at_rest_take_turns() -> None:
    source, clock = Source(), Clock()
    source.most = 2
    keys = [Key(f"team/{name}", "prod") for name in "abcde"]
    counted = made(clock, dict.fromkeys(keys, source))
    for _ in range(3):
        await counted.scrape(keys)
        clock.move(15)
    await counted.scrape([keys[0]])
    clock.move(1)
    await counted.scrape([keys[0]])

    assert [{"team/a", "team/b"}, {"team/c", "team/d"}, {"team/e", "team/a"}] == source.looks[:3]


async def test_an_environment_that_cannot_be_used_blinds_nobody_else() -> None:
    source = Source()

    def find(key: Key) -> Source:
        if key == CART:
            raise failures.Rejected("environment 'prod': spec.counts.scrape: wanted an address")
        return source

    counted = counting.Counting(find, Roster(), Clock())
    found = await counted.scrape([SHOP, CART])
    with pytest.raises(failures.Rejected, match="wanted an address"):
        await counted.scrape([CART])

    assert {SHOP} == set(found)
    assert counted.every_s(CART) is None


async def test_the_same_counts_keep_their_instant() -> None:
    source, clock = Source(), Clock()
    counted = made(clock, {SHOP: source})
    first = (await counted.scrape([SHOP]))[SHOP]
    clock.move(5)

    assert first == (await counted.scrape([SHOP]))[SHOP]
    assert first == counted.latest(SHOP)


async def test_a_source_that_is_away_is_said_until_it_is_back() -> None:
    source, clock = Source(), Clock()
    counted = made(clock, {SHOP: source})
    source.away = "http://router.test cannot be read: nobody listens there"
    for _ in range(2):
        with pytest.raises(failures.Unavailable, match="nobody listens there"):
            await counted.scrape([SHOP])
        clock.move(0.5)
    source.away = ""
    clock.move(1)

    assert {SHOP} == set(await counted.scrape([SHOP]))


async def test_one_source_that_is_away_does_not_blind_the_others() -> None:
    source, other = Source(), Source()
    other.away = "gone"

    assert {SHOP} == set(await made(Clock(), {SHOP: source, CART: other}).scrape([SHOP, CART]))


async def test_an_application_that_nobody_asks_for_is_forgotten() -> None:
    source, clock = Source(), Clock()
    source.counts = {"shop": 5, "cart": 7}
    counted = made(clock, {SHOP: source, CART: source})
    await counted.scrape([SHOP, CART])
    for _ in range(14):
        clock.move(5)
        await counted.scrape([SHOP])

    assert counted.latest(CART) is None
    assert counted.latest(SHOP) is not None


async def test_it_is_known_how_often_there_is_something_new() -> None:
    counted = made(Clock(), {SHOP: Source()})

    assert 1.0 == counted.every_s(SHOP)
    assert counted.every_s(BARE) is None
