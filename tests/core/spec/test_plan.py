from typing import Any

import msgspec
import pytest

from serinus.core.spec import plan
from serinus.core.spec.limits import Limits
from serinus.core.spec.template import Body


def wrong(*steps: dict[str, Any], strategy: str = "canary", stage: str = "dev") -> list[str]:
    body = msgspec.convert({"strategy": strategy, "plan": list(steps)}, Body)
    return [str(problem) for problem in plan.review(body, Limits(), stage)]


TRAFFIC = {"traffic": {"candidate": "5%"}}
SETTLE: dict[str, Any] = {"settle": {}}


@pytest.mark.parametrize(
    ("strategy", "steps"),
    [
        ("canary", [TRAFFIC]),
        ("canary", [TRAFFIC, TRAFFIC, {"traffic": {"candidate": "100%"}}, SETTLE]),
        ("canary", [{"ramp": {"from": "5%", "to": "100%", "by": "30%"}, "manual": True}, SETTLE]),
        ("blueGreen", [{"switch": {}}]),
        (
            "blueGreen",
            [{"preview": {}, "hold": {"for": "1m"}}, {"switch": {}, "gates": []}, SETTLE],
        ),
        ("rolling", [{"replace": {}, "gates": [{"approval": {"count": 2}}]}, SETTLE]),
        ("rolling", [{"replace": {"maxSurge": "0%", "maxUnavailable": "100%"}}]),
        ("recreate", [{"recreate": {}}, SETTLE]),
    ],
)
def test_what_a_strategy_carries_out_is_a_plan(strategy: str, steps: list[dict[str, Any]]) -> None:
    assert [] == wrong(*steps, strategy=strategy)


def test_every_strategy_that_is_carried_out_says_what_its_plan_holds() -> None:
    assert set(plan.HERE) == set(plan.SHAPES)


@pytest.mark.parametrize("strategy", plan.HERE)
def test_an_empty_plan_is_told_what_it_should_hold(strategy: str) -> None:
    (problem,) = wrong(strategy=strategy)

    assert f"plan: the plan has no steps; wanted {plan.SHAPES[strategy]}" == problem


def test_an_empty_plan_of_no_strategy_is_told_too() -> None:
    assert ["plan: the plan has no steps; wanted one step or more"] == wrong(strategy="yolo")


def test_a_preview_after_the_switch_shows_nothing() -> None:
    steps: list[dict[str, Any]] = [{"switch": {}}, {"preview": {}}]

    assert ["plan[1].preview: a preview after the switch shows nothing; wanted it before"] == wrong(
        *steps, strategy="blueGreen"
    )


def test_a_share_that_cannot_be_sets_no_bar_for_the_next() -> None:
    found = wrong({"traffic": {"candidate": "500%"}}, TRAFFIC)

    assert 1 == len(found)


def test_the_first_share_of_a_ramp_is_warned_of_in_production() -> None:
    (found,) = wrong({"ramp": {"from": "50%", "to": "100%", "by": "25%"}}, stage="prod")

    assert "plan[0].ramp.from: warning: the first share is 50%" in found
