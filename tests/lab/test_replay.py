"""Replays: what the real judge and planner do on recorded traffic, and what is never claimed."""

import pytest

from serinus.core.errors import SpecError
from serinus.core.spec.delivery import (
    Approval,
    Hold,
    QueryCheck,
    Strategy,
    SwitchStep,
    Threshold,
    TrafficStep,
)
from serinus.core.spec.wayback import RetreatPolicy
from serinus.lab import replay
from serinus.lab.replayed import Outcome
from tests.films import scenes
from tests.lab import recordings
from tests.lab.recordings import canary, drawn


def test_a_regression_is_taken_away_and_no_more_is_claimed() -> None:
    recording = drawn(errors=0.05)

    found = replay.play(canary(50, 250), recording)

    assert Outcome.TAKEN_AWAY is found.outcome
    assert found.caught
    assert not found.final
    assert found.off_s is not None
    assert found.off_s < 60
    assert found.share == pytest.approx(0.05)
    assert found.bad < found.recorded.bad
    assert f"instead of {found.recorded.bad:,}" in found.sentence
    assert "not known" in found.assumed[-1]


def test_a_healthy_release_is_promoted() -> None:
    found = replay.play(canary(50, 250, hold_s=250), drawn(errors=0.001))

    assert Outcome.PROMOTED is found.outcome
    assert not found.caught
    assert found.promoted_s is not None
    assert 500 <= found.promoted_s < 530


def test_an_alarm_that_is_never_reached_lets_a_bad_release_through() -> None:
    steps = (TrafficStep(50, Hold(60)), TrafficStep(250, Hold(60)))
    lame = canary(steps=steps, retreat=RetreatPolicy(alarm=1e300))

    found = replay.play(lame, drawn(errors=0.05))

    assert Outcome.PROMOTED is found.outcome
    assert found.checks[0].evidence > 1e6


def test_what_was_promoted_is_still_judged_as_it_settles() -> None:
    lame = canary(50, 250, retreat=RetreatPolicy(alarm=1e300))

    found = replay.play(lame, drawn(errors=0.05))

    assert Outcome.ROLLED_BACK is found.outcome
    assert found.promoted_s is not None


def test_a_recording_that_ends_first_leaves_it_undecided() -> None:
    found = replay.play(canary(50, hold_s=3600), drawn(((0.05, 60.0),), errors=0.001))

    assert Outcome.UNDECIDED is found.outcome
    assert "Undecided when the recording ends, after 1m" in found.sentence


def test_levels_are_told_when_they_are_first_crossed_and_rise() -> None:
    found = replay.play(canary(50, 250), drawn(errors=0.03))

    crossings = found.checks[0].crossings
    assert [3.0, 10.0] == [one.level for one in crossings][:2]
    assert all(one.evidence >= one.level for one in crossings)
    assert sorted(one.after_s for one in crossings) == [one.after_s for one in crossings]


def test_less_traffic_takes_longer_to_tell_and_harms_fewer() -> None:
    recording = drawn(((0.25, 600.0),), errors=0.02)

    much = replay.play(canary(250, hold_s=600), recording)
    little = replay.play(canary(10, hold_s=600), recording)

    assert much.off_s is not None
    assert little.off_s is not None
    assert little.off_s > much.off_s
    assert little.judged < much.judged * little.off_s / much.off_s / 10


def test_more_traffic_than_was_recorded_is_never_made_up() -> None:
    recording = drawn(((0.01, 300.0),), errors=0.01)

    found = replay.play(canary(500, hold_s=600), recording)

    assert found.judged <= found.recorded.requests
    assert found.requests > 10 * found.judged
    assert found.short_s > 200
    assert any("more traffic than was recorded" in one for one in found.assumed)


def test_the_same_seed_plays_the_same_replay() -> None:
    recording = drawn(((0.25, 300.0),), errors=0.01)

    assert replay.play(canary(50), recording, seed=7) == replay.play(canary(50), recording, seed=7)


async def test_a_recorded_release_played_by_its_own_policy_ends_as_it_did() -> None:
    policy = scenes.canary(50, 250, 500)
    recording = await recordings.filmed(0.05, policy)

    found = replay.play(replay.own(recording), recording)

    assert Outcome.ROLLED_BACK is found.outcome
    assert found.final
    assert "Rolled back" == recording.about.phase
    assert recording.about.sentence.partition("(")[0] in found.reason or found.timeline
    assert found.off_s == pytest.approx(found.recorded.off_s, abs=6)
    assert [m.reason for m in found.timeline if "Probe" in m.reason] == [
        s.reason for s in recording.steps if "Probe" in s.reason
    ]


async def test_a_good_release_played_by_its_own_policy_is_promoted() -> None:
    recording = await recordings.filmed(0.001, scenes.canary(50, 500, hold_s=120))

    found = replay.play(replay.own(recording), recording)

    assert Outcome.PROMOTED is found.outcome
    assert [m.reason for m in found.timeline if m.reason == "StepStarted"] == ["StepStarted"] * 2


def test_gates_open_and_numbers_that_were_not_recorded_are_left_out_and_both_are_said() -> None:
    step = TrafficStep(50, gates=(Approval(),), manual=True)
    look = QueryCheck("queue", Threshold(max=3), "queue")

    found = replay.play(canary(steps=(step,), looks=(look,)), drawn(errors=0.001))

    assert Outcome.PROMOTED is found.outcome
    assert any("people say yes" in one for one in found.assumed)
    assert any("queue" in one for one in found.assumed)


def test_a_policy_without_shares_and_a_recording_without_a_candidate_are_told_together() -> None:
    switch = canary(strategy=Strategy.BLUE_GREEN, steps=(SwitchStep(),), checks=())
    nobody = drawn(((0.0, 60.0),))

    with pytest.raises(SpecError) as refused:
        replay.play(switch, nobody)

    said = [str(problem) for problem in refused.value.problems]
    assert 3 == len(said)
    assert "shares" in said[0]
    assert "no check" in said[1]
    assert "the candidate had no request" in said[2]


def test_a_recording_without_a_policy_of_its_own_asks_for_one() -> None:
    with pytest.raises(SpecError, match="--template"):
        replay.own(drawn(delivery=None))
