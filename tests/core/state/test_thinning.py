from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from serinus.core.state.counts import Arm, Tick
from serinus.core.state.thinning import thin
from tests import builders

counts = st.tuples(st.integers(0, 1000), st.integers(0, 10))
arms = st.builds(
    Arm,
    replicas=st.dictionaries(st.sampled_from(["a-0", "a-1", "b-0"]), counts, max_size=3),
    timed=st.integers(0, 1000),
    slower=st.tuples(st.integers(0, 10), st.integers(0, 10)),
)
ticks = st.builds(
    Tick,
    at=st.integers(1, 2000).map(float),
    seconds=st.just(5.0),
    arms=st.dictionaries(st.sampled_from(["stable", "candidate", "twin"]), arms),
    bounds_ms=st.sampled_from([(100, 200), (50, 500)]),
    masked=st.sampled_from([(), ("a-0",)]),
)


def total(found: list[Tick] | tuple[Tick, ...]) -> Counter[tuple[object, ...]]:
    sums: Counter[tuple[object, ...]] = Counter()
    for tick in found:
        sums["seconds",] += round(tick.seconds)
        for name, arm in tick.arms.items():
            sums[name, "timed"] += arm.timed
            for replica, (requests, errors) in arm.replicas.items():
                sums[name, replica, "requests"] += requests
                sums[name, replica, "errors"] += errors
            for bound, slower in zip(tick.bounds_ms, arm.slower, strict=True):
                sums[name, bound] += slower
    return sums


@given(st.lists(ticks, max_size=30))
def test_no_request_is_lost_and_thinning_again_changes_nothing(found: list[Tick]) -> None:
    thinned = thin(found, 60)

    assert total(found) == total(thinned)
    assert list(thinned) == sorted(thinned, key=lambda tick: tick.at)
    assert thinned == thin(thinned, 60)


def test_a_tick_belongs_to_the_window_that_it_closes() -> None:
    found = [builders.tick(seconds) for seconds in (55, 60, 65)]

    first, second = thin(found, 60)
    assert (builders.at(0, 60).timestamp(), 10.0) == (first.at, first.seconds)
    assert (builders.at(0, 65).timestamp(), 5.0) == (second.at, second.seconds)


def test_nothing_becomes_nothing() -> None:
    assert () == thin([], 60)
