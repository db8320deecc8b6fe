"""The world of a replay does what the planner says, at once."""

from datetime import UTC, datetime, timedelta

from serinus.core.state import verdict
from serinus.core.state.release import Phase
from serinus.core.state.verdict import Reading
from serinus.lab import course
from tests.lab.recordings import BEGUN, canary, drawn

NOW = datetime.fromtimestamp(BEGUN, UTC)


def test_a_first_look_and_then_the_first_share_are_given_at_once() -> None:
    world = course.World(canary(50, 250), drawn(), 4)

    events = world.decide(NOW, None)
    looked = world.share
    world.decide(NOW + timedelta(seconds=10), None)

    assert ["Started", "StepStarted"] == [event.reason for event in events]
    assert (0.01, 0.05) == (looked, world.share)
    assert Phase.ROLLING is world.progress.phase


def test_an_alarm_takes_the_traffic_away_and_waits_for_what_the_recording_knows() -> None:
    world = course.World(canary(50, 250), drawn(), 4)
    world.decide(NOW, None)
    test = verdict.Test(1, verdict.TestKind.RUN)
    alarm = Reading(test, alarm=True, accused="errors", data_at=BEGUN)

    world.decide(NOW + timedelta(seconds=30), alarm)

    assert 0 == world.share
    assert Phase.RETREATED is world.progress.phase


def test_what_no_recording_holds_is_said() -> None:
    _, assumed = course.known(canary(50), drawn(history_s=0))

    assert any("nothing is known of stable before" in one for one in assumed)


def test_a_policy_is_named_by_its_template() -> None:
    assert "canary-test" == course.named(canary())
    assert "canary" == course.named(canary(template=""))


def test_pods_that_others_recorded_warm_up_from_their_first_count() -> None:
    recording = drawn(((0.05, 30.0),), source="prometheus")

    found = course.masked(recording, 10.0)

    assert [("cccccccccc-0",)] * 2 + [()] * 4 == [tick.masked for tick in found]
    assert drawn().ticks == course.masked(drawn(), 10.0)
