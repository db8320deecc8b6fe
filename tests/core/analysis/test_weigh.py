from math import log
from random import Random

import pytest

from serinus.core.analysis import judge, weigh
from serinus.core.spec.delivery import Delivery, Strategy
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import ERRORS, LATENCY, OBJECTIVE, TAILS


def test_fresh_evidence_of_all_checks_together_is_one() -> None:
    found = arrivals.opened((), ERRORS, LATENCY, OBJECTIVE)

    assert weigh.combined(found, weigh.parts(found)) == pytest.approx(0.0)


def test_a_delivery_without_checks_has_no_evidence_and_verifies_nothing() -> None:
    found = arrivals.opened()
    nothing = Delivery(strategy=Strategy.RECREATE, steps=())
    bare = judge.open(nothing, (), plan_seconds=60, test=arrivals.RUN)

    assert weigh.combined(bare, weigh.parts(bare)) == 0.0
    assert weigh.accused(bare, []) == ""
    assert not weigh.verified(bare)
    assert weigh.heaviest(found) == "errors"


def test_the_check_that_carries_the_evidence_is_accused() -> None:
    random = Random(31)
    past = arrivals.history(random, tails=TAILS)
    slow, after = arrivals.until_alarm(
        arrivals.opened(past, ERRORS, LATENCY), random, 60, tails=TAILS,
        candidate_tails=(0.6, 0.2, 0.1, 0.05, 0.01),
    )  # fmt: skip

    assert after is not None
    assert weigh.accused(slow, weigh.parts(slow)) == "latency"
    assert slow.charge.theta > 0.01


def test_an_objective_that_stable_violates_too_raises_no_alarm() -> None:
    random = Random(32)
    everybody, after = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random), OBJECTIVE), random, 24, stable=0.2, candidate=0.2
    )

    assert after is None
    assert everybody.violated == "objective"
    assert weigh.shared(everybody, everybody.streams[0])
    assert weigh.combined(everybody, weigh.parts(everybody)) <= log(1 + 1e-9)


def test_an_objective_that_only_the_candidate_violates_raises_it() -> None:
    random = Random(33)
    found, after = arrivals.until_alarm(
        arrivals.opened(arrivals.history(random), OBJECTIVE), random, 24, candidate=0.2
    )

    assert after is not None
    assert not weigh.shared(found, found.streams[0])


def test_a_charge_knows_the_end_of_what_came_before_it() -> None:
    """An outage is accused in the first block already; stable's past ends where that begins."""
    random = Random(34)
    past = arrivals.history(random)
    outage, at_once = arrivals.until_alarm(arrivals.opened(past), random, 4, candidate=1.0)
    slower, later = arrivals.until_alarm(arrivals.opened(past), random, 60, candidate=0.03)

    assert at_once == 5.0
    assert outage.charge.at == 1000.0
    assert later is not None
    assert slower.charge.at == 1000.0 + later - 5.0 > 1000.0
