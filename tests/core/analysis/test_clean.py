import math
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.analysis import clean
from serinus.core.analysis.clean import Memory
from serinus.core.state.counts import ReplicaCounters, RevisionCounters, Scrape, Tick

ARMS = {"stable": "old", "candidate": "new"}
Counters = tuple[Any, Any, Any, Any]


def scrape(at: float, new: Mapping[str, Counters], old: Mapping[str, Counters]) -> Scrape:
    """Counters are (started, completed, errors, active)."""
    return Scrape(
        at,
        {
            "new": RevisionCounters({name: ReplicaCounters(*c) for name, c in new.items()}),
            "old": RevisionCounters({name: ReplicaCounters(*c) for name, c in old.items()}),
        },
    )


def timed(at: float, new: tuple[int, ...], old: tuple[int, ...]) -> Scrape:
    """Histograms with bounds at 100 and 500 ms: (at most 100, at most 500, all)."""

    def revision(counts: tuple[int, ...], bounds: tuple[int, ...] = (100, 500)) -> RevisionCounters:
        return RevisionCounters({}, bounds if counts else (), counts[:-1], sum(counts[-1:]))

    return Scrape(at, {"new": revision(new), "old": revision(old)})


def ticks(*scrapes: Scrape, masked: tuple[str, ...] = ()) -> list[Tick]:
    before, memory, found = None, Memory(), []
    for after in scrapes:
        tick, memory = clean.difference(before, after, ARMS, masked, memory)
        memory = msgspec.json.decode(msgspec.json.encode(memory), type=Memory)
        before = after
        if tick is not None:
            found.append(tick)
    return found


def candidate(*scrapes: Scrape) -> list[tuple[int, int]]:
    return [(t.arms["candidate"].requests, t.arms["candidate"].errors) for t in ticks(*scrapes)]


def test_a_tick_is_what_was_added_for_each_replica() -> None:
    one = scrape(10, {"c0": (100, 100, 3, 0)}, {"s1": (50, 50, 0, 0), "s0": (900, 900, 1, 0)})
    two = scrape(11, {"c0": (110, 110, 5, 0)}, {"s1": (60, 59, 0, 1), "s0": (990, 990, 1, 0)})

    (tick,) = ticks(one, two, masked=("s1", "gone"))

    assert (tick.at, tick.seconds) == (11, 1)
    assert tick.arms["candidate"].replicas == {"c0": (10, 2)}
    assert tick.arms["stable"].replicas == {"s0": (90, 0), "s1": (9, 0)}
    assert tick.masked == ("s1",)


def test_the_first_scrape_and_one_without_time_make_no_tick() -> None:
    one = scrape(10, {"c0": (100, 100, 3, 0)}, {})

    assert ticks(one) == []
    assert ticks(one, one) == []


def test_a_replica_that_appears_counts_from_nothing_and_one_that_goes_is_dropped() -> None:
    one = scrape(10, {"c0": (100, 100, 3, 0)}, {})
    two = scrape(11, {"c1": (7, 7, 1, 0)}, {})

    assert ticks(one, two)[0].arms["candidate"].replicas == {"c1": (7, 1)}


def test_a_counter_that_was_reset_counts_from_nothing() -> None:
    one = scrape(10, {"c0": (100, 100, 3, 0)}, {})
    two = scrape(11, {"c0": (4, 4, 1, 0)}, {})

    assert candidate(one, two) == [(4, 1)]


def test_an_error_that_is_counted_before_its_completion_waits_for_it() -> None:
    one = scrape(10, {"c0": (100, 100, 3, 0)}, {})
    two = scrape(11, {"c0": (101, 100, 4, 1)}, {})
    three = scrape(12, {"c0": (101, 101, 4, 0)}, {})

    assert candidate(one, two, three) == [(0, 0), (1, 1)]


def test_counts_that_cannot_be_true_drop_the_tick_of_all_arms() -> None:
    one = scrape(10, {"c0": (100, 100, 3, 0)}, {"s0": (100, 100, 0, 0)})
    two = scrape(11, {"c0": (101, 101, 90, 0)}, {"s0": (200, 200, 0, 0)})

    (tick,) = ticks(one, two)

    assert tick.arms["candidate"].requests == tick.arms["stable"].requests == 0


def test_a_vanished_request_is_an_error_once_two_scrapes_agree() -> None:
    scrapes = [scrape(at, {"c0": (100, 98, 0, 1 if at > 10 else 2)}, {}) for at in range(10, 15)]

    assert candidate(*scrapes) == [(0, 0), (1, 1), (0, 0), (0, 0)]


def test_a_request_between_two_counters_is_no_error() -> None:
    one = scrape(10, {"c0": (100, 100, 0, 0)}, {})
    two = scrape(11, {"c0": (102, 100, 0, 0)}, {})
    three = scrape(12, {"c0": (102, 102, 0, 0)}, {})

    assert candidate(one, two, three) == [(0, 0), (2, 0)]


