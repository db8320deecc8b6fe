"""Has the router taken over what was written? Told from its counters alone."""

import msgspec
import pytest

from serinus.adapters.kubernetes.following import Following, Seen
from serinus.adapters.memory.clock import Clock
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.state.counts import MIRRORED, ReplicaCounters, RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Route, Sticky

KEY = Key("team/shop", "prod")
OLD, NEW = "a" * 64, "b" * 64


def route(candidate: int, **more: object) -> Route:
    backends = (Backend(OLD, 1000 - candidate), Backend(NEW, candidate))
    made = Route("team/shop", "prod", "shop.test", backends)
    return msgspec.structs.replace(made, **more) if more else made


class World:
    """A router that splits as it likes, its counters, and who watches them."""

    def __init__(self, every_s: float | None = 1.0) -> None:
        self.clock = Clock()
        self.counted = [0, 0]
        self.scrape: Scrape | None = None
        self.watched = Following(lambda _: self.scrape, lambda _: every_s, self.clock)

    def serve(self, stable: int, candidate: int, seconds: float = 1.0) -> Seen:
        self.clock.move(seconds)
        self.counted = [self.counted[0] + stable, self.counted[1] + candidate]
        both = {
            revision: RevisionCounters({"all": ReplicaCounters(n, n, 0, 0)})
            for revision, n in zip((OLD, NEW), self.counted, strict=True)
        }
        both[f"{NEW}{MIRRORED}"] = RevisionCounters({"all": ReplicaCounters(9999, 9999, 0, 0)})
        self.scrape = Scrape(self.clock.now().timestamp(), both)
        return self.watched.look(KEY)


def test_requests_at_the_new_split_show_that_it_follows() -> None:
    world = World()
    world.watched.changed(KEY, route(10), route(50))
    seen = [world.serve(95, 5).follows for _ in range(8)]

    assert seen[:2] == [False, False]
    assert seen[-1]
    assert "" == world.watched.lag(KEY)


def test_what_was_counted_before_the_change_says_nothing() -> None:
    world = World()
    world.serve(10_000, 10_000)
    world.watched.changed(KEY, route(0), route(500))

    assert not world.serve(100, 0).follows
    assert not world.watched.look(KEY).follows


def test_a_router_that_does_not_follow_is_named_after_the_grace() -> None:
    world = World()
    world.watched.changed(KEY, route(0), route(50))
    early = [world.serve(50, 0) for _ in range(9)]
    later = [world.serve(50, 0) for _ in range(31)]

    assert {Seen(follows=False)} == set(early)
    assert (
        Seen(
            follows=False,
            sentence="the router does not follow: wanted 5 %, seen 0 of 1,950 requests for 40s",
        )
        == later[-1]
    )
    assert later[-1].sentence == world.watched.lag(KEY)


def test_one_that_follows_late_is_seen_to() -> None:
    world = World()
    world.watched.changed(KEY, route(0), route(50))
    for _ in range(40):
        world.serve(50, 0)
    seen = [world.serve(190, 10).follows for _ in range(5)]

    assert seen[-1]
    assert "" == world.watched.lag(KEY)


def test_nobody_who_came_counts_as_following_and_it_is_said() -> None:
    world = World()
    world.watched.changed(KEY, route(0), route(10))
    seen = [world.serve(0, 0) for _ in range(11)]

    assert not seen[8].follows
    assert seen[-1].follows
    assert "nobody came for 10s" in seen[-1].sentence
    assert "" == world.watched.lag(KEY)


def test_too_few_who_came_count_as_following_and_it_is_said() -> None:
    world = World()
    world.watched.changed(KEY, route(0), route(10))
    seen = [world.serve(3, 0) for _ in range(11)]

    assert seen[-1].follows
    assert "are too few to tell 1 % from 0 %" in seen[-1].sentence


def test_a_source_that_is_away_keeps_nobody_waiting_for_ever() -> None:
    world = World()
    world.watched.changed(KEY, route(0), route(10))
    world.clock.move(11)
    seen = world.watched.look(KEY)

    assert seen.follows
    assert "nobody could count for 11s" in seen.sentence


def test_counts_that_come_seldom_are_waited_for_longer() -> None:
    world = World(every_s=15.0)
    world.watched.changed(KEY, route(0), route(10))
    world.clock.move(20)

    assert not world.watched.look(KEY).follows


def test_stragglers_of_the_old_split_are_waited_out() -> None:
    world = World()
    world.watched.changed(KEY, route(500), route(0))
    world.serve(10, 10)
    first = world.serve(18, 2)
    rest = [world.serve(20, 0).follows for _ in range(3)]

    assert not first.follows
    assert rest[-1]


@pytest.mark.parametrize(
    "after",
    [
        route(50, sticky=Sticky("user", 60.0)),
        route(50, matches=(Match((Condition(Part.HEADER, "x", "y"),)),), matched=NEW),
    ],
)
def test_what_is_not_dealt_by_weight_is_believed(after: Route) -> None:
    world = World()
    world.watched.changed(KEY, route(10), after)

    assert Seen(follows=True) == world.watched.look(KEY)


def test_where_nobody_counts_what_is_written_is_believed() -> None:
    world = World(every_s=None)
    world.watched.changed(KEY, route(0), route(10))

    assert Seen(follows=True) == world.watched.look(KEY)


def test_the_same_delivery_again_begins_nothing_anew() -> None:
    world = World()
    world.watched.changed(KEY, route(0), route(10))
    for _ in range(6):
        world.watched.changed(KEY, route(0), route(10))
        world.serve(0, 0, seconds=2.0)

    assert world.watched.look(KEY).follows


def test_a_first_route_and_one_that_moves_no_weight_are_believed() -> None:
    world = World()
    world.watched.changed(KEY, None, route(10))
    first = world.watched.look(KEY)
    world.watched.changed(KEY, route(0), route(10))
    world.watched.changed(KEY, route(10), route(10))
    kept = world.watched.look(KEY)
    world.watched.forget(KEY)

    assert first.follows
    assert not kept.follows
    assert world.watched.look(KEY).follows


def test_counters_that_fell_are_a_new_base() -> None:
    world = World()
    world.watched.changed(KEY, route(0), route(500))
    world.serve(1000, 0)
    world.counted = [0, 0]
    world.serve(5, 5)

    assert not world.watched.look(KEY).follows
    assert world.serve(15, 15).follows
