import pytest
from msgspec.structs import replace

from serinus.core.planner import canary, finish
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import Hold, Strategy, TrafficStep
from serinus.core.spec.wayback import NoDataPolicy, Unverified
from serinus.core.state.release import Phase, Wait
from serinus.core.state.verdict import Outcome
from tests import builders
from tests.builders import at
from tests.core.planner import stage
from tests.films import scenes

FRESH = stage.reading(data_at=at(3).timestamp())


def rolled(**given: object) -> Turn | None:
    turn = stage.turn(**{"reading": FRESH, **given})
    step = turn.step
    assert isinstance(step, TrafficStep)
    return canary.rolling(turn, step)


def test_a_step_is_held_for_its_time() -> None:
    wait = stage.progress(rolled(held_s=100.0)).wait

    assert Wait("holding at 25 %", at(6, 20), "50 % of the traffic to the candidate") == wait


def test_a_step_that_has_had_its_time_and_evidence_is_left() -> None:
    moved = rolled(held_s=300.0)

    assert ["Step 4 of 5: 50 % of the traffic to the candidate."] == stage.told(moved)


def test_a_step_that_is_skipped_is_left_at_once() -> None:
    assert 3 == stage.progress(rolled(held_s=0.0, skip=True)).step


def test_the_last_step_is_followed_by_the_promotion() -> None:
    one = scenes.with_steps(Strategy.CANARY, (TrafficStep(250, Hold(300)),))

    assert "promotion" == stage.progress(rolled(delivery=one, step=0)).wait.then


def test_a_step_waits_for_the_data_plane_before_its_clock_runs() -> None:
    moved = rolled(step_at=None, weight=50)
    reached = rolled(step_at=None)

    assert "25 % of the traffic" == stage.progress(moved).wait.then
    assert at(3) == stage.progress(reached).step_at


def test_a_manual_step_waits_for_a_person() -> None:
    manual = scenes.with_steps(Strategy.CANARY, (TrafficStep(250, manual=True), TrafficStep(500)))
    wait = stage.progress(rolled(delivery=manual, step=0)).wait

    assert (None, "serinus next: 50 % of the traffic to the candidate") == (wait.until, wait.then)


def test_a_short_step_waits_for_the_first_blocks() -> None:
    short = scenes.canary(10, 250, hold_s=5)
    few = replace(FRESH, blocks=2)
    waits = stage.progress(rolled(delivery=short, step=1, held_s=6.0, reading=few)).wait

    assert Wait("waits for enough requests to compare", at(3, 54), "it goes on unverified") == waits
    assert Phase.PROMOTING is stage.phase(rolled(delivery=short, step=1, held_s=6.0))
    late = rolled(delivery=short, step=1, held_s=60.0, reading=few)
    assert Phase.PROMOTING is stage.phase(late)


def test_each_step_needs_blocks_of_its_own() -> None:
    short = scenes.canary(10, 250, 500, hold_s=5)
    seven = replace(FRESH, blocks=7, test_stable_requests=1000)
    early = rolled(delivery=short, step=1, step_blocks=5, held_s=6.0, reading=seven)
    late = rolled(delivery=short, step=1, step_blocks=4, held_s=6.0, reading=seven)

    assert 1 == stage.progress(early).step
    assert 2 == stage.progress(late).step


def test_a_share_of_nothing_needs_no_evidence() -> None:
    dry = scenes.with_steps(Strategy.CANARY, (TrafficStep(0, Hold(5)), TrafficStep(500)))

    assert 1 == stage.progress(rolled(delivery=dry, step=0, share=0, held_s=6.0)).step


