import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.interfaces.demo.histogram import BUCKETS, Histogram, bucket, upper_s


def of(*latencies_s: float) -> Histogram:
    counts = [0] * BUCKETS
    for latency_s in latencies_s:
        counts[bucket(latency_s)] += 1
    return Histogram.of(counts)


@given(st.integers(0, 120_000_000))
def test_a_value_is_told_to_within_a_sixty_fourth(us: int) -> None:
    upper_us = round(upper_s(bucket(us / 1e6 + 1e-9)) * 1e6)

    assert us < upper_us <= us + 1 + us / 64


def test_buckets_follow_each_other() -> None:
    bounds = [upper_s(number) for number in range(BUCKETS)]

    assert bounds == sorted(set(bounds))


@pytest.mark.parametrize("latency_s", [1e4, 1e9])
def test_what_is_too_slow_for_any_bucket_is_counted_in_the_last(latency_s: float) -> None:
    assert bucket(latency_s) == BUCKETS - 1


def test_a_clock_that_goes_backwards_is_counted_in_the_first() -> None:
    assert bucket(-1.0) == 0


def test_quantiles_are_found_from_below() -> None:
    histogram = of(*[0.010] * 98, 0.400, 0.800)

    assert histogram.total == 100
    assert histogram.quantile_s(0.5) == pytest.approx(0.010, rel=0.02)
    assert histogram.quantile_s(0.98) == pytest.approx(0.010, rel=0.02)
    assert histogram.quantile_s(0.99) == pytest.approx(0.400, rel=0.02)
    assert histogram.quantile_s(1.0) == pytest.approx(0.800, rel=0.02)


def test_nothing_has_no_quantile() -> None:
    assert Histogram().quantile_s(0.5) is None


def test_the_growth_of_a_histogram_is_one_as_well() -> None:
    assert of(0.3, 0.001) == of(0.001, 0.001, 0.3).since(of(0.001))
    assert Histogram() == of(0.001).since(of(0.001))
