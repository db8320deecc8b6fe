import pytest

from serinus.core.analysis import burnrate
from serinus.core.spec.delivery import (
    BURNS,
    AgainstSlo,
    AgainstStable,
    Burn,
    Check,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
)
from serinus.core.state.counts import Arm
from serinus.core.state.rollup import Rollup, Sum
from serinus.core.state.verdict import BudgetReading
from tests import builders

DAY = 86_400.0
MONTH = 30 * DAY
BOTH = ("stable", "candidate")
OBJECTIVE = AgainstSlo(max=0.001, over_s=MONTH, burns=BURNS, freeze=True)
ERRORS = ErrorsCheck("errors", OBJECTIVE)
SLOW = LatencyCheck("latency", AgainstSlo(max=0.01, over_s=DAY), bounds_ms=(250,))
LINES = LogCheck("faults", AgainstSlo(max=0.01, over_s=DAY), pattern="fault")


def read(check: Check = ERRORS, **windows: Sum) -> BudgetReading:
    """Read a budget by sums of windows such as ``h1`` and ``m5``; the others are quiet."""
    units = {"m": 60.0, "h": 3600.0, "d": DAY}
    sums = {float(length): Sum(1000, 0) for length in burnrate.windows(check)}
    return burnrate.reading(
        check, sums | {units[name[0]] * int(name[1:]): found for name, found in windows.items()}
    )


# --- what is counted ----------------------------------------------------------------------------


def test_a_check_has_a_budget_when_its_objective_has_a_length() -> None:
    without = (
        ErrorsCheck("errors", AgainstStable()),
        LatencyCheck("latency", AgainstSlo(max=0.01), bounds_ms=(250,)),
    )

    assert (ERRORS, LINES) == burnrate.budgeted(builders.delivery(checks=(ERRORS, *without, LINES)))


def test_requests_of_both_arms_are_all_of_the_application() -> None:
    at = int(builders.at(1).timestamp())

    assert (
        Rollup("errors", at, 100, 1),
        Rollup("slower than 250 ms", at, 100, 4),
    ) == burnrate.roll(builders.tick(5), (ERRORS, SLOW), BOTH)


def test_copies_of_requests_can_be_left_out() -> None:
    (rolled,) = burnrate.roll(builders.tick(5), (ERRORS,), ("stable",))

    assert (90, 1) == (rolled.requests, rolled.bad)


def test_lines_of_the_log_are_counted_for_each_request() -> None:
    arm = Arm({"a-0": (10, 0), "a-1": (20, 0)}, lines={"a-0": {"faults": 2}, "a-1": {"other": 3}})
    (rolled,) = burnrate.roll(builders.tick(5, arms={"stable": arm}), (LINES,), BOTH)

    assert (30, 2) == (rolled.requests, rolled.bad)


def test_a_bound_that_the_router_does_not_count_adds_nothing() -> None:
    other = LatencyCheck("latency", OBJECTIVE, bounds_ms=(300,))

    assert () == burnrate.roll(builders.tick(5), (other,), BOTH)


def test_a_tick_without_a_histogram_adds_no_timed_requests() -> None:
    arms = {"stable": Arm({"a-0": (90, 1)}), "candidate": Arm({"b-0": (9, 0)}, 9, (2,))}

    assert [Rollup("slower than 250 ms", int(builders.at(1).timestamp()), 9, 2)] == list(
        burnrate.roll(builders.tick(5, arms=arms), (SLOW,), BOTH)
    )


def test_a_quiet_tick_adds_nothing() -> None:
    assert () == burnrate.roll(builders.tick(5, arms={}), (ERRORS,), BOTH)


def test_of_several_bounds_the_lowest_is_counted() -> None:
    assert "slower than 100 ms" == burnrate.series(
        LatencyCheck("latency", OBJECTIVE, bounds_ms=(250, 100))
    )


def test_the_windows_are_the_budget_and_its_pairs() -> None:
    assert (MONTH, 3600, 300, 21_600, 1800, 259_200) == burnrate.windows(ERRORS)
    assert (DAY,) == burnrate.windows(SLOW)


# --- how it stands ------------------------------------------------------------------------------


def test_the_budget_is_a_part_of_all_requests_of_its_window() -> None:
    found = read(d30=Sum(5_000_000, 4150))

    assert 0.83 == pytest.approx(found.spent)
    assert (5_000_000, 4150) == (found.requests, found.bad)
    assert ("", False) == (found.burning, found.freeze)
    assert (
        "errors: 83 % of the 30-day budget of 0.1 % is spent"
        " (4,150 of 5,000 bad requests, of 5,000,000 in all)"
    ) == found.sentence


def test_a_budget_without_requests_is_whole() -> None:
    found = read(d30=Sum())

    assert (0.0, False) == (found.spent, found.freeze)
    assert (
        "errors: the 30-day budget of 0.1 % is whole, no requests were counted yet"
    ) == found.sentence


def test_a_spent_budget_freezes_when_its_check_says_so() -> None:
    lenient = ErrorsCheck("errors", AgainstSlo(max=0.001, over_s=MONTH))
    spent = Sum(5_000_000, 5000)

    assert read(d30=spent).freeze
    assert not read(lenient, d30=spent).freeze
    assert not read(d30=Sum(5_000_000, 4999)).freeze


def test_nothing_follows_from_a_few_bad_requests() -> None:
    found = read(d30=Sum(50, 9), h1=Sum(50, 9), m5=Sum(50, 9))

    assert 180.0 == pytest.approx(found.spent)
    assert (False, "") == (found.freeze, found.burning)
    assert found.sentence.endswith("nothing follows from fewer than 10 bad requests")
    assert "(9 of 0.1 bad requests, of 50 in all)" in found.sentence


def test_it_burns_when_both_windows_of_a_pair_are_above_the_rate() -> None:
    found = read(d30=Sum(5_000_000, 900), h1=Sum(10_000, 160), m5=Sum(800, 14))

    assert "errors burns 16 times too fast over 1h and 5m" == found.burning
    assert found.sentence.endswith("; burns 16 times too fast over 1h and 5m")
    assert not found.freeze


def test_what_is_over_burns_no_more() -> None:
    assert "" == read(h1=Sum(10_000, 160), m5=Sum(800, 1)).burning


def test_what_has_only_begun_does_not_burn_yet() -> None:
    assert "" == read(h1=Sum(10_000, 20), m5=Sum(800, 20)).burning


def test_a_slow_fire_is_seen_in_the_longer_windows() -> None:
    found = read(h6=Sum(60_000, 480), m30=Sum(5000, 45))

    assert "errors burns 8 times too fast over 6h and 30m" == found.burning


def test_the_pairs_may_be_ones_own() -> None:
    own = ErrorsCheck("mine", AgainstSlo(max=0.01, over_s=43_200, burns=(Burn(600, 60, 2.0),)))
    found = read(own, h12=Sum(5000, 40), m10=Sum(400, 12), m1=Sum(40, 2))

    assert "mine burns 3 times too fast over 10m and 1m" == found.burning
    assert found.sentence.startswith("mine: 80 % of the 12h budget of 1 % is spent")


def test_an_objective_of_none_is_spent_by_the_first_one() -> None:
    never = ErrorsCheck("errors", AgainstSlo(max=0.0, over_s=MONTH, burns=BURNS, freeze=True))

    assert (1.0, True) == (read(never, d30=Sum(9, 10)).spent, read(never, d30=Sum(9, 10)).freeze)
    assert 0.0 == read(never, d30=Sum(9, 0)).spent