@pytest.mark.parametrize(
    ("phase", "policy", "told"),
    [
        (Phase.ROLLING, Unverified.PROMOTE, "Going on unverified: only 12 of 200 requests came"),
        (Phase.ROLLING_BACK, Unverified.ROLLBACK, "Rolled back: only 12 of 200 requests came"),
        (Phase.HOLDING, Unverified.HOLD, "Holding at 25 %: only 12 of 200 requests came"),
    ],
)
def test_a_step_whose_requests_never_come_ends_as_the_template_says(
    phase: Phase, policy: Unverified, told: str
) -> None:
    asked = scenes.with_steps(
        Strategy.CANARY,
        (TrafficStep(250, Hold(60, min_samples=200)), TrafficStep(500)),
        on_unverified=policy,
    )
    few = {"delivery": asked, "step": 0, "step_requests": 4800}
    waits = rolled(**few, held_s=100.0)
    moved = rolled(**few, held_s=240.0)

    assert "waits for 12 of 200 requests" == stage.progress(waits).wait.cause
    assert canary.UNVERIFIED[policy] == stage.progress(waits).wait.then
    assert phase is stage.phase(moved)
    assert f"{told} within 4m." == stage.told(moved)[0]


def test_missing_data_hold_the_share_for_a_time() -> None:
    moved = rolled(source_problem="connection refused")

    assert (Phase.HOLDING, 250) == (stage.phase(moved), stage.progress(moved).share)
    assert ["Holding at 25 %: no data, connection refused. For 10m at most."] == stage.told(moved)
    assert (at(13), "the weight goes to 0") == (
        stage.progress(moved).wait.until,
        stage.progress(moved).wait.then,
    )


def test_missing_data_let_no_weight_rise_that_has_not_risen() -> None:
    moved = rolled(source_problem="connection refused", step_at=None, weight=50)
    dark = rolled(
        source_problem="connection refused", route_problem="dark", route=None, step_at=None
    )

    assert 50 == stage.progress(moved).share
    assert 250 == stage.progress(dark).share


def test_a_violated_objective_holds_the_share_until_a_person_decides() -> None:
    violated = replace(FRESH, slo_violated="slo violated: errors 3 %", slo_check="slo")
    moved = rolled(reading=violated)

    assert ["Holding at 25 %: errors 3 %."] == stage.told(moved)
    assert Wait("errors 3 %", None, "serinus promote -m REASON or serinus rollback") == (
        stage.progress(moved).wait
    )


def held(**given: object) -> Turn | None:
    return canary.holding(stage.turn(**{"phase": Phase.HOLDING, "reading": FRESH, **given}))


def test_a_hold_ends_when_data_come_again() -> None:
    moved = held(share=50, weight=50)

    assert (Phase.ROLLING, 250, None) == (
        stage.phase(moved),
        stage.progress(moved).share,
        stage.progress(moved).step_at,
    )
    assert at(2) == stage.progress(held()).step_at


def test_a_hold_for_want_of_proof_ends_by_a_person_alone() -> None:
    proof = Wait("unverified", None, finish.UNVERIFIED)

    assert held(wait=proof) is None


def test_a_hold_without_data_ends_at_0_or_as_the_template_says() -> None:
    over = Wait("no data, connection refused", at(3), "the weight goes to 0")
    blind = {"source_problem": "connection refused", "wait": over}
    back = scenes.canary(on_no_data=NoDataPolicy(then="rollback"))

    assert ["Rolled back: no data for 10m, connection refused."] == stage.told(
        held(**blind, delivery=back)
    )
    at_0 = held(**blind)
    assert (Phase.HELD, 0) == (stage.phase(at_0), stage.progress(at_0).share)


def test_a_hold_for_something_else_counts_no_time_without_data() -> None:
    """It has been held for an hour; that the data are missing is new, and is what it waits for."""
    burnt = Wait("errors burns 20 times too fast", None, canary.BURNING)

    moved = held(source_problem="connection refused", since=at(-60), wait=burnt)

    assert Wait("no data, connection refused", at(13), "the weight goes to 0") == (
        stage.progress(moved).wait
    )


