"""What happened, and when, for who goes on telling where another controller stopped."""

from datetime import timedelta

from msgspec.structs import replace

from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.store import Specs, Store
from serinus.app import chronicle
from serinus.app.chronicle import Chronicle
from serinus.core.state.notice import Event
from serinus.core.state.release import Phase
from tests import builders
from tests.builders import SHOP


class World:
    """A store in which a release happens."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = Store(Specs())

    async def happens(
        self, *sentences: str, ago_s: float = 0.0, ended_s: float | None = None
    ) -> None:
        now = self.clock.now()
        release = builders.release()
        if ended_s is not None:
            ended = now - timedelta(seconds=ended_s)
            release = replace(builders.ended(Phase.ROLLED_BACK, 7), ended_at=ended)
        known = await self.store.status(SHOP)
        status = builders.status(release=release, version=known.version if known else 0)
        at = now - timedelta(seconds=ago_s)
        await self.store.record(status, events=[builders.event(one, at=at) for one in sentences])

    async def begun(self) -> Chronicle:
        return await Chronicle.begin(self.store, self.clock)


def sentences(events: list[Event] | tuple[Event, ...]) -> list[str]:
    return [event.sentence for event in events]


async def test_the_next_controller_goes_on_at_the_bookmark_of_the_last_one() -> None:
    world = World()
    first = await world.begun()
    await world.happens("One.")
    (told,) = await first.events()
    world.clock.move(1.0)
    await world.happens("Two.")
    world.clock.move(1.0)

    second = await world.begun()
    assert ["Two."] == sentences(list(await second.events(after=told.sequence)))


async def test_numbers_are_instants_and_only_grow() -> None:
    world = World()
    found = await world.begun()
    await world.happens("One.", "Two.")
    await world.happens("Later written, and earlier decided.")

    one, two, late = await found.events()
    assert chronicle.number(world.clock.now()) == one.sequence
    assert one.sequence < two.sequence < late.sequence
    assert world.clock.now() == chronicle.instant(one.sequence)


async def test_what_is_decided_now_and_written_a_moment_later_is_not_missed() -> None:
    world = World()
    found = await world.begun()
    last = await found.newest()
    await world.happens("Decided at this very moment.")

    assert ["Decided at this very moment."] == sentences(list(await found.events(after=last)))


async def test_a_new_place_is_told_nothing_of_before() -> None:
    world = World()
    await world.happens("Before.", ago_s=10.0)
    found = await world.begun()

    assert [] == await found.events(after=await found.newest())


async def test_what_is_put_in_later_and_happened_before_is_told_once() -> None:
    world = World()
    await world.happens("Before.", ago_s=10.0)
    found = await world.begun()
    before = list(await found.events())
    await world.happens("Before.", ago_s=10.0)

    assert ["Before."] == sentences(before) == sentences(list(await found.events()))


async def test_what_is_long_ago_and_whose_release_is_over_is_not_looked_for() -> None:
    world = World()
    await world.happens("An hour ago.", ago_s=3601.0)
    old = await (await world.begun()).events()
    await world.happens("Its end.", ago_s=60.0, ended_s=3601.0)

    assert ([], []) == (old, await (await world.begun()).events())


async def test_a_release_that_ended_a_moment_ago_is_told_to_its_end() -> None:
    world = World()
    await world.happens("Its end.", ago_s=5.0, ended_s=5.0)

    assert ["Its end."] == sentences(list(await (await world.begun()).events()))


async def test_all_else_is_the_stores_own() -> None:
    world = World()
    await world.happens("One.")
    found = await world.begun()

    assert await world.store.status(SHOP) == await found.status(SHOP)
    assert await world.store.asked(SHOP) == await found.asked(SHOP)
    assert await world.store.release(SHOP, 7) == await found.release(SHOP, 7)
    assert await world.store.reading(SHOP, 7) == await found.reading(SHOP, 7)
