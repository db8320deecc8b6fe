from itertools import islice
from math import isfinite, log
from random import Random

import msgspec
import pytest

from serinus.core.analysis import gauge, question
from serinus.core.analysis.gauge import Gauge
from serinus.core.spec.delivery import Compared
from serinus.core.spec.wayback import RetreatPolicy
from serinus.core.state.verdict import Outcome
from tests.core.analysis import numbers

EXACT = Compared(ratio=1.0, plus=0.0)
PIECE = 0.4 / 360


def known(random: Random, phi: float = 0.0, count: int = numbers.HOUR) -> Gauge:
    return gauge.remember(list(islice(numbers.noise(random, phi), count)))


def alarm_after(
    random: Random, phi: float, shift: float = 0.0, count: int = numbers.HOUR, looks: int = 360
) -> int | None:
    found = known(random, phi, count)
    own, stable = numbers.noise(random, phi), numbers.noise(random, phi)
    for look in range(1, looks + 1):
        pair = (next(own) + shift, next(stable))
        found = gauge.learn(gauge.run(found, EXACT, pair, PIECE), *pair)
        if found.evidence >= log(10):
            return look
    return None


def jumped(found: Gauge, level: float = 100.0) -> Gauge:
    """The candidate has had as many numbers as are needed, all the same."""
    for _ in range(gauge.FIRST + 1):
        found = gauge.learn(found, level, None)
    return found


# --- what is allowed -----------------------------------------------------------------------------


def test_more_may_be_allowed_by_a_ratio_and_a_sum() -> None:
    assert 135.0 == gauge.limit(Compared(ratio=1.25, plus=10.0), 100.0)
    assert 15.0 == gauge.deviation(Compared(ratio=1.25, plus=10.0), 150.0, 100.0)


def test_where_lower_is_worse_it_may_be_that_much_lower() -> None:
    lower = Compared(ratio=1.25, plus=10.0, higher=False)

    assert 70.0 == pytest.approx(gauge.limit(lower, 100.0))
    assert 20.0 == pytest.approx(gauge.deviation(lower, 50.0, 100.0))


def test_a_negative_number_has_its_room_as_well() -> None:
    assert -75.0 == gauge.limit(Compared(), -100.0)
    assert -120.0 == pytest.approx(gauge.limit(Compared(higher=False), -100.0))


# --- evidence ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phi", "count"), [(0.0, 720), (0.9, 720), (0.97, 720), (0.9, 0)])
def test_a_healthy_candidate_at_its_limit_rarely_alarms(phi: float, count: int) -> None:
    random = Random(5)
    found = [alarm_after(random, phi, count=count, looks=240) for _ in range(25)]

    assert sum(one is not None for one in found) <= 1


@pytest.mark.parametrize(("shift", "most"), [(1.0, 80), (2.0, 24), (4.0, 14)])
def test_a_worse_candidate_is_found_the_sooner_the_worse_it_is(shift: float, most: int) -> None:
    random = Random(6)
    found = [alarm_after(random, 0.0, shift) or 999 for _ in range(10)]

    assert sum(found) / 10 <= most
    assert min(found) >= gauge.FIRST + 3


def test_one_wild_number_does_not_alarm() -> None:
    found = gauge.run(jumped(known(Random(7))), EXACT, (1e12, 100.0), PIECE)

    assert 0.0 < found.evidence <= gauge.MOST


def test_nothing_is_bet_before_the_noise_is_known() -> None:
    young, wandering = jumped(Gauge()), jumped(known(Random(8), 0.97, 60))
    still = known(Random(8))

    assert gauge.run(young, EXACT, (500.0, 100.0), PIECE) == young
    assert gauge.run(still, EXACT, (500.0, 100.0), PIECE) == still
    assert gauge.run(wandering, EXACT, (500.0, 100.0), PIECE) == wandering


