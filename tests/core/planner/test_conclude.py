from msgspec.structs import replace

from serinus.core.planner import conclude, decide
from serinus.core.spec.delivery import Hold, MatchStep, MirrorStep, Strategy
from serinus.core.state.release import Phase
from serinus.core.state.verdict import Report
from serinus.core.state.verdict import Test as Question
from serinus.core.state.verdict import TestKind as Kind
from tests.builders import NEW, at
from tests.core.planner import stage
from tests.films import scenes

TEST = scenes.with_steps(
    Strategy.AB_TEST, (MatchStep(share=250, hold=Hold(for_s=600)),), checks=scenes.slo()
)
SHADOW = scenes.with_steps(Strategy.MIRROR, (MirrorStep(100, hold=Hold(for_s=600)),))
REPORT = Report(
    5000, 5100, final=True, sentence="checkout: 12 % against 11 %: no difference shown."
)
OVER = Question(number=1, kind=Kind.TAKEOVER)


def running(held_s: float, **given: object) -> dict[str, object]:
    begun = {"step": 0, "step_at": at(1), "held_s": held_s, "clock_at": at(3)}
    return {"delivery": TEST, "test": OVER, **begun, **given}


def test_a_test_goes_on_until_its_time_is_over() -> None:
    moved = conclude.matching(stage.turn(**running(599.0)), TEST.steps[0])  # type: ignore[arg-type]  # it is one

    assert Phase.ROLLING is stage.phase(moved)
    assert "it is concluded" == stage.progress(moved).wait.then


def test_a_test_that_is_over_ends_with_its_report() -> None:
    plan = decide.decide(stage.seen(**running(600.0), report=REPORT))

    assert plan.status.release is not None
    assert Phase.CONCLUDED is plan.status.release.progress.phase
    assert "checkout: 12 % against 11 %: no difference shown. v1" in plan.events[-1].sentence
    assert (NEW, "f" * 64) == plan.status.concluded
    assert (NEW, (3,)) == (plan.status.kept, plan.status.kept_ordinals)


def test_its_time_is_told_to_those_who_make_the_report() -> None:
    release = stage.release(**running(595.0))

    assert conclude.over(release, at(13))
    assert not conclude.over(release, at(3))
    assert not conclude.over(replace(release, ended_at=at(13)), at(13))
    assert not conclude.over(stage.release(), at(99))


def test_an_objective_halts_a_test_that_it_does_not_end() -> None:
    violated = stage.reading(slo_violated="slo violated: errors 3 %", slo_check="slo", test=OVER)

    moved = conclude.matching(stage.turn(**running(99.0), reading=violated), TEST.steps[0])  # type: ignore[arg-type]  # it is one

    assert "errors 3 %" == stage.progress(moved).wait.cause
    assert stage.progress(moved).clock_at is None


def test_a_shadow_without_a_single_copy_says_so() -> None:
    turn = stage.turn(**running(0.0, delivery=SHADOW, share=0), reading=None)

    assert "nothing was mirrored" in stage.told(conclude.conclude(turn))[-1]


def test_a_shadow_that_was_shown_to_be_safe_says_so() -> None:
    reading = stage.reading(test=OVER, verified=True, requests=9000)
    turn = stage.turn(**running(0.0, delivery=SHADOW, share=0), reading=reading)

    told = stage.told(conclude.conclude(turn))[-1]

    assert "not worse than 1.5 × v1 plus 0.1 pp (9,000 mirrored requests)" in told
