from typing import Any

import msgspec
import pytest

from serinus.core.spec.delivery import Delivery, Hold, SettleStep, Strategy, TrafficStep
from serinus.core.spec.wayback import Unverified
from serinus.lab import sabotage, simulate, subject
from serinus.lab.simulate import Ending, Run, Setting, Spread
from serinus.lab.world import Traffic
from tests.films import scenes


def setting(*faults: str, delivery: Delivery | None = None, **traffic: Any) -> Setting:
    """A short release, after a short history."""
    return Setting(
        subject=subject.of("shop", delivery or scenes.canary(hold_s=60)),
        traffic=Traffic(**traffic),
        faults=sabotage.parse(faults, lambda _: "--fault"),
        history_s=120.0,
    )


def ran(seed: int, ending: Ending = Ending.PROMOTED, **given: Any) -> Run:
    usual = Run(seed, ending, True, 100 * seed, seed, 0, None, 300.0 + seed, 0, "")  # noqa: FBT003 - a row of a table
    return msgspec.structs.replace(usual, **given)


def test_a_healthy_release_is_promoted_and_its_settling_does_not_count() -> None:
    delivery = scenes.canary(hold_s=60)
    (settle,) = [step for step in delivery.steps if isinstance(step, SettleStep)]

    found = simulate.run(setting(), 1)

    assert (Ending.PROMOTED, None, 0) == (found.ending, found.off_s, found.retreats)
    assert 240 < found.end_s < 240 + 60
    assert settle.keep_old_s == 60
    # 1, 5, 25 and 50 % of 100 requests/s for a minute each, and its promotion.
    assert found.requests == pytest.approx(60 * (1 + 5 + 25 + 50), rel=0.5)
    assert found.bad < 30


def test_a_bad_release_is_rolled_back_before_many_notice() -> None:
    found = simulate.run(setting("errors=30%@5%"), 1)

    assert Ending.ROLLED_BACK is found.ending
    assert found.off_s is not None
    assert found.off_s < found.end_s
    assert 0 < found.bad <= found.requests
    assert "Rolled back" in found.sentence or "v1 serves everybody" in found.sentence


def test_what_is_taken_back_while_it_settles_is_switched_back() -> None:
    delivery = scenes.blue_green()

    found = simulate.run(setting("errors=30%@3m", delivery=delivery), 1)

    assert Ending.SWITCHED_BACK is found.ending
    assert found.off_s == found.end_s
    assert found.requests > 1000


def test_what_hangs_counts_as_bad() -> None:
    found = simulate.run(setting("hang=50%@5%"), 1)

    assert Ending.ROLLED_BACK is found.ending
    assert found.bad > 5


def test_slow_requests_are_counted_apart() -> None:
    found = simulate.run(setting("latency=50%"), 1)

    assert found.slow > 5 * max(1, found.bad)


def test_a_candidate_that_never_starts() -> None:
    found = simulate.run(setting("crash"), 1)

    assert (Ending.FAILED, 0) == (found.ending, found.requests)


def test_a_release_that_waits_for_a_person_is_held() -> None:
    steps = (TrafficStep(500, Hold(for_s=30)),)
    delivery = scenes.with_steps(Strategy.CANARY, steps, on_unverified=Unverified.HOLD)

    found = simulate.run(setting(delivery=delivery, rate=2.0), 1)

    assert Ending.HELD is found.ending
    assert found.off_s is None


def test_the_same_seed_is_the_same_release_and_another_one_is_not() -> None:
    first, again, other = (simulate.run(setting("errors=30%@5%"), seed) for seed in (1, 1, 2))

    assert first == again
    assert first.requests != other.requests


def test_a_fault_that_never_began_is_told() -> None:
    asked = setting("errors=90%@1%", "errors=5%@50%")
    found = simulate.run(asked, 1)

    assert ("errors=5%@50%",) == found.asleep
    assert ("errors=5%@50%",) == simulate.summary(asked, [found]).asleep


def test_a_film_begins_with_the_change() -> None:
    lines = simulate.film(setting(), 1)

    assert lines[0].startswith("0:00:00  release  Started")
    assert "Succeeded" in lines[-1] or "Settled" in lines[-1]


def test_several_processes_find_the_same() -> None:
    asked = setting("outage=candidate")
    seeds = range(1, 9)

    assert list(simulate.each(asked, seeds)) == list(simulate.each(asked, seeds, jobs=2))


def test_the_bound_of_slow_is_one_that_few_requests_miss() -> None:
    assert [500, 25] == [simulate.slow_ms(Traffic(median_ms=median)) for median in (40.0, 2.0)]
    assert 10_000 == simulate.slow_ms(Traffic(median_ms=9000.0))


def test_there_is_a_processor() -> None:
    assert simulate.cores() >= 1


def test_a_summary_says_how_often_how_many_and_how_long() -> None:
    back = ran(9, Ending.ROLLED_BACK, off_s=30.0, end_s=90.0, verified=False, retreats=1)
    runs = [*(ran(seed) for seed in range(1, 4)), back]

    found = simulate.summary(setting(), runs)

    assert [(Ending.PROMOTED, 3, 0.75), (Ending.ROLLED_BACK, 1, 0.25)] == [
        (share.ending, share.runs, share.share) for share in found.endings
    ]
    assert found.endings[0].low < 0.75 < found.endings[0].high
    assert (3, 1, Spread(30.0, 30.0, 30.0)) == (found.verified, found.retreated, found.off)
    assert Spread(200.0, 900.0, 900.0) == found.requests
    assert 2 == found.typical
    assert found.delay is not None
    assert found.delay.median == pytest.approx(302.0 - setting().subject.fastest_s)


def test_a_summary_without_the_promoted_and_the_taken_off_has_no_such_numbers() -> None:
    found = simulate.summary(setting(), [ran(1, Ending.HELD)])

    assert (None, None) == (found.off, found.delay)


def test_a_spread_is_of_values_that_there_were() -> None:
    assert Spread(10.0, 19.0, 20.0) == simulate.spread([float(n) for n in range(20, 0, -1)])
    assert Spread(7.0, 7.0, 7.0) == simulate.spread([7.0])