def test_many_vanished_requests_are_believed_at_once() -> None:
    one = scrape(10, {"c0": (100, 50, 0, 50)}, {})
    two = scrape(11, {"c0": (100, 50, 0, 0)}, {})
    three = scrape(12, {"c0": (100, 50, 0, 0)}, {})

    assert candidate(one, two, three) == [(46, 46), (4, 4)]


def hang(seconds: int, each: int = 10, timeout: int = 15) -> list[Scrape]:
    """A candidate whose every request hangs until a timeout, which is an error; stable is well."""
    found = []
    for at in range(seconds + 1):
        started = each * at
        ended = each * max(0, at - timeout)
        found.append(
            scrape(
                at,
                {"c0": (started, ended, ended, started - ended)},
                {"s0": (90 * at, 90 * at, 0, 1)},
            )
        )
    return found


def test_requests_that_hang_are_errors_after_five_seconds() -> None:
    found = candidate(*hang(12))

    assert found[:5] == [(0, 0)] * 5
    assert found[5:] == [(10, 10)] * 7


def test_requests_that_hung_are_counted_once_when_they_end() -> None:
    scrapes = hang(40)
    last = scrapes[-1].revisions["new"].replicas["c0"]
    done = (last.started, last.started, last.errors, 0)  # those still active end well after all
    scrapes += [scrape(at, {"c0": done}, {"s0": (90 * at, 90 * at, 0, 1)}) for at in (41, 42, 43)]

    found = candidate(*scrapes)

    assert sum(n for n, _ in found) == last.started
    assert 340 <= sum(x for _, x in found) <= last.started


def test_what_stable_shows_of_long_requests_is_usual() -> None:
    """An application that holds each request for a minute: the candidate is only younger."""
    found = []
    for at in range(100, 130):
        young = 10 * (at - 100)
        found.append(
            scrape(
                at,
                {"c0": (young, 0, 0, young)},
                {"s0": (90 * at, 90 * (at - 60), 0, 90 * 60)},
            )
        )

    assert all(x == 0 for _, x in candidate(*found))
    assert all(tick.arms["stable"].errors == 0 for tick in ticks(*found))


def test_what_was_usual_stays_so_when_stable_no_longer_serves() -> None:
    """The same application, and everybody is switched to the candidate at 130."""
    found = []
    for at in range(100, 200):
        old, new = min(at, 130), max(at, 130)
        ended = 100 * max(0, new - 60 - 130)
        found.append(
            scrape(
                at,
                {"c0": (100 * (new - 130), ended, 0, 100 * (new - 130) - ended)},
                {"s0": (100 * old, 100 * (at - 60), 0, 100 * max(0, old - (at - 60)))},
            )
        )
    told = candidate(*found)

    assert sum(x for _, x in told) == 0
    assert sum(n for n, _ in told) == 100 * 9


def test_latency_is_what_was_slower_than_each_bound() -> None:
    (tick,) = ticks(timed(1, (90, 99, 100), (10, 10, 10)), timed(2, (170, 195, 200), (20, 20, 20)))

    assert tick.bounds_ms == (100, 500)
    assert (tick.arms["candidate"].timed, tick.arms["candidate"].slower) == (100, (20, 4))
    assert (tick.arms["stable"].timed, tick.arms["stable"].slower) == (10, (0, 0))


def test_a_histogram_that_was_reset_counts_from_nothing() -> None:
    (tick,) = ticks(timed(1, (90, 99, 100), (0, 0, 0)), timed(2, (7, 9, 10), (0, 0, 0)))

    assert (tick.arms["candidate"].timed, tick.arms["candidate"].slower) == (10, (3, 1))


def test_arms_with_different_bounds_say_nothing_about_latency() -> None:
    one = timed(1, (90, 99, 100), (10, 10, 10))
    other = RevisionCounters({}, (250,), (5,), 5)
    two = Scrape(2, {"new": one.revisions["new"], "old": other})

    assert ticks(one, two)[0].bounds_ms == ()


def test_an_arm_without_a_histogram_yet_leaves_the_other_its_own() -> None:
    (tick,) = ticks(timed(1, (), (10, 10, 10)), timed(2, (), (20, 20, 25)))

    assert tick.arms["candidate"].timed == 0
    assert tick.arms["stable"].slower == (5, 5)


def test_overdue_requests_are_slower_than_every_bound_and_timed_once() -> None:
    plain = hang(30)
    found = []
    for one in plain:
        counters = one.revisions["new"].replicas["c0"].completed
        new = msgspec.structs.replace(
            one.revisions["new"], bounds_ms=(100, 500), buckets=(0, 0), timed=counters
        )
        found.append(Scrape(one.at, {**one.revisions, "new": new}))

    arms = [tick.arms["candidate"] for tick in ticks(*found)]

    assert sum(arm.timed for arm in arms) == sum(arm.slower[1] for arm in arms) == 250
    assert arms[6].slower == (10, 10)


# --- what cannot be true -------------------------------------------------------------------------

WELL = {"s0": (900, 900, 9, 0)}


def after(*candidates: Counters | None, stable: Mapping[str, Counters] = WELL) -> list[int]:
    """Return the candidate's requests of each tick; None: its replica is not in the scrape."""
    scrapes = [scrape(at, {"c0": one} if one else {}, stable) for at, one in enumerate(candidates)]
    return [n for n, _ in candidate(*scrapes)]