def test_noise_that_is_small_beside_the_margin_need_not_be_known_well() -> None:
    found = jumped(gauge.remember([1e9] * 12), 1e9)
    for _ in range(4):
        found = gauge.run(found, Compared(), (2e9, 1e9), PIECE)

    assert found.evidence >= log(10)


def test_a_candidate_within_its_margin_gathers_no_evidence() -> None:
    found = jumped(gauge.remember([1e9] * 12), 1e9)
    for _ in range(100):
        found = gauge.run(found, Compared(), (1.2e9, 1e9), PIECE)

    assert found.evidence < 0.0


def test_a_candidate_that_jumps_more_than_stable_makes_the_measure_larger() -> None:
    calm = jumpy = known(Random(9))
    for i in range(40):
        calm = gauge.learn(calm, 100.0 + i % 2, None)
        jumpy = gauge.learn(jumpy, 100.0 + 10.0 * (i % 2), None)
    narrow, wide = gauge.scale(calm, EXACT), gauge.scale(jumpy, EXACT)

    assert narrow is not None
    assert wide is not None
    assert wide.variance > 3 * narrow.variance


# --- tests and memory ----------------------------------------------------------------------------


def probed(shift: float, looks: int = 60) -> tuple[Outcome, int]:
    random = Random(10)
    found = jumped(known(random))
    for look in range(1, looks + 1):
        pair = (next(numbers.noise(random)) + shift, next(numbers.noise(random)))
        found = gauge.try_out(found, EXACT, pair, 1.5, 5.0 * look)
        outcome = gauge.tried(found, 5.0 * look, RetreatPolicy())
        if outcome is not Outcome.INCONCLUSIVE:
            return outcome, look
    return Outcome.INCONCLUSIVE, looks


def test_a_probe_fails_a_fresh_replica_that_is_as_bad_and_passes_one_that_is_well() -> None:
    failed, passed = probed(3.0), probed(0.0)

    assert Outcome.FAIL is failed[0]
    assert Outcome.PASS is passed[0]
    assert failed[1] <= 12
    assert 4 <= passed[1] <= 60


def test_a_probe_without_a_number_stays_open() -> None:
    assert Outcome.INCONCLUSIVE is gauge.tried(known(Random(1)), 5000.0, RetreatPolicy())


def test_another_test_keeps_what_is_known_of_stable_alone() -> None:
    before = known(Random(11))
    used = gauge.run(jumped(before), EXACT, (110.0, 100.0), PIECE)

    assert before == gauge.begin(used)
    assert 0.0 < gauge.belief(used)
    assert 0.0 == gauge.belief(before)


def test_the_past_is_bounded_and_comes_back_bit_for_bit() -> None:
    found = known(Random(12), count=2000)
    for pair in islice(zip(numbers.noise(Random(1)), numbers.noise(Random(2)), strict=True), 5):
        found = gauge.learn(gauge.run(found, EXACT, pair, PIECE), *pair)
    back = msgspec.json.decode(msgspec.json.encode(found), type=Gauge)

    assert gauge.PAST == len(found.past)
    assert found == back


NUMBERS = (0.0, question.LEAST, 3 * question.LEAST, 1e-20, 1.0, 1.0 + 2e-16, 1e49, question.MOST)


@pytest.mark.parametrize(
    "against",
    [Compared(1.5, 0.0), Compared(1.5, 1e15), Compared(1.5, question.LEAST, higher=False)],
)
def test_numbers_that_are_as_far_apart_as_can_be_overflow_nothing(against: Compared) -> None:
    random = Random(5)

    def number() -> float:
        return random.choice(NUMBERS) * random.choice((1, -1))

    for count in range(100):
        found = gauge.remember([number() for _ in range(count)])
        for place in range(30):
            pair = (number(), number())
            found = gauge.run(found, against, pair, 0.01)
            found = gauge.try_out(found, against, pair, 0.6, 1.0 + place)
            found = gauge.learn(found, *pair)

            assert all(isfinite(n) for n in (found.evidence, *found.probe, *found.weights))
