import msgspec

from serinus.core.planner.plan import Plan, SetGroups, SetRoute
from serinus.core.state.workload import Group
from tests import builders
from tests.core.planner import stage


def test_a_plan_that_asks_for_nothing_is_empty() -> None:
    plan = Plan(status=builders.status())

    assert ((), (), (), None) == (plan.actions, plan.events, plan.answers, plan.wake)


def test_equal_actions_are_one_action() -> None:
    groups = (Group(builders.OLD, (0, 1)),)

    assert SetGroups(groups, 10.0) == SetGroups(groups, 10.0)
    assert SetRoute(stage.route(10)) != SetRoute(stage.route(50))
    assert b"drain" in msgspec.json.encode(SetGroups(groups, 10.0))