@pytest.mark.parametrize(
    "broken",
    [
        (-1, 100, 0, 0),
        (110, 110, 0, -1),
        (110, math.nan, 0, 0),
        (math.inf, math.inf, 0, 0),
        (110.5, 110.5, 0, 0),
        (110, 110, 120, 0),
    ],
)
def test_broken_counts_drop_the_tick_and_are_counted_from_when_they_are_whole(
    broken: Counters,
) -> None:
    good = [(100, 100, 0, 0), broken, (120, 120, 0, 0), (130, 130, 0, 0)]

    assert after(*good) == [0, 0, 10]
    (tick, *_) = ticks(
        scrape(1, {"c0": good[0]}, {"s0": (10, 10, 0, 0)}),
        scrape(2, {"c0": broken}, {"s0": (90, 90, 9, 0)}),
    )
    assert tick.arms["stable"].requests == 0


def test_a_counter_that_falls_a_little_is_no_restart() -> None:
    assert after((1000, 1000, 3, 0), (900, 900, 3, 0), (910, 910, 3, 0)) == [0, 10]
    assert after((1000, 1000, 3, 0), (1010, 1010, 2, 0), (1020, 1020, 2, 0)) == [0, 10]


def test_a_counter_that_falls_and_comes_back_is_no_restart_the_second_time() -> None:
    high, low = (10_000, 10_000, 3, 0), (50, 50, 0, 0)
    back, again = (10_010, 10_010, 3, 0), (60, 60, 0, 0)

    assert after(high, low, back, again, back) == [50, 0, 0, 0]


def test_a_replica_that_was_away_is_not_counted_from_nothing() -> None:
    assert after((1000, 1000, 3, 0), None, (1500, 1500, 9, 0), (1510, 1510, 9, 0)) == [0, 0, 10]


def test_who_was_seen_is_remembered_when_all_else_is_forgotten() -> None:
    _, memory = clean.difference(
        None, scrape(1, {"c0": (1000, 1000, 3, 0)}, WELL), ARMS, (), Memory()
    )
    _, memory = clean.difference(None, scrape(2, {}, WELL), ARMS, (), clean.forget(memory))
    tick, _ = clean.difference(
        scrape(2, {}, WELL), scrape(3, {"c0": (1010, 1010, 3, 0)}, WELL), ARMS, (), memory
    )

    assert tick is not None
    assert tick.arms["candidate"].requests == 0


def test_arms_that_swap_a_name_or_counts_drop_the_tick() -> None:
    one = scrape(1, {"c0": (10, 10, 0, 0)}, {"s0": (1000, 1000, 50, 0)})
    named = scrape(2, {"s0": (1010, 1010, 50, 0)}, {"c0": (11, 11, 0, 0)})
    counted = scrape(2, {"c0": (1010, 1010, 50, 0)}, {"s0": (11, 11, 0, 0)})

    for other in (named, counted):
        (tick,) = ticks(one, other)
        assert all(arm.requests == 0 for arm in tick.arms.values())


@pytest.mark.parametrize(
    "odd", [(99, 90, 100), (90, 120, 110), (95, 105, 104), (math.nan, 105, 110)]
)
def test_buckets_that_are_none_say_nothing_about_latency(odd: tuple[int, ...]) -> None:
    (tick,) = ticks(timed(1, (90, 99, 100), (10, 10, 10)), timed(2, odd, (20, 20, 20)))

    assert tick.arms["candidate"].timed == 0


def test_a_histogram_that_was_away_is_not_counted_from_nothing() -> None:
    scrapes = [
        timed(at, new, (10 * at, 10 * at, 10 * at))
        for at, new in enumerate([(90, 99, 100), (), (900, 990, 1000), (909, 1000, 1010)])
    ]

    assert [tick.arms["candidate"].timed for tick in ticks(*scrapes)] == [0, 0, 10]


STEP = st.tuples(
    st.integers(0, 50), st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.2), st.booleans()
)


@given(st.lists(STEP, max_size=40))
def test_counts_are_never_odd_and_every_request_counts_at_most_once(
    steps: list[tuple[int, float, float, float, bool]],
) -> None:
    started = completed = errors = gone = 0
    scrapes, restarted = [scrape(0, {"c0": (0, 0, 0, 0)}, {})], False
    every = 0
    for at, (more, ending, failing, leaving, reset) in enumerate(steps, start=1):
        if reset and started > 30:
            every, started, completed, errors, gone = every + started, 0, 0, 0, 0
            restarted = True
        started += more
        ended = int((started - completed - gone) * ending)
        completed, errors = completed + ended, errors + int(ended * failing)
        gone += int((started - completed - gone) * leaving)
        active = started - completed - gone
        scrapes.append(scrape(at, {"c0": (started, completed, errors, active)}, {}))

    found = candidate(*scrapes)

    assert all(0 <= x <= n for n, x in found)
    assert sum(n for n, _ in found) <= every + started + (4 if restarted else 0)
