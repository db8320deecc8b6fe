from itertools import product
from math import exp, factorial, log, prod
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.analysis import judge, shape
from serinus.core.analysis.blocks import Block, Side
from serinus.core.analysis.shape import Shape
from serinus.core.state.counts import CANDIDATE, STABLE
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import LATENCY, TAILS

SEEN = st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
FASTER = (0.3, 0.05, 0.01, 0.001, 0.0)


def block(own: tuple[int, ...], other: tuple[int, ...]) -> Block:
    """Requests at most 100 ms, at most 500 ms, and beyond."""

    def side(counts: tuple[int, ...]) -> Side:
        slower = tuple(sum(counts[i + 1 :]) for i in range(len(counts) - 1))
        return Side(timed=sum(counts), slower=slower)

    return Block(
        at=5.0, seconds=5.0, sides={CANDIDATE: side(own), STABLE: side(other)}, bounds_ms=(100, 500)
    )


def shares(n: int, p: tuple[float, ...]) -> dict[tuple[int, ...], float]:
    """Return all ways in which n independent requests fall into buckets, with their chances."""
    found = {}
    for part in product(range(n + 1), repeat=len(p)):
        if sum(part) == n:
            ways = factorial(n) // prod(factorial(x) for x in part)
            found[part] = ways * prod(q**x for q, x in zip(p, part, strict=True))
    return found


@given(SEEN, SEEN, st.integers(1, 4), st.integers(1, 4), st.floats(0, 1), st.floats(0, 1))
def test_with_equal_arms_a_block_is_worth_at_most_one(  # noqa: PLR0917  the terms of one claim
    own: tuple[int, ...], other: tuple[int, ...], n_c: int, n_p: int, a: float, b: float
) -> None:
    """All outcomes of a few independent requests, whatever was seen before."""
    known = Shape((100, 500), own, other)
    p = (a, (1 - a) * b, (1 - a) * (1 - b))
    mean = sum(
        chance * other_chance * exp(shape.gain(known, part, rest))
        for part, chance in shares(n_c, p).items()
        for rest, other_chance in shares(n_p, p).items()
    )

    assert mean <= 1 + 1e-9


def test_a_version_that_got_faster_is_distributed_otherwise_and_no_alarm() -> None:
    random = Random(1)
    found = arrivals.opened(arrivals.history(random, tails=TAILS), LATENCY)
    found, after = arrivals.until_alarm(
        found, random, 60, weight=0.25, tails=TAILS, candidate_tails=FASTER
    )
    (doubt,) = judge.reading(found).doubts

    assert after is None
    assert doubt.startswith("the latency is distributed otherwise: 7")
    assert "took at most 50 ms, 51 % of stable's (evidence over 1,000:1)" in doubt


def test_arms_with_the_same_latency_are_not_told_apart() -> None:
    for seed in range(4):
        random = Random(seed)
        found = arrivals.opened(arrivals.history(random, tails=TAILS), LATENCY)
        found, _ = arrivals.until_alarm(found, random, 200, weight=0.25, tails=TAILS)

        assert judge.reading(found).doubts == ()


def test_other_bounds_begin_anew_and_blocks_without_latency_change_nothing() -> None:
    found = shape.step(Shape(), block((80, 15, 5), (800, 150, 50)), 1.0)
    other = shape.step(Shape((50,), (1, 1), (9, 9), evidence=3.0), block((8, 1, 1), (80, 15, 5)), 1)

    assert (found.candidate, found.stable) == ((80, 15, 5), (800, 150, 50))
    assert other.bounds_ms == (100, 500)
    assert abs(other.evidence) < 0.5
    assert shape.step(found, Block(9.0, 5.0, {}), 1.0) is found
    assert shape.step(found, Block(9.0, 5.0, {}, (100, 500)), 1.0) is found


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ((10, 80, 10), "80 % of the candidate's requests took 100 ms to 500 ms, 10 % of stable's"),
        ((80, 10, 10), ""),
        ((10, 10, 80), "80 % of the candidate's requests took more than 500 ms"),
    ],
)
def test_it_is_said_where_they_differ_most(own: tuple[int, ...], told: str) -> None:
    found = Shape((100, 500), own, (800, 100, 100), evidence=20.0, told=own != (80, 10, 10))

    assert told in shape.sentence(found)
    assert shape.sentence(Shape()) == ""
    assert log(shape.LEVEL) < 20
