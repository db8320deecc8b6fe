from math import log
from typing import Any

import pytest
from msgspec.structs import replace

from serinus.core.planner import retreat
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import Approval
from serinus.core.state import verdict
from serinus.core.state.release import Phase, Retreat, Wait
from serinus.core.state.verdict import Outcome, Reading
from serinus.core.state.workload import ReplicaState
from tests import builders
from tests.builders import NEW, at
from tests.core.planner import stage
from tests.core.planner.stage import replica
from tests.films import scenes

SAYS = "errors 3 % against 0.1 % on stable, allowed 0.15 % (400 requests)"


def bad(**given: Any) -> Reading:
    loud = {"alarm": True, "log_evidence": log(20), "accused": "errors", "sentence": SAYS}
    found: Reading = stage.reading(**{"data_at": at(3).timestamp(), **loud, **given})
    return found


def state(**given: Any) -> Retreat:
    alarmed = {"count": 1, "ledger": log(20), "accused_share": 250, "stream": "errors"}
    return Retreat(**{**alarmed, "accused": (2,), **given})


# --- alarm ------------------------------------------------------------------------------------


def test_an_alarm_takes_the_traffic_away_and_starts_a_fresh_replica() -> None:
    moved = retreat.alarm(stage.turn(reading=bad(probe_share=16)))

    assert moved is not None
    assert (Phase.RETREATED, 0, (9,), None) == (
        moved.progress.phase,
        moved.progress.share,
        moved.progress.ordinals,
        moved.progress.step_at,
    )
    assert state(accused=(3,), probe_share=16, age_s=4710.0) == moved.progress.retreat
    assert [f"Taken back to 0 % from 25 %: {SAYS}. A fresh replica is probed next."] == stage.told(
        moved
    )


@pytest.mark.parametrize(("expected", "wanted"), [(10, 3), (16, 16), (250, 900)])
def test_a_probe_gets_at_least_the_least_and_at_most_the_former_share(
    expected: int, wanted: int
) -> None:
    moved = retreat.alarm(stage.turn(reading=bad(probe_share=wanted)))

    assert expected == stage.progress(moved).retreat.probe_share


def test_no_alarm_without_a_share_without_a_reading_or_without_steps_of_traffic() -> None:
    assert retreat.alarm(stage.turn(reading=None)) is None
    assert retreat.alarm(stage.turn(reading=bad(alarm=False))) is None
    assert retreat.alarm(stage.turn(reading=bad(), share=0)) is None
    assert retreat.alarm(stage.turn(reading=bad(), delivery=scenes.blue_green(), step=1)) is None


def test_the_first_and_the_last_accused_replica_are_kept() -> None:
    turn = stage.turn(reading=bad(), ordinals=(5, 6), retreat=Retreat(accused=(2, 4)))

    assert (2, 6) == stage.progress(retreat.alarm(turn)).retreat.accused
    fresh = stage.turn(reading=bad(), ordinals=(5, 6, 7))
    assert (5, 7) == stage.progress(retreat.alarm(fresh)).retreat.accused


def test_the_fourth_alarm_is_for_a_person() -> None:
    moved = retreat.alarm(stage.turn(reading=bad(), retreat=state(count=3)))

    assert (Phase.HELD, 0, 250) == (
        stage.phase(moved),
        stage.progress(moved).share,
        stage.progress(moved).retreat.accused_share,
    )
    assert stage.told(moved)[0].startswith(f"Held at 0 after 4 retreats: {SAYS}.")
    assert "a person decides" == stage.progress(moved).wait.cause


# --- retreated --------------------------------------------------------------------------------

RETREATED: dict[str, Any] = {"phase": Phase.RETREATED, "share": 0, "step_at": None}


def retreated(**given: Any) -> Turn | None:
    return retreat.retreated(stage.turn(**{**RETREATED, "retreat": state(), **given}))


def test_a_probe_waits_until_the_traffic_is_seen_to_be_away() -> None:
    assert "probe at 1 %" == stage.progress(retreated(weight=250)).wait.then
    assert Phase.RETREATED is stage.phase(retreated(route_problem="dark"))


def test_a_probe_waits_for_a_warm_replica() -> None:
    young = replica(NEW, 3, ready_at=at(2, 55))

    assert "the replica warms up" == stage.progress(retreated(replicas=(young,))).wait.cause


def test_a_probe_waits_for_the_counters_as_long_as_a_step_would() -> None:
    over = Wait("no data, refused", at(3), "a person decides")
    waits = retreated(source_problem="refused", since=at(-10))
    held = retreated(source_problem="refused", wait=over)

    assert (at(13), "a person decides") == (
        stage.progress(waits).wait.until,
        stage.progress(waits).wait.then,
    )
    assert ["Held at 0: no data for 10m, refused."] == stage.told(held)


