from math import inf, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.errors import Problem, SpecError
from serinus.core.state.counts import CANDIDATE, STABLE, TWIN, Arm, Tick
from serinus.lab import counted
from tests.lab import small

KNOWN = "stable, candidate, twin; or latency, lines, samples, seconds or truth beside them"
LAYOUT = "one for each of 2 bounds and one beyond the last"
ONE = small.scenario(bounds_ms=(100, 500))
GOOD = {"stable": {"s0": (950, 1)}, "candidate": {"c0": (50, 0)}}


def said(found: Any) -> str:
    with pytest.raises(SpecError) as wrong:
        counted.tick(found, small.BEGIN, ONE, 7)
    return str(wrong.value)


def test_a_tick_is_put_in_the_words_of_the_judge() -> None:
    latency = {"stable": {"s0": (900, 40, 10), "s1": (1, 1, 1)}}

    found = counted.tick({**GOOD, "twin": {}, "latency": latency}, small.BEGIN, ONE, 1)

    stable = Arm({"s0": (950, 1)}, 953, (52, 11))
    arms = {STABLE: stable, CANDIDATE: Arm({"c0": (50, 0)})}
    assert Tick(small.BEGIN, 5.0, arms, (100, 500)) == found


def test_numbers_of_numpy_become_plain_ones() -> None:
    found = counted.tick({"twin": {"t0": np.array([9, 2])}}, small.BEGIN, ONE, 1)

    assert {"t0": (9, 2)} == found.arms[TWIN].replicas
    assert all(type(number) is int for number in found.arms[TWIN].replicas["t0"])


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((-1, 0), "-1 requests; wanted a whole number, 0 or more"),
        ((5.5, 0), "5.5 requests; wanted a whole number, 0 or more"),
        ((nan, 0), "nan requests; wanted a whole number, 0 or more"),
        ((inf, 0), "inf requests; wanted a whole number, 0 or more"),
        ((50, -2), "-2 errors; wanted a whole number, 0 or more"),
        ((50, None), "None (NoneType) errors; wanted a whole number, 0 or more"),
        ((50, 51), "51 errors in 50 requests; wanted at most as many"),
        ((50,), "(50,) (tuple); wanted (requests, errors)"),
        (50, "50; wanted (requests, errors)"),
    ],
)
def test_an_odd_count_is_told_with_its_place(counts: Any, sentence: str) -> None:
    assert f"small: tick 7: candidate: c0: {sentence}" == said(
        {**GOOD, "candidate": {"c0": counts}}
    )


def test_all_that_is_wrong_with_a_tick_is_told_at_once() -> None:
    found = said({"stable": {"s0": (1, 2)}, "canary": {}, "candidate": {"c0": (-1, 0)}})

    assert [
        f"small: tick 7: unknown arm 'canary'; wanted {KNOWN}",
        "small: tick 7: stable: s0: 2 errors in 1 requests; wanted at most as many",
        "small: tick 7: candidate: c0: -1 requests; wanted a whole number, 0 or more",
    ] == found.splitlines()


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (3, f": 3; wanted a dict such as {counted.EXAMPLE}"),
        ({"stable": 3}, ': stable: 3; wanted its pods, such as {"s0": (950, 1)}'),
        (
            {**GOOD, "latency": 1},
            ": latency: 1; wanted for each arm its pods, each with counts of the buckets",
        ),
        (
            {**GOOD, "latency": {"stable": {"s0": (1, 2)}}},
            f": latency of stable: s0: 2 counts; wanted 3, {LAYOUT}",
        ),
        (
            {**GOOD, "latency": {"stable": {"s0": (1, 2, -3)}}},
            ": latency of stable: s0: -3 requests; wanted a whole number, 0 or more",
        ),
        (
            {**GOOD, "latency": {"canary": {}}},
            ": latency of canary: unknown arm; wanted stable, candidate, twin",
        ),
    ],
)
def test_what_is_no_tick_is_told(found: Any, sentence: str) -> None:
    assert f"small: tick 7{sentence}" == said(found)


@given(
    st.dictionaries(
        st.sampled_from(["stable", "candidate", "twin", "latency", "truth", "other"]),
        st.none()
        | st.integers()
        | st.dictionaries(
            st.text(max_size=2),
            st.tuples(st.integers(), st.floats()) | st.tuples(st.integers(0), st.integers(0)),
        ),
        max_size=3,
    )
)
def test_whatever_is_yielded_becomes_sound_counts_or_an_error_that_names_the_tick(
    found: Any,
) -> None:
    problems: tuple[Problem, ...] = ()
    pods: list[tuple[int, int]] = []
    try:
        tick = counted.tick(found, small.BEGIN, ONE, 7)
        pods = [counts for arm in tick.arms.values() for counts in arm.replicas.values()]
    except SpecError as wrong:
        problems = wrong.problems

    assert all(problem.path.startswith("small: tick 7") for problem in problems)
    assert all(0 <= x <= n for n, x in pods)