def test_traffic_never_goes_back_to_a_stable_that_was_replaced() -> None:
    over = Wait("no data, connection refused", at(3), "rolled back")
    plan = replace(scenes.rolling(), checks=scenes.slo())
    given = {"delivery": plan, "step": 0, "share": 1000, "stable_ordinals": ()}

    moved = held(source_problem="connection refused", wait=over, **given)

    assert Phase.ROLLING_BACK is stage.phase(moved)


def test_a_hold_that_will_roll_back_says_so() -> None:
    back = scenes.canary(on_no_data=NoDataPolicy(then="rollback"))
    moved = rolled(source_problem="connection refused", delivery=back)

    assert "rolled back" == stage.progress(moved).wait.then


def test_a_hold_is_guarded() -> None:
    assert Phase.RETREATED is stage.phase(held(reading=replace(FRESH, alarm=True)))


def test_a_promotion_is_guarded_unless_a_person_promoted() -> None:
    promoting = {"phase": Phase.PROMOTING, "share": 1000, "weight": 250, "step": 3}
    alarm = replace(FRESH, alarm=True, accused="errors")

    def moved(**given: object) -> Turn | None:
        return canary.promoting(stage.turn(**{**promoting, "reading": FRESH, **given}))

    retreated = moved(reading=alarm)

    assert (Phase.RETREATED, 500) == (
        stage.phase(retreated),
        stage.progress(retreated).retreat.accused_share,
    )
    assert Phase.PROMOTING is stage.phase(moved(reading=alarm, promoted_by="ada: now"))
    assert (Phase.HOLDING, 250) == (
        stage.phase(moved(source_problem="away")),
        stage.progress(moved(source_problem="away")).share,
    )
    assert Phase.SETTLING is stage.phase(moved(source_problem="away", weight=1000))


def test_a_pause_keeps_what_the_candidate_has() -> None:
    moved = canary.pause(stage.turn(paused="ada", weight=50, step_at=None))

    assert (Phase.PAUSED, 50) == (moved.progress.phase, moved.progress.share)
    assert ["Paused at 5 % by ada; the checks still guard it."] == stage.told(moved)


def test_a_pause_before_a_step_takes_hold_when_its_share_is_reached() -> None:
    assert Phase.PAUSED is stage.phase(rolled(paused="ada"))


def test_a_check_that_cannot_judge_holds() -> None:
    broken = builders.stream("latency", outcome=Outcome.ERROR, sentence="no bound at 250 ms")
    moved = rolled(reading=replace(FRESH, streams=(broken,)))

    assert ["Holding at 25 %: no data, latency: no bound at 250 ms. For 10m at most."] == (
        stage.told(moved)
    )


# --- the first look -----------------------------------------------------------------------------

FIRST = {"step_at": None, "step": 2, "share": 10, "weight": 10, "max_share": 0}


def test_a_first_look_lasts_ten_seconds_and_begins_when_the_data_plane_follows() -> None:
    coming = rolled(**{**FIRST, "weight": 0})
    begun = rolled(**FIRST)

    assert stage.progress(coming).look_at is None
    assert at(3) == stage.progress(begun).look_at
    assert Wait("a first look at 1 %", at(3, 10), "25 % of the traffic") == (
        stage.progress(begun).wait
    )


def test_after_the_first_look_the_step_gets_its_share() -> None:
    late = rolled(**FIRST, look_at=at(2, 51))
    over = rolled(**FIRST, look_at=at(2, 50))

    assert (10, None) == (stage.progress(late).share, stage.progress(late).step_at)
    assert (250, None) == (stage.progress(over).share, stage.progress(over).step_at)


def test_an_outage_is_seen_at_the_first_look() -> None:
    loud = stage.reading(
        alarm=True, accused="errors", sentence="errors 98 %", data_at=at(3).timestamp()
    )
    moved = rolled(**FIRST, reading=loud)

    assert (Phase.RETREATED, 0) == (stage.phase(moved), stage.progress(moved).share)
