import pytest

from serinus.core.spec import timeline
from serinus.core.spec.calendar import Window
from serinus.core.spec.delivery import (
    FULL,
    Approval,
    Delivery,
    Hold,
    MatchStep,
    MirrorStep,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    SettleStep,
    Step,
    Strategy,
    SwitchStep,
    TrafficStep,
    Webhook,
    WindowGate,
)
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.spec.timeline import Kind
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


@pytest.mark.parametrize(
    ("strategy", "title"),
    [
        (Strategy.BLUE_GREEN, "old replicas stay warm"),
        (Strategy.ROLLING, "the new replicas are watched"),
        (Strategy.RECREATE, "the new replicas are watched"),
    ],
)
def test_replicas_that_were_replaced_are_not_kept_warm(strategy: Strategy, title: str) -> None:
    assert title == stages(SettleStep(300), strategy=strategy)[-1].title


def test_the_fastest_is_when_it_serves_everybody() -> None:
    found = stages(TrafficStep(10, Hold(60)), SettleStep(300))

    assert 70.0 == timeline.fastest(found)
    assert found[0].at_s == timeline.fastest(found[:1])


def test_the_curve_has_a_corner_for_every_stage() -> None:
    delivery = plan(TrafficStep(10, Hold(60)), TrafficStep(500))

    assert ((0.0, 0), (10.0, 10), (70.0, 500), (70.0, FULL)) == timeline.curve(delivery)


# --- copies, cohorts and gates that are no people -----------------------------------------------

HOOK = Webhook("https://ada:secret@ci.example:8443/go?token=1234")


def test_copies_are_no_share_and_are_seen_as_what_they_are() -> None:
    (_, stage, *_) = stages(MirrorStep(100, ("GET", "HEAD"), Hold(600, 50)), SwitchStep())

    assert (Kind.MIRROR, 0, 100, 600.0) == (stage.kind, stage.share, stage.part, stage.for_s)
    assert (
        "10 % of the GET, HEAD requests are copied, nobody gets the answers",
        ("50 requests",),
    ) == (stage.title, stage.waits)


def test_a_cohort_of_users_is_a_share_and_a_matched_one_is_of_unknown_size() -> None:
    beta = Match((Condition(Part.HEADER, "x-beta", "on"), Condition(Part.COOKIE, "vip")))
    wild = Match((Condition(Part.QUERY, "lang", "de.*", pattern=True),))
    (_, half, matched, _) = stages(
        MatchStep(share=500, hold=Hold(60)), MatchStep((beta, wild), hold=Hold(60))
    )

    assert (Kind.MATCH, 500, 500) == (half.kind, half.share, half.part)
    assert "50 % of the users" == half.title
    assert (Kind.MATCH, 0, 0) == (matched.kind, matched.share, matched.part)
    assert "requests with header x-beta=on and cookie vip, or query lang like de.*" == matched.title


@pytest.mark.parametrize("strategy", sorted(timeline.TESTS))
def test_a_test_ends_without_a_promotion(strategy: Strategy) -> None:
    found = stages(MatchStep(share=500, hold=Hold(60)), strategy=strategy)

    assert not timeline.promotes(found)
    assert (0, 70.0) == (found[-1].share, found[-1].at_s)
    assert 70.0 == timeline.fastest(found)
    assert timeline.promotes(stages(MatchStep(share=500, hold=Hold(60))))


def test_a_judged_copy_and_a_judged_cohort_last_for_three_blocks_of_evidence() -> None:
    checks = builders.delivery().checks
    found = stages(MirrorStep(100), MatchStep(share=10), checks=checks)

    assert [timeline.EVIDENCE_S] * 2 == [s.for_s for s in found[1:3]]


def test_the_calendar_and_other_programs_are_waited_for_as_people_are() -> None:
    gates = (WindowGate(Window("office hours")), HOOK)
    (_, gated, free, _) = stages(TrafficStep(10, gates=gates), TrafficStep(20))

    assert ("the window office hours to be open", "a yes from ci.example:8443") == gated.waits
    assert (True, False) == (gated.gated, free.gated)
    assert stages(TrafficStep(10, manual=True))[1].gated


def test_each_stage_knows_which_step_of_the_delivery_it_is() -> None:
    found = stages(TrafficStep(10, Hold(60)), TrafficStep(500, Hold(30)), SettleStep(300))

    assert [0, 1, 2, 0, 3] == [stage.step for stage in found]


def test_those_who_meet_the_new_version_are_counted_before_it_serves_everybody() -> None:
    canary = stages(TrafficStep(10, Hold(60)), TrafficStep(500, Hold(30)), SettleStep(300))

    assert 100 * (0.01 * 60 + 0.5 * 30) == timeline.exposed(canary, 100)
    assert 0 == timeline.exposed(stages(MirrorStep(FULL, hold=Hold(60)), SwitchStep()), 100)
    assert 0 == timeline.exposed(stages(PreviewStep(hold=Hold(60)), SwitchStep()), 100)
