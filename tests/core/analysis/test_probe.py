from math import log

from hypothesis import given
from hypothesis import strategies as st

from serinus.core.analysis import probe
from serinus.core.spec.delivery import FULL
from serinus.core.spec.wayback import RetreatPolicy
from serinus.core.state.verdict import Outcome

POLICY = RetreatPolicy()
TERMS = probe.Terms(POLICY.probe, POLICY.probe_limit_s)
LINE = (1.25, 0.0002)


@given(st.floats(0.0, 1.0), st.floats(1e-6, 0.97))
def test_both_bets_are_worse_than_the_limit(theta: float, limit: float) -> None:
    high, low = probe.targets(theta, limit)

    assert limit < low < high <= 1


def test_three_failed_requests_are_enough_for_an_outage() -> None:
    ratios = probe.step(probe.FRESH, (3, 3, 95, 0), 0.98, 0.001, LINE, 1.0)

    assert probe.outcome(ratios, 1.0, TERMS) is Outcome.FAIL


def test_nothing_passes_before_fifteen_seconds() -> None:
    ratios = probe.step(probe.FRESH, (5000, 0, 95_000, 95), 0.05, 0.001, LINE, 1.0)

    assert ratios[1] < -log(POLICY.alarm)
    assert probe.outcome(ratios, 14.9, TERMS) is Outcome.INCONCLUSIVE
    assert probe.outcome(ratios, 15.0, TERMS) is Outcome.PASS


def test_a_probe_passes_when_its_time_is_over() -> None:
    assert probe.outcome(probe.FRESH, 299.0, TERMS) is Outcome.INCONCLUSIVE
    assert probe.outcome(probe.FRESH, 300.0, TERMS) is Outcome.PASS


def test_the_last_probe_goes_on_until_the_ledger_is_full() -> None:
    """It takes 40:1 to fail; that it says 20:1 is no failure yet, and out of time it is one."""
    terms = probe.Terms(POLICY.probe, POLICY.probe_limit_s, needed=log(40))
    ratios = (log(20), log(20))

    assert probe.outcome(ratios, 60.0, TERMS) is Outcome.FAIL
    assert probe.outcome(ratios, 60.0, terms) is Outcome.INCONCLUSIVE
    assert probe.outcome((log(40), log(40)), 60.0, terms) is Outcome.FAIL
    assert probe.outcome(ratios, POLICY.probe_limit_s, terms) is Outcome.FAIL


def test_a_probe_that_needs_much_to_fail_passes_as_easily_as_any_other() -> None:
    terms = probe.Terms(POLICY.probe, POLICY.probe_limit_s, needed=log(40))

    assert probe.outcome((-log(11), -log(11)), 15.0, terms) is Outcome.PASS


def test_an_outage_is_probed_with_little_traffic_and_a_small_regression_with_more() -> None:
    outage = probe.share(0.98, 0.00145, 1.0, 1000.0, POLICY)
    small = probe.share(0.01, 0.00145, 1.0, 1000.0, POLICY)

    assert outage == POLICY.min_share
    assert outage < small < FULL


def test_without_traffic_the_share_is_everything() -> None:
    assert probe.share(0.98, 0.00145, 1.0, 0.0, POLICY) == FULL


def test_where_stable_fails_nearly_always_a_probe_bets_on_nothing() -> None:
    """Everything is allowed beside it, so that no share could be called worse."""
    ratios = probe.step(probe.FRESH, (50, 50, 950, 900), 0.98, 0.95, LINE, 1.0)

    assert ratios == probe.FRESH
