from random import Random

from serinus.core.analysis import blocks, stream
from serinus.core.spec.delivery import AgainstSlo, AgainstStable, LatencyCheck, NetworkCheck
from serinus.core.spec.wayback import Margin
from serinus.core.state.counts import CANDIDATE, NETWORK, STABLE
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import BOUNDS_MS, ERRORS, LATENCY, OBJECTIVE, TAILS

WIRE = NetworkCheck("network", AgainstStable())


def test_broken_connections_are_counted_where_the_router_tells_of_them() -> None:
    parts = {STABLE: ((500, 1), (500, 0)), CANDIDATE: ((100, 7),)}
    sides = {
        arm: blocks.Side(requests=sum(n for n, _ in found), lines={NETWORK: found})
        for arm, found in parts.items()
    }
    told = blocks.Block(at=5.0, seconds=5.0, sides=sides)
    silent = blocks.Block(at=5.0, seconds=5.0, sides={STABLE: blocks.Side(requests=9)})

    assert ((100, 7, 1000, 1), sides[STABLE]) == stream.counts(stream.open(WIRE), 0, WIRE, told)
    assert stream.counts(stream.open(WIRE), 0, WIRE, silent)[0] is None


def past(ticks: int = 20) -> list[blocks.Block]:
    return [blocks.join([one]) for one in arrivals.history(Random(5), ticks, tails=TAILS)]


def test_bounds_come_from_history_before_anything_is_compared() -> None:
    found = stream.remember(stream.open(LATENCY), LATENCY, past())

    assert [one.bound_ms for one in found.strands] == [50, 100, 250, 500]
    assert found.strands[found.shown].bound_ms == 250
    assert found.strands[0].known > 5000


def test_without_history_bounds_come_from_the_first_hundred_requests_of_stable() -> None:
    found = stream.learn(stream.open(LATENCY), past(1)[0], 5.0)

    assert set(BOUNDS_MS) >= {one.bound_ms for one in found.strands} != set()
    assert all(one.known >= 100 for one in found.strands)


def test_bounds_once_chosen_stay() -> None:
    found = stream.remember(stream.open(LATENCY), LATENCY, past())
    slower = [
        blocks.join([one])
        for one in arrivals.history(Random(6), 20, tails=(0.9, 0.8, 0.7, 0.6, 0.5))
    ]

    later = found
    for block in slower:
        later = stream.learn(later, block, 5.0)

    assert [one.bound_ms for one in later.strands] == [one.bound_ms for one in found.strands]


def test_a_bound_that_the_router_does_not_have_is_said_not_guessed() -> None:
    check = LatencyCheck("latency", AgainstStable(), bounds_ms=(300,))

    found = stream.learn(stream.open(check), past(1)[0], 5.0)

    assert found.problem == (
        "no histogram bound at 300 ms; the router has 50, 100, 250, 500, 1000 ms"
    )


def test_an_objective_for_latency_needs_a_bound() -> None:
    found = stream.open(LatencyCheck("latency", AgainstSlo(0.01)))

    assert found.problem
    assert found.strands == ()


def test_an_objective_needs_no_stable_and_a_comparison_does() -> None:
    block = blocks.join([arrivals.tick(Random(1), 5.0, weight=1.0)])

    assert stream.counts(stream.open(ERRORS), 0, ERRORS, block)[0] is None
    assert stream.counts(stream.open(OBJECTIVE), 0, OBJECTIVE, block)[0] is not None


def test_lines_and_margins_follow_what_a_check_is_against() -> None:
    assert stream.line(ERRORS) == (1.25, 0.0002)
    assert stream.line(OBJECTIVE) == (0.0, 0.01)
    assert stream.margin(ERRORS, Margin()) == (1.5, 0.001)
    assert stream.margin(OBJECTIVE, Margin()) == (0.0, 0.01)
