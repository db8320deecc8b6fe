from typing import Any

import pytest

from serinus.app import progress
from serinus.core.spec.delivery import Approval, SettleStep, SwitchStep
from serinus.core.state.notice import Event
from serinus.core.state.release import Phase, Release
from tests import builders


def started(*minutes: float) -> list[Event]:
    events = [builders.event(reason=progress.STARTED, at=builders.at(at)) for at in minutes]
    return [builders.event(reason="Alarm"), *events]


def states(release: Release) -> list[str]:
    return [step.state for step in progress.steps(release, started(0, 1, 2))]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"phase": Phase.STARTING, "step": 0}, ["to come"] * 4),
        ({}, ["done", "done", "current", "to come"]),
        ({"phase": Phase.PAUSED}, ["done", "done", "current", "to come"]),
        ({"phase": Phase.ROLLING_BACK}, ["done", "done", "stopped", "to come"]),
        (
            {"phase": Phase.ROLLED_BACK, "ended_at": builders.at(3)},
            ["done", "done", "stopped", "to come"],
        ),
        ({"phase": Phase.PROMOTING}, ["done"] * 4),
        ({"phase": Phase.SUCCEEDED, "ended_at": builders.at(9)}, ["done"] * 4),
        ({"phase": Phase.FAILED, "step": 0, "ended_at": builders.at(1)}, ["to come"] * 4),
    ],
)
def test_a_step_is_done_current_stopped_or_to_come(given: Any, wanted: list[str]) -> None:
    assert wanted == states(builders.release(**given))


def test_past_steps_tell_what_they_took_and_the_current_one_how_long_it_is_held() -> None:
    first, second, third, fourth = progress.steps(builders.release(held_s=41.5), started(0, 1, 2.5))

    assert (60.0, 90.0, 41.5, None) == (
        first.seconds,
        second.seconds,
        third.seconds,
        fourth.seconds,
    )
    assert (60.0, 200, 0.25) == (third.needed, third.min_samples, third.share)
    assert builders.at(1) == second.started_at


def test_the_clock_of_the_current_step_runs_on_until_the_controller_looked() -> None:
    release = builders.release(held_s=10, clock_at=builders.at(2))

    steps = progress.steps(release, started(0, 1, 2), builders.at(2, 5))
    assert 15.0 == steps[2].seconds
    assert 60.0 == steps[0].seconds
    assert 10.0 == progress.steps(release, started(0, 1, 2), builders.at(1))[2].seconds


def test_the_first_release_of_all_takes_no_steps() -> None:
    assert () == progress.steps(builders.release(stable=None), started(0))


def test_the_settling_is_still_to_come_while_a_release_is_promoted() -> None:
    steps = (SwitchStep(), SettleStep(60.0))
    promoting = builders.release(
        phase=Phase.PROMOTING, step=0, delivery=builders.delivery(steps=steps)
    )

    assert ["done", "to come"] == [s.state for s in progress.steps(promoting, (), builders.at(9))]


def test_gates_and_settling_are_shown() -> None:
    plan = builders.delivery(
        steps=(SwitchStep(gates=(Approval(count=2), Approval())), SettleStep(keep_old_s=600))
    )
    release = builders.release(delivery=plan, phase=Phase.SETTLING, step=1, held_s=5)

    switch, settle = progress.steps(release, started(0))
    assert (3, "done") == (switch.approvals, switch.state)
    assert ("current", None) == (settle.state, settle.share)


@pytest.mark.parametrize(("log", "odds"), [(0.0, 1.0), (1e6, progress.LARGEST), (-1e6, 0.0)])
def test_odds_are_numbers_whatever_the_evidence(log: float, odds: float) -> None:
    assert odds == progress.odds(log)