def test_a_probe_begins_another_test_and_warms_up_a_spare() -> None:
    moved = retreated(retreat=state(probe_share=16))

    assert moved is not None
    assert (Phase.PROBING, 16, (9,), at(3)) == (
        moved.progress.phase,
        moved.progress.share,
        moved.progress.spare,
        moved.progress.test_at,
    )
    assert (2, verdict.TestKind.PROBE, "errors") == (
        moved.progress.test.number,
        moved.progress.test.kind,
        moved.progress.test.accused,
    )
    assert ["Probe 1: 1.6 % of the traffic to a fresh replica."] == stage.told(moved)


def test_the_last_probe_needs_no_spare() -> None:
    assert () == stage.progress(retreated(retreat=state(fails=1, probe=1))).spare


def test_without_an_accused_stream_there_is_a_trial_at_once() -> None:
    moved = retreated(retreat=state(stream=""))

    assert ["The fresh replica is healthy: back to 25 %, on trial for 1m."] == stage.told(moved)
    assert "the trial" == stage.progress(retreated(retreat=state(stream=""), weight=9)).wait.then


def test_a_fresh_replica_that_dies_ends_the_release() -> None:
    looping = replica(NEW, 3, restarts=3)

    assert Phase.ROLLING_BACK is stage.phase(retreated(replicas=(looping,)))


def test_what_no_probe_can_set_right_is_held() -> None:
    violated = stage.reading(slo_violated="slo violated: errors 3 %", slo_check="slo")

    assert ["Held at 0: errors 3 %."] == stage.told(retreated(reading=violated))
    assert ["Held at 0: errors 3 %."] == stage.told(probed(reading=violated))
    assert ["Held at 0: errors 3 %."] == stage.told(tried(reading=violated))


# --- probing ----------------------------------------------------------------------------------

PROBING: dict[str, Any] = {
    "phase": Phase.PROBING,
    "share": 10,
    "step_at": None,
    "spare": (8,),
    "test_at": at(1),
}


def probed(**given: Any) -> Turn | None:
    return retreat.probing(stage.turn(**{**PROBING, "retreat": state(probe=1), **given}))


def test_a_probe_is_open_for_its_time() -> None:
    asked = bad(alarm=False, test_requests=0)

    assert (at(6), "a person decides") == wait(probed(reading=None))
    assert (at(6), "a person decides") == wait(probed(reading=asked))
    assert (at(11), "the candidate is tried again") == wait(
        probed(reading=replace(asked, test_requests=5))
    )


def wait(moved: Turn | None) -> tuple[Any, str]:
    found = stage.progress(moved).wait
    return found.until, found.then


def test_a_probe_without_requests_is_held() -> None:
    asked = bad(alarm=False, test_requests=0)

    assert ["Held at 0: the probe has no answer, the fresh replica got no requests."] == (
        stage.told(probed(reading=asked, now=at(6)))
    )
    assert ["Held at 0: the probe has no answer, refused."] == (
        stage.told(probed(reading=asked, now=at(6), source_problem="refused"))
    )


def test_a_failed_probe_takes_the_next_fresh_replica() -> None:
    moved = probed(reading=bad(alarm=False, probe=Outcome.FAIL))

    assert moved is not None
    assert (Phase.RETREATED, (8,), 1) == (
        moved.progress.phase,
        moved.progress.ordinals,
        moved.progress.retreat.fails,
    )
    assert [f"Probe 1 failed: {SAYS}. A fresh replica is probed next, 2 of 2."] == stage.told(moved)


def test_two_failed_probes_and_a_full_ledger_give_the_release_up() -> None:
    moved = probed(reading=bad(alarm=False, probe=Outcome.FAIL), retreat=state(probe=2, fails=1))

    assert moved is not None
    assert Phase.ROLLING_BACK is moved.progress.phase
    assert log(400) == pytest.approx(moved.progress.retreat.ledger)
    assert [f"Rolled back: {SAYS}; 2 fresh replicas were as bad."] == stage.told(moved)


def test_failed_probes_without_enough_evidence_are_probed_again() -> None:
    weak = bad(alarm=False, probe=Outcome.FAIL, log_evidence=log(11))
    some = probed(reading=weak, retreat=state(probe=2, fails=1, ledger=log(2)))
    none = probed(reading=weak, retreat=state(probe=2, fails=1, ledger=-9.0))

    assert stage.told(some)[0].endswith(
        "All tests together say 22:1, and 100:1 is needed: another fresh replica is probed."
    )
    assert "All tests together say nothing, and 100:1 is needed" in stage.told(none)[0]


