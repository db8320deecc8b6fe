from syrupy.assertion import SnapshotAssertion

from serinus.adapters.memory.platform import Behaviour, Circumstance
from serinus.boot.simulation import Film
from serinus.core.state.release import Phase
from tests.films import scenes
from tests.films.scenes import WELL, canary, changed, only_v2


async def test_a_healthy_canary_is_promoted(told: SnapshotAssertion) -> None:
    text = await scenes.told(changed, scenes.good, canary())

    assert text == told


async def test_a_total_outage_at_5_percent_is_taken_back(told: SnapshotAssertion) -> None:
    outage = only_v2(lambda c: WELL._replace(errors=1.0 if c.at > 450 else 0.001))

    text = await scenes.told(changed, outage, canary())

    assert text == told


async def test_a_fault_that_needs_5_percent_is_found_in_its_trials(told: SnapshotAssertion) -> None:
    overload = only_v2(lambda c: WELL._replace(errors=1.0 if c.share >= 50 else 0.001))

    text = await scenes.told(changed, overload, canary())

    assert text == told


async def test_a_slow_leak_is_taken_back(told: SnapshotAssertion) -> None:
    leak = only_v2(lambda c: WELL._replace(errors=min(1.0, 0.001 + max(0.0, c.at - 300) / 3000)))

    text = await scenes.told(changed, leak, canary())

    assert text == told


async def test_a_cold_start_is_not_held_against_the_candidate(told: SnapshotAssertion) -> None:
    cold = only_v2(lambda c: WELL._replace(errors=0.5 if c.age < 12 else 0.001))

    text = await scenes.told(changed, cold, canary())

    assert text == told


async def test_a_candidate_that_hangs_is_taken_back(told: SnapshotAssertion) -> None:
    hang = only_v2(lambda c: WELL._replace(hang=0.3 if c.at > 450 else 0.0))

    text = await scenes.told(changed, hang, canary())

    assert text == told


async def test_a_candidate_that_is_only_slower_at_the_tail_is_taken_back(
    told: SnapshotAssertion,
) -> None:
    slower = only_v2(lambda _: WELL._replace(slow=0.10))

    text = await scenes.told(changed, slower, canary())

    assert text == told


async def test_one_unlucky_replica_does_not_cost_the_release(told: SnapshotAssertion) -> None:
    def first_is_unlucky(c: Circumstance) -> Behaviour:
        return WELL._replace(errors=0.3 if c.version == "v2" and c.ordinal == 3 else 0.001)

    text = await scenes.told(changed, first_is_unlucky, canary())

    assert text == told


async def test_a_fault_that_comes_and_goes_is_held_for_a_person(told: SnapshotAssertion) -> None:
    moody = only_v2(lambda c: WELL._replace(errors=0.5 if c.at % 590 < 15 else 0.001))

    async def script(film: Film) -> None:
        await scenes.served(film)
        film.deploy("v2")
        await film.run(7200, until=scenes.within(Phase.HELD))

    text = await scenes.told(script, moody, canary(hold_s=900))

    assert text == told


async def test_a_regression_that_cannot_be_told_apart_is_promoted_unverified(
    told: SnapshotAssertion,
) -> None:
    text = await scenes.told(changed, scenes.good, canary(hold_s=60), rate=2.0)

    assert text == told
