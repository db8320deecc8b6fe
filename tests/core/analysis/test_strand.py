from dataclasses import dataclass
from random import Random

import msgspec
import pytest

from serinus.core.analysis import eprocess, strand
from serinus.core.analysis.strand import Capital, Strand
from tests.core.analysis.arrivals import poisson

LINE, MARGIN = (1.25, 0.0002), (1.5, 0.001)
KNOWN = Strand(known=50_000, failed=50)


@dataclass
class Found:
    ten: int = 0
    hundred: int = 0


def test_false_alarms_are_as_rare_as_promised() -> None:
    """The candidate is exactly at the line, 400 times for ten minutes."""
    random, found, runs = Random(21), Found(), 400
    for _ in range(runs):
        one, top = KNOWN, 0.0
        for block in range(120):
            rest = Capital(0.4 / 120, 0.4 * (119 - block) / 120)
            capital = Capital(0.6, 0.4) if block == 0 else rest
            x_c, x_p = poisson(random, 250 * 0.00145), poisson(random, 250 * 0.001)
            one = strand.run(one, (250.0, x_c, 250.0, x_p), LINE, MARGIN, capital)
            one = strand.learn(one, 250, x_p, (), 5.0)
            top = max(top, one.evidence)
        found.ten += eprocess.value(top) >= 10
        found.hundred += eprocess.value(top) >= 100

    assert found.ten / runs <= 0.1
    assert found.hundred / runs <= 0.01


def test_a_missing_arm_changes_nothing_but_the_capital() -> None:
    before = strand.run(KNOWN, (25.0, 3.0, 475.0, 0.0), LINE, MARGIN, Capital(0.6, 0.4))

    after = strand.run(before, None, LINE, MARGIN, Capital(0.1, 0.3))

    assert after.evidence == pytest.approx(before.evidence, abs=0.5)
    assert after.weights > before.weights
    assert after.safety == before.safety


def test_nothing_is_bet_before_something_is_known_of_stable() -> None:
    one = strand.run(Strand(), (100.0, 100.0, 100.0, 0.0), LINE, MARGIN, Capital(0.6, 0.4))

    assert one.evidence == pytest.approx(0.0)


def test_what_is_bet_on_a_block_does_not_depend_on_the_block() -> None:
    first = strand.run(KNOWN, (25.0, 0.0, 475.0, 9.0), LINE, MARGIN, Capital(0.6, 0.4))

    assert first.theta_p == KNOWN.theta_p
    assert strand.learn(first, 475, 9, (), 5.0).theta_p > first.theta_p


def test_half_of_the_past_is_forgotten_in_ten_minutes() -> None:
    one = strand.learn(KNOWN, 0, 0, (), strand.HALF_LIFE_S)

    assert (one.known, one.failed) == (25_000, 25)


def test_clumps_on_one_replica_raise_the_dispersion_and_temper_the_evidence() -> None:
    clumped = KNOWN
    for _ in range(10):
        clumped = strand.learn(clumped, 500, 10, ((250, 10), (250, 0)), 5.0)
    calm = msgspec.structs.replace(clumped, spread=0.0, events=0.0)
    counts = (25.0, 5.0, 475.0, 0.0)

    tempered = strand.run(clumped, counts, LINE, MARGIN, Capital(0.6, 0.4))
    plain = strand.run(calm, counts, LINE, MARGIN, Capital(0.6, 0.4))

    assert clumped.phi > 2
    assert tempered.evidence < plain.evidence
    assert tempered.unguarded == pytest.approx(plain.evidence)


def test_another_test_begins_with_nothing_but_the_evidence_of_safety() -> None:
    used = strand.run(KNOWN, (250.0, 9.0, 250.0, 0.0), LINE, MARGIN, Capital(0.6, 0.4))

    fresh = strand.begin(used, slo=False)

    assert fresh.evidence == 0.0
    assert fresh.weights == eprocess.FRESH
    assert fresh.safety == used.safety != KNOWN.safety


def test_the_belief_points_at_what_was_seen() -> None:
    one = KNOWN
    for block in range(6):
        counts = (100.0, 5.0, 4000.0, 4.0)
        one = strand.run(one, counts, LINE, MARGIN, Capital(0.6 * (block == 0), 0.4))

    assert strand.belief(KNOWN, LINE) == 0.0
    assert strand.belief(one, LINE) == pytest.approx(0.05, rel=0.4)


def test_an_outage_of_five_seconds_is_told_as_one_and_not_as_a_part_of_the_release() -> None:
    one = strand.Strand()
    for _ in range(20):
        one = strand.show(one, 100, 0, 900, 1)
    one = strand.show(one, 25, 25, 900, 1)

    assert (25, 25) == strand.onset(one, 0.0015)
    assert (2025, 25) == (one.requests, one.bad)


def test_a_candidate_that_was_bad_from_its_first_block_is_told_with_all_of_them() -> None:
    one = strand.Strand()
    for _ in range(strand.LATE):
        one = strand.show(one, 20, 2, 900, 1)

    assert (20 * strand.LATE, 2 * strand.LATE) == strand.onset(one, 0.0015)


def test_nothing_is_told_of_a_candidate_within_the_limit() -> None:
    one = strand.show(strand.Strand(), 1000, 1, 900, 1)

    assert (0, 0) == strand.onset(one, 0.0015)
    assert (0, 0) == strand.onset(strand.begin(one, slo=False), 0.0015)
