from math import comb, exp, log
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.analysis import judge, routing
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.routing import Routing
from serinus.core.state.counts import CANDIDATE, STABLE, TWIN, Arm, Tick
from tests.core.analysis import arrivals


def seconds(wanted: int | None, n: int, n_c: int, twin: int = 0) -> Tick:
    """A second of so many requests, ``n_c`` of them the candidate's."""
    arms = {CANDIDATE: Arm({"c0": (n_c, 0)}), STABLE: Arm({"s0": (n - n_c - twin, 0)})}
    if twin:
        arms[TWIN] = Arm({"s1": (twin, 0)})
    return Tick(at=0.0, seconds=1.0, arms=arms, wanted=wanted)


def routed(
    random: Random,
    share: float,
    ticks: int,
    *,
    wanted: int = 50,
    clump: int = 1,
    found: Routing | None = None,
) -> Routing:
    """100 requests each second, in clumps that go to the same arm."""
    found = found or Routing()
    for _ in range(ticks):
        n_c = clump * sum(random.random() < share for _ in range(100 // clump))
        found = routing.advance(found, seconds(wanted, 100, n_c))
    return found


@given(st.integers(1, 12), st.floats(0.001, 0.999), st.floats(0, 1))
def test_every_bet_on_an_allowed_router_is_worth_at_most_one(
    n: int, share: float, within: float
) -> None:
    odds = share / (1 - share) * routing.ALLOWED ** (2 * within - 1)
    p = odds / (1 + odds)
    means = [0.0] * (2 * len(routing.TIMES))
    for x in range(n + 1):
        chance = comb(n, x) * p**x * (1 - p) ** (n - x)
        for place, gain in enumerate(routing.gains(n, x, share)):
            means[place] += chance * exp(gain)

    assert max(means) <= 1 + 1e-9


def test_a_router_that_gives_nearly_twice_as_much_is_told_within_two_minutes() -> None:
    found = routed(Random(1), 0.091, 120)

    assert routing.sentence(found).startswith("the router does not follow: ")
    assert "reached the candidate, 5 % were wanted (evidence over 1,000:1)" in routing.sentence(
        found
    )
    assert 0.08 < found.recent[1] / found.recent[0] < 0.1


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_so_is_one_that_gives_much_less_or_much_more(share: float) -> None:
    assert routing.sentence(routed(Random(2), share, 120))


@pytest.mark.parametrize("clump", [1, 5, 20])
def test_a_router_that_follows_is_left_alone_however_its_requests_clump(clump: int) -> None:
    for seed in range(5):
        found = routed(Random(seed), 0.05, 1800, clump=clump)

        assert routing.sentence(found) == ""


def test_one_that_begins_to_drift_late_is_told_as_well() -> None:
    random = Random(3)
    found = routed(random, 0.05, 1200)
    assert not found.told

    assert routing.sentence(routed(random, 0.1, 120, found=found))


def test_what_was_told_stays_and_is_told_as_past_once_it_is() -> None:
    random = Random(4)
    found = routed(random, 0.2, 120)
    back = routed(random, 0.05, 600, found=found)

    assert routing.sentence(back).startswith("the router did not follow for a while: ")
    assert routing.sentence(back).endswith("5 % were wanted; it does now")
    gone = routing.advance(back, seconds(0, 100, 0))
    assert routing.sentence(gone).endswith("5 % were wanted")


def test_the_first_block_at_a_share_says_nothing() -> None:
    """Requests that began at the former share end in it."""
    found = Routing()
    for _ in range(5):
        found = routing.advance(found, seconds(500, 100, 0))

    assert (found.settled, found.cash, found.recent) == (True, 1.0, (0.0, 0.0))
    changed = routing.advance(found, seconds(250, 100, 0))
    assert (changed.settled, changed.wanted) == (False, 250)


@pytest.mark.parametrize("wanted", [None, 0, 1000])
def test_where_nothing_is_drawn_nothing_is_judged(wanted: int | None) -> None:
    found = Routing()
    for _ in range(60):
        found = routing.advance(found, seconds(wanted, 100, 90))

    assert found == Routing()


def test_twins_of_stable_are_requests_that_the_candidate_did_not_get() -> None:
    random, found = Random(5), Routing()
    for _ in range(300):
        n_c = sum(random.random() < 0.05 for _ in range(100))
        found = routing.advance(found, seconds(50, 100, n_c, twin=45))

    assert routing.sentence(found) == ""


def test_without_requests_no_evidence() -> None:
    found = Routing()
    for _ in range(60):
        found = routing.advance(found, seconds(50, 0, 0))

    assert found.evidence == 0.0


def test_it_is_read_with_the_rest_and_outlives_a_restart() -> None:
    random, once = Random(6), arrivals.opened()
    again = once
    for i in range(1, 41):
        tick = msgspec.structs.replace(arrivals.tick(random, 1000.0 + 5 * i, weight=0.2), wanted=50)
        once = judge.advance(once, tick)
        again = msgspec.msgpack.decode(msgspec.msgpack.encode(again), type=Judge)
        again = judge.advance(again, tick)

        assert judge.reading(again) == judge.reading(once)

    (doubt,) = judge.reading(once).doubts
    assert "reached the candidate, 5 % were wanted" in doubt
    assert not judge.reading(once).alarm
    assert once.routing.evidence >= log(routing.LEVEL)