@pytest.mark.parametrize("told", [{"stable": 0.1}, {"stable": 0.1, "candidate": 2}, 3, "x"])
def test_a_truth_that_is_no_pair_of_shares_is_told(told: Any) -> None:
    with pytest.raises(SpecError, match=r"small: tick 7: truth: .*; wanted shares between 0 and 1"):
        counted.truth({"truth": told}, ONE, 7)


def test_what_is_true_may_be_left_out() -> None:
    assert counted.truth({}, ONE, 1) is None
    told = {"truth": {"stable": 0.1, "candidate": 0.2}}
    assert counted.Truth(0.1, 0.2) == counted.truth(told, ONE, 1)


# --- lines, samples, seconds ---------------------------------------------------------------------

MANY = small.scenario(lines=("refused",), gauges=("memory",))


def said_of_many(beside: dict[str, Any]) -> str:
    with pytest.raises(SpecError) as wrong:
        counted.tick({**GOOD, **beside}, small.BEGIN, MANY, 7)
    return str(wrong.value)


def test_lines_samples_and_the_length_of_a_tick_are_read() -> None:
    found = {
        **GOOD,
        "lines": {"candidate": {"c0": {"refused": np.int64(2)}}, "twin": {}},
        "samples": {"memory": {"stable": 5, "candidate": nan}},
        "seconds": 15,
    }

    tick = counted.tick(found, small.BEGIN, MANY, 1)
    (sample,) = counted.samples(found, small.BEGIN, MANY)

    assert (15.0, {"c0": {"refused": 2}}) == (tick.seconds, tick.arms[CANDIDATE].lines)
    assert ("memory", small.BEGIN, 5.0) == (sample.check, sample.at, sample.values[STABLE])
    assert sample.values[CANDIDATE] != sample.values[CANDIDATE]
    assert () == counted.samples(GOOD, small.BEGIN, MANY)


@pytest.mark.parametrize(
    ("beside", "sentence"),
    [
        ({"seconds": 0}, "seconds: 0; wanted how long the tick was"),
        ({"seconds": inf}, "seconds: inf; wanted how long the tick was"),
        ({"lines": 3}, f"lines: 3; wanted such as {counted.LINES}"),
        ({"lines": {"canary": {}}}, "lines of canary: unknown arm; wanted stable, candidate, twin"),
        ({"lines": {"stable": 3}}, "lines of stable: 3; wanted its pods, each with its checks"),
        ({"lines": {"stable": {"s9": {}}}}, "lines of stable: s9: no such pod in the tick"),
        ({"lines": {"stable": {"s0": 3}}}, "lines of stable: s0: 3; wanted its checks"),
        (
            {"lines": {"stable": {"s0": {"broken": 1}}}},
            "lines of stable: s0: unknown check 'broken'; LINES names refused",
        ),
        (
            {"lines": {"stable": {"s0": {"refused": -1}}}},
            "lines of stable: s0: -1 requests of refused; wanted a whole number, 0 or more",
        ),
        ({"samples": 3}, f"samples: 3; wanted such as {counted.SAMPLES}"),
        ({"samples": {"disk": {}}}, "samples: unknown check 'disk'; GAUGES names memory"),
        ({"samples": {"memory": 3}}, "samples: memory: 3; wanted a number for each arm"),
        (
            {"samples": {"memory": {"stable": True}}},
            "samples: memory: stable: True; wanted a number for stable, candidate, twin",
        ),
        (
            {"samples": {"memory": {"canary": 3}}},
            "samples: memory: canary: 3; wanted a number for stable, candidate, twin",
        ),
    ],
)
def test_what_stands_beside_the_arms_is_checked(beside: dict[str, Any], sentence: str) -> None:
    assert f"small: tick 7: {sentence}" == said_of_many(beside)


def test_a_scenario_that_names_no_checks_has_none() -> None:
    found = {**GOOD, "lines": {"stable": {"s0": {"refused": 1}}}, "samples": {"memory": {}}}

    assert [
        "small: tick 7: lines of stable: s0: unknown check 'refused'; LINES names none",
        "small: tick 7: samples: unknown check 'memory'; GAUGES names none",
    ] == said(found).splitlines()
