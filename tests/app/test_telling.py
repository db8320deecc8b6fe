"""Who is told what, how often, and what a dead place costs the others: nothing."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import anyio

from serinus.adapters.memory.store import Specs, Store
from serinus.app import telling
from serinus.app.telling import Telling
from serinus.core.spec.topics import ALL, Topic
from serinus.core.state.notice import Event, Key, Kind
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase
from serinus.ports import failures
from serinus.ports.notifier import Message
from tests import builders
from tests.app.test_loop_rest import Clock, settle
from tests.builders import SHOP

EVERYTHING = {"local": ALL}


class Place:
    """A place that fails as often as a test says, and takes its time."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.problems: list[failures.PortFailure] = []
        self.tries: list[float] = []
        self.got: list[Message] = []
        self.hangs = False

    async def send(self, message: Message) -> None:
        self.tries.append(self.clock.now().timestamp())
        if self.hangs:
            await anyio.sleep_forever()
        if self.problems:
            raise self.problems.pop(0)
        self.got.append(message)

    @property
    def bodies(self) -> list[str]:
        return [message.body.splitlines()[0] for message in self.got]


class Bookmarks:
    """Bookmarks in memory."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}
        self.full = False

    def read(self) -> Mapping[str, int]:
        return self.known

    def write(self, place: str, sequence: int) -> None:
        if self.full:
            raise failures.Unavailable("the disk is full")
        self.known[place] = sequence


class World:
    """A store in which things happen, and places that want to know."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.store = Store(Specs())
        self.bookmarks = Bookmarks()
        self.wishes: telling.Wishes = {"chat": EVERYTHING, "pager": EVERYTHING}
        self.places = {name: Place(self.clock) for name in ("chat", "pager", "mail")}
        self.made = 0

    @property
    def chat(self) -> Place:
        return self.places["chat"]

    def make(self, name: str) -> Place:
        self.made += 1
        return self.places[name]

    async def happens(self, *sentences: str, key: Key = SHOP, ago_s: float = 0.0) -> None:
        """Let things happen to an application, now."""
        at = self.clock.now().timestamp() - ago_s
        events = [
            Event(
                at=type(self.clock.now()).fromtimestamp(at, self.clock.now().tzinfo),
                application=key.application,
                environment=key.environment,
                kind=Kind.RESULT,
                reason="ItIsSo",
                sentence=sentence,
            )
            for sentence in sentences
        ]
        status = await self.store.status(key) or Status(key=key)
        await self.store.record(status, events=events)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tell, for the length of a block."""
        told = Telling(self.store, self.clock, self.bookmarks, lambda: self.wishes, self.make)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(told.run)
            await settle()
            yield
            tasks.cancel_scope.cancel()


BACK = "Rolled back: errors 12 %."
HELD = "Held at 0: errors 12 %."


async def test_every_place_is_told_what_happens() -> None:
    world = World()
    async with world.running():
        await world.happens("Step 1 of 5.", BACK)
        await world.clock.run(2.0)

    assert [BACK] == world.chat.bodies == world.places["pager"].bodies


async def test_a_message_tells_the_release_as_it_is_and_what_to_type() -> None:
    world = World()
    async with world.running():
        event = builders.event(HELD, at=world.clock.now(), kind=Kind.RETREAT)
        release = builders.release(phase=Phase.HELD, sentence=HELD)
        await world.store.record(builders.status(release=release), events=[event])
        await world.clock.run(2.0)

    (message,) = world.chat.got
    assert "shop v1 → v2 (local #7): held, a person is needed" == message.title
    assert "4,812 requests met v2" in message.body
    assert "> serinus retry shop" in message.body


async def test_a_message_about_an_older_release_has_no_commands() -> None:
    world = World()
    async with world.running():
        event = builders.event(BACK, at=world.clock.now(), kind=Kind.RESULT)
        status = await world.store.record(builders.status(), events=[event])
        later = builders.release(8, version="v3")
        await world.store.record(builders.status(release=later, version=status.version))
        await world.clock.run(2.0)

    assert "#7" in world.chat.got[0].title
    assert ">" not in world.chat.got[0].body


async def test_a_place_gets_what_it_wants() -> None:
    world = World()
    world.wishes = {
        "chat": {"local": frozenset({Topic.ROLLBACK})},
        "pager": {"local": frozenset({Topic.HOLD})},
    }
    async with world.running():
        await world.happens(BACK, HELD)
        await world.clock.run(2.0)

    assert ([BACK], [HELD]) == (world.chat.bodies, world.places["pager"].bodies)


async def test_a_place_is_told_of_the_environments_that_name_it() -> None:
    world = World()
    world.wishes = {"chat": {"local": ALL}, "pager": {"prod": ALL}}
    async with world.running():
        await world.happens(BACK)
        await world.happens(HELD, key=Key("shop", "prod"))
        await world.clock.run(2.0)

    assert ([BACK], [HELD]) == (world.chat.bodies, world.places["pager"].bodies)


async def test_a_new_place_begins_with_what_happens_next_and_a_removed_one_ends() -> None:
    world = World()
    await world.happens(BACK)
    async with world.running():
        await world.clock.run(2.0)
        world.wishes = {"mail": EVERYTHING}
        await world.clock.run(telling.WISHES_S)
        await world.happens(HELD)
        await world.clock.run(2.0)

    assert ([], [HELD]) == (world.chat.bodies, world.places["mail"].bodies)


async def test_after_a_restart_nothing_is_told_twice_and_nothing_is_left_out() -> None:
    world = World()
    async with world.running():
        await world.happens(BACK)
        await world.clock.run(2.0)
    await world.happens(HELD)
    async with world.running():
        await world.clock.run(2.0)

    assert [BACK, HELD] == world.chat.bodies


async def test_what_happened_more_than_an_hour_ago_is_not_told() -> None:
    world = World()
    async with world.running():
        await world.clock.run(2.0)
    await world.happens(BACK, ago_s=3601.0)
    await world.happens(HELD, ago_s=3500.0)
    async with world.running():
        await world.clock.run(2.0)

    assert [HELD] == world.chat.bodies


async def test_a_store_that_was_begun_anew_is_told_from_its_beginning() -> None:
    world = World()
    world.bookmarks.known = {"chat": 4711, "pager": 0}
    await world.happens(BACK)
    async with world.running():
        await world.clock.run(2.0)

    assert [BACK] == world.chat.bodies


async def test_a_failure_is_tried_three_times_and_then_given_up() -> None:
    world = World()
    world.chat.problems = [failures.Unavailable("down") for _ in range(3)]
    async with world.running():
        await world.happens(BACK, HELD)
        await world.clock.run(60.0)

    first, second, third, fourth = world.chat.tries
    assert telling.PAUSES_S == (second - first, third - second)
    assert third == fourth
    assert [HELD] == world.chat.bodies


async def test_what_will_never_be_taken_is_not_tried_again() -> None:
    world = World()
    world.chat.problems = [failures.Rejected("no such channel")]
    async with world.running():
        await world.happens(BACK)
        await world.clock.run(60.0)

    assert 1 == len(world.chat.tries)


async def test_a_places_own_wish_for_peace_is_respected_within_reason() -> None:
    world = World()
    world.chat.problems = [
        failures.Unavailable("busy", retry_after_s=30.0),
        failures.Unavailable("busy", retry_after_s=1e9),
    ]
    async with world.running():
        await world.happens(BACK)
        await world.clock.run(120.0)

    first, second, third = world.chat.tries
    assert (30.0, telling.LONGEST_S) == (second - first, third - second)


async def test_a_dead_place_does_not_delay_another() -> None:
    world = World()
    world.chat.hangs = True
    async with world.running():
        await world.happens(BACK)
        await world.clock.run(2.0)
        await world.happens(HELD)
        await world.clock.run(2.0)

    assert [BACK, HELD] == world.places["pager"].bodies


async def test_a_storm_becomes_some_messages_and_one_that_counts_the_rest() -> None:
    world = World()
    blog = Key("blog", "local")
    async with world.running():
        await world.happens(*[f"{BACK} {number}" for number in range(22)])
        await world.happens(HELD, key=blog)
        await world.clock.run(30.0)
        early = list(world.chat.bodies)
        await world.clock.run(60.0)
        late = world.chat.bodies[len(early) :]

    assert [f"{BACK} {number}" for number in range(10)] + [HELD] == early
    assert [f"And 12 messages more about shop; the last one: {BACK} 21"] == late


async def test_what_was_kept_back_in_a_storm_outlives_a_restart() -> None:
    world = World()
    async with world.running():
        await world.happens(*[f"{BACK} {number}" for number in range(12)])
        await world.clock.run(2.0)
    assert 10 == world.bookmarks.known["chat"]
    async with world.running():
        await world.clock.run(2.0)

    assert [f"{BACK} {number}" for number in range(12)] == world.chat.bodies


async def test_a_full_disk_is_told_in_the_log_and_people_are_told_all_the_same() -> None:
    world = World()
    world.bookmarks.full = True
    async with world.running():
        await world.happens(BACK)
        await world.clock.run(3.0)
        world.bookmarks.full = False
        await world.clock.run(3.0)

    assert [BACK] == world.chat.bodies
    assert 1 == world.bookmarks.known["chat"]
