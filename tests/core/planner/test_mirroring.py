from msgspec.structs import replace

from serinus.core.planner import canary, decide, mirroring
from serinus.core.planner.plan import SetRoute
from serinus.core.spec.delivery import Delivery, Hold, MirrorStep, SettleStep, Strategy, SwitchStep
from serinus.core.spec.rules import Flagger
from serinus.core.state.release import Phase
from serinus.core.state.traffic import Mirror
from serinus.core.state.verdict import BudgetReading
from serinus.core.state.verdict import Test as Question
from serinus.core.state.verdict import TestKind as Kind
from tests.builders import NEW, at
from tests.core.planner import stage
from tests.films import scenes

STEP = MirrorStep(100, ("GET",), Hold(for_s=60))
PLAN = scenes.with_steps(Strategy.BLUE_GREEN, (STEP, SwitchStep(), SettleStep()))
OVER = Question(number=1, kind=Kind.TAKEOVER)
ROUTE = replace(stage.route(0), mirror=Mirror(NEW, 100, ("GET",), stage.endpoints(NEW, (3,))))


def copied(held_s: float = 0.0, delivery: Delivery = PLAN, **given: object) -> dict[str, object]:
    begun = {"step": 0, "share": 0, "step_at": at(1), "held_s": held_s, "clock_at": at(3)}
    return {"delivery": delivery, "test": OVER, "route": ROUTE, **begun, **given}


def test_the_route_copies_to_the_candidate_and_gives_it_nothing() -> None:
    plan = decide.decide(stage.seen(**copied(step_at=None, route=stage.route(0))))

    (route,) = (a.route for a in plan.actions if isinstance(a, SetRoute))
    assert ROUTE.mirror == route.mirror
    assert 0 == route.weight(NEW)


def test_a_candidate_that_is_not_ready_gets_no_copies_yet() -> None:
    waiting = (*stage.seen().replicas[:3], stage.replica(ready_at=None, started_at=at(3)))

    plan = decide.decide(stage.seen(**copied(step_at=None, route=stage.route(0)), replicas=waiting))

    assert not [a for a in plan.actions if isinstance(a, SetRoute) and a.route.mirror]


def test_it_waits_for_time_and_evidence() -> None:
    short = mirroring.rolling(stage.turn(**copied(held_s=30.0)), STEP)
    few = mirroring.rolling(stage.turn(**copied(held_s=61.0), reading=None), PLAN.steps[0])  # type: ignore[arg-type]  # it is one

    assert "10 % of the requests are copied" == stage.progress(short).wait.cause
    assert Phase.ROLLING is stage.phase(few)


def test_enough_evidence_switches_and_is_remembered_as_copies() -> None:
    enough = stage.reading(test=OVER, requests=900, bad=2, blocks=12, test_stable_requests=900)

    moved = mirroring.rolling(stage.turn(**copied(held_s=60.0), reading=enough), STEP)

    assert (900, 2) == stage.progress(moved).copies
    assert (1, Question(2, Kind.TAKEOVER)) == (
        stage.progress(moved).step,
        stage.progress(moved).test,
    )


def test_copies_that_look_worse_are_watched_for_longer_and_then_a_person_decides() -> None:
    worse = stage.reading(
        test=OVER,
        log_evidence=2.0,
        requests=900,
        blocks=12,
        test_stable_requests=900,
        sentence="errors 0.4 % against 0.1 % on stable (900 requests, evidence 7:1)",
    )

    longer = mirroring.rolling(stage.turn(**copied(held_s=61.0), reading=worse), STEP)
    ended = mirroring.rolling(stage.turn(**copied(held_s=240.0), reading=worse), STEP)

    assert "waits for more evidence: so far it looks worse" == stage.progress(longer).wait.cause
    assert Phase.HOLDING is stage.phase(ended)
    assert "Holding at 0 %, before anybody meets it: errors 0.4 %" in stage.told(ended)[-1]
    assert canary.holding(stage.turn(**copied(phase=Phase.HOLDING), reading=worse)) is not None


def test_where_a_rule_was_chosen_the_evidence_of_copies_holds_nothing() -> None:
    worse = stage.reading(
        test=OVER, log_evidence=2.0, requests=900, blocks=12, test_stable_requests=900
    )
    ruled = replace(PLAN, rule=Flagger())

    left = mirroring.rolling(stage.turn(**copied(61.0, ruled), reading=worse), STEP)

    assert 1 == stage.progress(left).step


def test_a_test_that_promotes_nobody_ends_with_what_its_copies_show() -> None:
    worse = stage.reading(test=OVER, log_evidence=2.0, blocks=12, test_stable_requests=900)
    shadow = scenes.with_steps(Strategy.MIRROR, (STEP,))

    moved = mirroring.rolling(stage.turn(**copied(61.0, shadow), reading=worse), STEP)

    assert Phase.CONCLUDED is stage.phase(moved)


def test_copies_that_fail_end_the_release() -> None:
    worse = stage.reading(test=OVER, regressed="errors: errors 9 % against 0.1 % on stable")

    moved = mirroring.rolling(stage.turn(**copied(held_s=10.0), reading=worse), STEP)

    assert Phase.ROLLING_BACK is stage.phase(moved)


def test_a_burning_budget_and_a_pause_stop_the_clock() -> None:
    burning = (BudgetReading("errors", 0.5, 10, 5, burning="errors burns 20 times too fast"),)

    burnt = mirroring.rolling(stage.turn(**copied(held_s=99.0), budgets=burning), STEP)
    paused = mirroring.rolling(stage.turn(**copied(held_s=99.0, paused="ada")), STEP)

    assert "errors burns 20 times too fast" == stage.progress(burnt).wait.cause
    assert "ada paused it" == stage.progress(paused).wait.cause
    assert stage.progress(burnt).clock_at is None
