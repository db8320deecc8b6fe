"""The forecast keeps its laws, and the real judge, on seeded traffic, keeps the forecast."""

from math import log
from random import Random
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.core.analysis import forecast, judge
from serinus.core.analysis.ground import Course, Ground, Question, Span
from serinus.core.spec.wayback import RetreatPolicy
from serinus.core.state.counts import Arm, Tick
from tests.core.analysis import arrivals

LINE = (1.25, 0.0002)
MARGIN = (1.5, 0.001)
RAMP = (Span(0.05, 300.0), Span(0.10, 300.0), Span(0.25, 300.0), Span(0.5, 900.0))
POLICY = RetreatPolicy(probes=2)


def field(
    rate: float = 100.0,
    spans: tuple[Span, ...] = RAMP,
    stable: float = 0.001,
    alarm: float = 10.0,
    phi: float = 1.0,
) -> Ground:
    plan_s = sum(span.seconds for span in spans)
    return Ground(Question(LINE, stable, log(alarm), 0.0, phi), Course(rate, spans, 5.0, plan_s))


def seconds(theta: float, found: Ground, since: int = 0) -> float:
    seen = forecast.detect(found, theta, since)
    return float("inf") if seen is None else seen.seconds


# --- its laws -----------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    st.floats(0.5, 2000.0),
    st.sampled_from([0.0, 0.0001, 0.001, 0.01, 0.05]),
    st.floats(0.002, 0.5),
    st.integers(0, 3),
)
def test_a_larger_regression_is_seen_no_later(
    rate: float, stable: float, theta: float, since: int
) -> None:
    found = field(rate, stable=stable)

    assert seconds(min(2 * theta, 1.0), found, since) <= seconds(theta, found, since)


@settings(max_examples=60)
@given(st.floats(0.5, 1000.0), st.floats(0.005, 1.0), st.floats(0.01, 0.2))
def test_more_requests_or_more_of_them_show_it_sooner(
    rate: float, theta: float, share: float
) -> None:
    plain = seconds(theta, field(rate, (Span(share, 1800.0),)))

    assert seconds(theta, field(3 * rate, (Span(share, 1800.0),))) <= plain
    assert seconds(theta, field(rate, (Span(2 * share, 1800.0),))) <= plain


@settings(max_examples=40)
@given(st.floats(1.0, 1000.0), st.floats(0.005, 1.0))
def test_clumps_and_a_higher_alarm_make_it_later(rate: float, theta: float) -> None:
    plain = seconds(theta, field(rate))

    assert plain <= seconds(theta, field(rate, phi=3.0))
    assert plain <= seconds(theta, field(rate, alarm=100.0))


@pytest.mark.parametrize("rate", [1.0, 10.0, 100.0, 1000.0])
def test_the_smallest_that_is_seen_shrinks_with_time_and_is_seen(rate: float) -> None:
    found = field(rate)
    ends = [300.0, 600.0, 900.0, 1800.0]
    sizes = [forecast.smallest(found, end) for end in ends]

    assert None not in sizes
    known = [size for size in sizes if size is not None]
    assert sorted(known, reverse=True) == known
    for size, end in zip(known, ends, strict=True):
        assert seconds(size, found) <= end < seconds(size * 0.97, found)


def test_what_is_allowed_is_never_seen_and_neither_is_anything_without_requests() -> None:
    assert forecast.detect(field(), 0.00145) is None
    assert forecast.detect(field(), 0.0001) is None
    assert forecast.detect(field(0.001), 1.0) is None
    assert forecast.smallest(field(0.001), 1800.0) is None
    assert forecast.detect(field(spans=(Span(0.0, 600.0),)), 1.0) is None
    assert forecast.detect(field(stable=0.9), 1.0) is None


def test_an_objective_is_judged_without_stable() -> None:
    question = Question((0.0, 0.01), 0.001, log(10))
    whole = Ground(question, Course(10.0, (Span(1.0, 600.0),), 5.0, 600.0))

    seen = forecast.detect(whole, 0.05)

    assert seen is not None
    assert 5 <= seen.seconds <= 60
    assert forecast.detect(whole, 0.009) is None


def test_an_outage_is_seen_after_one_block_and_what_it_costs_is_told() -> None:
    seen = forecast.detect(field(), 1.0)

    assert seen == (5.0, 25.0, 25.0)


def test_a_regression_that_begins_later_meets_less_capital_but_more_traffic() -> None:
    alike = (Span(0.05, 600.0), Span(0.05, 1200.0))

    assert seconds(0.02, field(spans=alike)) < seconds(0.02, field(spans=alike), 1)
    assert seconds(0.02, field(), 3) < seconds(0.02, field())


# --- the values of the method's design, at an alarm of 100 --------------------------------------


@pytest.mark.parametrize(
    ("rate", "theta", "wanted"),
    [(100, 0.005, 431), (100, 0.01, 146), (100, 0.02, 53), (100, 0.05, 18), (10, 1.0, 8)],
)
def test_times_are_those_that_simulations_of_the_method_found(
    rate: float, theta: float, wanted: float
) -> None:
    found = seconds(theta, field(rate, alarm=100.0))

    assert found == pytest.approx(wanted, rel=0.25, abs=5)