def test_too_many_probes_are_for_a_person() -> None:
    weak = bad(alarm=False, probe=Outcome.FAIL, log_evidence=log(11))
    moved = probed(reading=weak, retreat=state(probe=5, fails=2, ledger=-9.0))

    assert [f"Held at 0: {SAYS}, and more probes do not decide it."] == stage.told(moved)
    assert 250 == stage.progress(moved).retreat.accused_share


def test_a_passed_probe_counts_in_the_ledger_and_leads_to_a_trial() -> None:
    good = bad(alarm=False, probe=Outcome.PASS, log_evidence=log(0.1))
    moved = probed(reading=good)

    assert moved is not None
    assert (Phase.TRIAL, 250, (), 2, verdict.TestKind.TRIAL) == (
        moved.progress.phase,
        moved.progress.share,
        moved.progress.spare,
        moved.progress.test.number,
        moved.progress.test.kind,
    )
    assert log(2) == pytest.approx(moved.progress.retreat.ledger)
    assert ["Probe 1 passed: back to 25 %, on trial for 1m."] == stage.told(moved)


# --- trial ------------------------------------------------------------------------------------

TRIAL: dict[str, Any] = {"phase": Phase.TRIAL, "reading": bad(alarm=False), "clock_at": None}


def tried(**given: Any) -> Turn | None:
    return retreat.trial(stage.turn(**{**TRIAL, "retreat": state(probe=1), **given}))


def test_a_trial_begins_when_the_data_plane_has_followed() -> None:
    cold = replica(NEW, 3, state=ReplicaState.STARTING, ready_at=None)
    waits = tried(step_at=None, weight=10)
    begun = tried(step_at=None)

    assert "the trial" == stage.progress(waits).wait.then
    assert at(4) == stage.progress(begun).retreat.trial_until
    starting = tried(step_at=None, weight=10, replicas=(cold,), pending_since=at(2))
    assert "0 of 1 replica ready" == stage.progress(starting).wait.cause


def test_a_trial_lasts_its_time_and_then_the_step_goes_on() -> None:
    during = tried(retreat=state(trial_until=at(4)))
    after = tried(retreat=state(trial_until=at(3), fails=1, probe=1))

    assert Phase.TRIAL is stage.phase(during)
    assert (Phase.ROLLING, state()) == (stage.phase(after), stage.progress(after).retreat)
    assert ["The trial passed at 25 %: going on."] == stage.told(after)


def test_a_trial_that_began_at_a_gate_ends_at_the_gate() -> None:
    moved = tried(
        delivery=scenes.gated(250, Approval()),
        step=1,
        share=50,
        retreat=state(trial_until=at(3), accused_share=50),
    )

    assert (Phase.WAITING, 50) == (stage.phase(moved), stage.progress(moved).share)


def test_an_alarm_in_the_trial_is_a_failed_probe() -> None:
    moved = tried(reading=bad())

    assert [f"The trial failed: {SAYS}. A fresh replica is probed next, 2 of 2."] == (
        stage.told(moved)
    )
    assert 1 == stage.progress(moved).retreat.count


def test_a_trial_that_cannot_be_watched_is_held() -> None:
    assert ["Held at 0: the trial cannot be watched, refused."] == stage.told(
        tried(source_problem="refused")
    )


# --- held -------------------------------------------------------------------------------------


def test_a_retry_forgets_the_alarms_and_not_the_ledger() -> None:
    turn = stage.turn(phase=Phase.HELD, share=0, retreat=state(count=4, fails=1, probe=3))
    moved = retreat.again(turn, "ada")

    assert state(accused=(2, 3), count=0) == moved.progress.retreat
    assert ["Retried by ada. A fresh replica is probed next."] == stage.told(moved)


def test_a_hold_before_any_share_tries_the_share_of_the_step() -> None:
    moved = retreat.hold(stage.turn(share=0, phase=Phase.HOLDING), "NoData", "Held at 0.")
    lower = retreat.hold(stage.turn(share=50, phase=Phase.HOLDING), "NoData", "Held at 0.")
    other = retreat.hold(
        stage.turn(delivery=scenes.rolling(), step=0, share=0), "NoData", "Held at 0."
    )

    assert [250, 50, 1000] == [m.progress.retreat.accused_share for m in (moved, lower, other)]
    assert builders.progress().exposed == moved.progress.exposed
