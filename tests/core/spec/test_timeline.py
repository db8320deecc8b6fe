import pytest

from serinus.core.spec import timeline
from serinus.core.spec.delivery import (
    FULL,
    Approval,
    Delivery,
    Hold,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    SettleStep,
    Step,
    Strategy,
    SwitchStep,
    TrafficStep,
)
from tests import builders


def stages(*steps: Step, **given: object) -> tuple[timeline.Stage, ...]:
    return timeline.timeline(plan(*steps, **given))


def plan(*steps: Step, **given: object) -> Delivery:
    return Delivery(**{"strategy": Strategy.CANARY, "warmup_s": 10.0, **given, "steps": steps})  # type: ignore[arg-type]  # any field of it


def test_steps_follow_each_other_after_the_warm_up() -> None:
    found = stages(TrafficStep(10, Hold(60)), TrafficStep(500, Hold(30)), SettleStep(300))

    assert [0, 10, 500, FULL, FULL] == [s.share for s in found]
    assert [0.0, 10.0, 70.0, 100.0, 110.0] == [s.at_s for s in found]
    assert [10.0, 60.0, 30.0, 10.0, 300.0] == [s.for_s for s in found]


def test_a_plan_ends_with_the_promotion_whether_it_settles_or_not() -> None:
    settled = stages(TrafficStep(10), SettleStep(300))
    unsettled = stages(TrafficStep(10))

    assert settled[:-1] == unsettled


def test_a_step_that_gives_everything_is_the_promotion() -> None:
    assert ["100 % of the traffic"] == [s.title for s in stages(TrafficStep(FULL))[1:]]


def test_a_judged_step_holds_for_three_blocks_of_evidence() -> None:
    checks = builders.delivery().checks

    assert timeline.EVIDENCE_S == stages(TrafficStep(10), checks=checks)[1].for_s
    assert 0.0 == stages(TrafficStep(FULL), checks=checks)[1].for_s


def test_what_a_step_waits_for_is_told() -> None:
    gates = (Approval(("sre", "owner"), 2), Approval())
    (_, step, _) = stages(TrafficStep(10, Hold(0, 2000), gates, manual=True))
    expected = ("2 approvals by sre or owner", "1 approval", "2,000 requests")

    assert (*expected, "a person: serinus next") == step.waits


@pytest.mark.parametrize(
    ("steps", "shares"),
    [
        ((PreviewStep(hold=Hold(30)), SwitchStep(), SettleStep()), [0, 0, FULL, FULL]),
        ((ReplaceStep(), SettleStep()), [0, FULL, FULL]),
        ((RecreateStep(), SettleStep()), [0, FULL, FULL]),
    ],
)
def test_other_strategies_give_everything_at_once(
    steps: tuple[Step, ...], shares: list[int]
) -> None:
    assert shares == [s.share for s in stages(*steps)]


def test_the_fastest_is_when_it_serves_everybody() -> None:
    found = stages(TrafficStep(10, Hold(60)), SettleStep(300))

    assert 70.0 == timeline.fastest(found)
    assert found[0].at_s == timeline.fastest(found[:1])


def test_the_curve_has_a_corner_for_every_stage() -> None:
    delivery = plan(TrafficStep(10, Hold(60)), TrafficStep(500))

    assert ((0.0, 0), (10.0, 10), (70.0, 500), (70.0, FULL)) == timeline.curve(delivery)
