from typing import Any

import msgspec
import pytest

from serinus.core.spec import plan
from serinus.core.spec.gating import Surroundings
from serinus.core.spec.limits import Limits
from serinus.core.spec.template import Body


def wrong(
    *steps: dict[str, Any], strategy: str = "canary", stage: str = "dev", **given: Any
) -> list[str]:
    body = msgspec.convert({"strategy": strategy, "plan": list(steps), **given}, Body)
    return [str(problem) for problem in plan.review(body, Limits(), Surroundings(stage))]


TRAFFIC = {"traffic": {"candidate": "5%"}}
SETTLE: dict[str, Any] = {"settle": {}}
MIRROR = {"mirror": "10%"}
HOUR = {"hold": {"for": "1h"}}
TEST = {"match": {"header": "x-canary=always"}, **HOUR}


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
        ("canary", [MIRROR, {**MIRROR, **HOUR}, TRAFFIC, SETTLE]),
        ("blueGreen", [{"preview": {}}, MIRROR, {"switch": {}}]),
        ("mirror", [{**MIRROR, **HOUR}, {"mirror": {"share": "100%", "methods": ["GET"]}, **HOUR}]),
        ("abTest", [TEST]),
        ("abTest", [{"match": [{"cookie": "beta"}, {"query": "beta=1"}], **HOUR}]),
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


@pytest.mark.parametrize(
    ("strategy", "steps", "expected"),
    [
        ("canary", [TRAFFIC, MIRROR], "plan[1].mirror: a mirror after 'traffic' shows nothing new"),
        (
            "blueGreen",
            [{"switch": {}}, MIRROR],
            "plan[1].mirror: a mirror after 'switch' shows nothing new",
        ),
        ("canary", [MIRROR], "plan: a canary plan needs 'traffic' or 'ramp'"),
        ("mirror", [MIRROR], "plan[0]: the mirroring has no length; wanted such as hold"),
        (
            "mirror",
            [{**MIRROR, "hold": {"minSamples": 10}}],
            "plan[0].hold.for: the mirroring has no length; wanted more than 0s",
        ),
        ("abTest", [TEST, TEST], "plan[1].match: a second 'match'; wanted one"),
        ("abTest", [{**TEST, "manual": True}], "plan[0].manual: 'manual' means nothing beside"),
        ("canary", [TEST, TRAFFIC], "plan[0].match: 'match' is no step of canary"),
        ("mirror", [{"mirror": "0.05%", **HOUR}], "plan[0].mirror: 0.05% is finer than the router"),
        (
            "mirror",
            [{"mirror": {"share": "0%"}, **HOUR}],
            "plan[0].mirror.share: 0% of the requests cannot be; wanted 0.1%–100%",
        ),
    ],
)
def test_tests_and_mirrors_stand_where_they_show_something(
    strategy: str, steps: list[dict[str, Any]], expected: str
) -> None:
    (problem,) = wrong(*steps, strategy=strategy)

    assert problem.startswith(expected)


def test_users_who_are_drawn_are_known_again_for_the_whole_test() -> None:
    drawn = {"match": {"share": "50%"}, **HOUR}

    assert [] == wrong(drawn, strategy="abTest", sticky="1h")
    assert [
        (
            "sticky: warning: 59m is shorter than the test, which is 1h: "
            "users are drawn again within it"
        )
    ] == wrong(drawn, strategy="abTest", sticky="59m")
    for never in (None, "0s"):
        assert [
            "sticky: a share of users needs to know them again; wanted such as sticky: 30d"
        ] == wrong(drawn, strategy="abTest", sticky=never)


@pytest.mark.parametrize("share", ["100%", "500%"])
def test_somebody_stays_with_stable(share: str) -> None:
    drawn = {"match": {"share": share}, **HOUR}

    assert [f"plan[0].match.share: {share} of the users cannot be; wanted 0.1%–99.9%"] == wrong(
        drawn, strategy="abTest", sticky="1h"
    )


def test_nobody_stays_on_a_side_where_there_are_none() -> None:
    assert [] == wrong(TRAFFIC, sticky="1h")
    assert ["sticky: 10ms is too short; wanted 1s or more, or 0s for nobody"] == wrong(
        TRAFFIC, sticky="10ms"
    )
    assert [
        "sticky: warning: nobody has to stay on a side: rolling does not divide the traffic"
    ] == wrong({"replace": {}}, strategy="rolling", sticky="1h")


def test_a_plan_without_end_is_refused_as_a_whole() -> None:
    assert ["plan: 10000 steps; wanted at most 100"] == wrong(*[{"switch": {}}] * 10_000)


def test_headers_and_goals_are_reviewed_with_the_plan() -> None:
    found = wrong(
        TRAFFIC, headers={"remove": ["host"]}, goals=[{"name": "paid", "path": "/thanks"}]
    )

    assert ["headers.remove[0]", "goals"] == [line.partition(":")[0] for line in found]