@pytest.mark.parametrize(("rate", "wanted"), [(10, 0.0050), (100, 0.0023), (1000, 0.0017)])
def test_the_smallest_regressions_are_those_of_the_design(rate: float, wanted: float) -> None:
    found = forecast.smallest(field(rate, alarm=100.0), 1800.0)

    assert found == pytest.approx(wanted, rel=0.25)


def test_with_little_traffic_stables_past_makes_it_earlier_than_in_the_design() -> None:
    little = field(1, alarm=100.0)
    found = forecast.smallest(little, 1800.0)

    assert found is not None
    assert 0.010 <= found <= 0.021
    assert 500 <= seconds(0.05, little) <= 974


@pytest.mark.parametrize(
    ("rate", "share", "wanted"),
    [(100, 0.10, 539), (100, 0.5, 186), (100, 0.05, 1119), (1000, 0.05, 117)],
)
def test_safety_is_shown_when_simulations_show_it(rate: float, share: float, wanted: float) -> None:
    question, course = Question(LINE, 0.001, log(100)), Course(rate, (Span(share, 3600),), 5, 3600)

    found = forecast.verify(question, course, MARGIN, 0.05)

    assert found == pytest.approx(wanted, rel=0.25)


def test_safety_takes_as_long_as_it_takes_beyond_the_plan() -> None:
    question = Question(LINE, 0.001, log(10))
    short = Course(100.0, (Span(0.05, 60.0),), 5.0, 60.0)
    long = Course(100.0, (Span(0.05, 6000.0),), 5.0, 6000.0)

    assert forecast.verify(question, short, MARGIN, 0.05) == forecast.verify(
        question, long, MARGIN, 0.05
    )
    # Stable itself is not within the margin, or nobody is served.
    assert forecast.verify(question, long, (0.0, 0.0005), 0.05) is None
    assert forecast.verify(question, long._replace(rate=0.0), MARGIN, 0.05) is None


# --- for good -----------------------------------------------------------------------------------


def test_giving_up_for_good_takes_all_probes() -> None:
    found = field()
    seen = forecast.detect(found, 0.05)
    assert seen is not None

    two = forecast.decide(found, 0.05, seen, 50, POLICY)
    four = forecast.decide(found, 0.05, seen, 50, RetreatPolicy(probes=4))

    assert two is not None
    assert four is not None
    assert seen.seconds + 10 <= two.seconds < four.seconds
    assert seen.bad < two.bad < four.bad
    assert 10 <= two.share <= 50


def test_a_probe_without_requests_decides_nothing() -> None:
    found = field(0.2)
    seen = forecast.Seen(600.0, 3.0, 3.0)

    assert forecast.decide(found, 0.02, seen, 50, POLICY) is None


# --- the real judge -----------------------------------------------------------------------------


def tick(random: Random, at: float, rate: float, share: float, bad: tuple[float, float]) -> Tick:
    """A tick in which a bad share of 1 means all of the requests."""

    def arm(names: tuple[str, ...], mean: float, theta: float) -> Arm:
        counts = {name: arrivals.poisson(random, mean / len(names)) for name in names}
        return Arm(
            {
                name: (n, n if theta >= 1 else min(n, arrivals.poisson(random, n * theta)))
                for name, n in counts.items()
            }
        )

    return Tick(
        at=at,
        seconds=5.0,
        arms={
            "stable": arm(arrivals.STABLE, rate * 5 * (1 - share), bad[0]),
            "candidate": arm(("c0",), rate * 5 * share, bad[1]),
        },
    )


def played(rate: float, theta: float, since: int, seed: int) -> float:
    """Return the seconds from the begin of the regression to the alarm of the judge."""
    random = Random(seed)
    history = arrivals.history(random, 120, rate=rate)
    found = judge.open(arrivals.delivery(), history, plan_seconds=1800, test=arrivals.RUN)
    at = 1000.0
    begun = at + sum(span.seconds for span in RAMP[:since])
    for place, span in enumerate(RAMP):
        for _ in range(round(span.seconds / 5)):
            at += 5
            bad = (0.001, theta if place >= since else 0.001)
            found = judge.advance(found, tick(random, at, rate, span.share, bad))
            if found.alarmed:
                return at - begun
    return float("inf")


@pytest.mark.parametrize(
    ("rate", "theta", "since", "runs"),
    [
        (100, 0.01, 0, 101),
        (100, 0.005, 0, 121),
        (10, 0.02, 0, 61),
        (10, 0.05, 3, 41),
        (1, 1.0, 0, 101),
        (1, 0.05, 0, 61),
        (100, 0.01, 3, 41),
    ],
)
def test_the_judge_sees_it_when_the_forecast_says(
    rate: float, theta: float, since: int, runs: int
) -> None:
    simulated = median(played(rate, theta, since, seed) for seed in range(runs))

    # Within a quarter, as a median of so few runs is off by a tenth; and blocks are 5 s long.
    assert seconds(theta, field(rate), since) == pytest.approx(simulated, rel=0.25, abs=10)
