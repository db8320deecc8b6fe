from msgspec.structs import replace

from serinus.core.planner import barred, decide
from serinus.core.spec.calendar import Weekly, Window
from serinus.core.state.observed import Freeze
from serinus.core.state.release import Phase
from serinus.core.state.verdict import BudgetReading
from tests import builders
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.films import scenes

SPENT = BudgetReading("errors", 1.2, 1000, 12, freeze=True, sentence="errors: 120 % is spent")
CLOSED = Window("tuesday", hours=(Weekly(1, 0, 2, 0),), message="tuesdays only")
BLACKOUT = Window("monday", blackout=True, hours=(Weekly(0, 0, 1, 0),))


def cause(**given: object) -> str:
    budgets = given.pop("budgets", ())
    turn = stage.turn(idle=True, wanted=builders.wanted(**given), budgets=budgets)
    found = barred.bar(turn, builders.wanted(**given))
    return found.cause if found else ""


def test_nothing_bars_a_release_by_itself() -> None:
    assert "" == cause()


def test_a_freeze_bars_until_it_is_over() -> None:
    assert "a freeze: the fair" == cause(freeze=Freeze("the fair", at(4)))
    assert "" == cause(freeze=Freeze("the fair", at(2)))


def test_windows_and_blackouts_bar_with_their_message() -> None:
    assert "the window tuesday: tuesdays only" == cause(windows=(CLOSED,))
    assert "the blackout monday" == cause(windows=(BLACKOUT,))


def test_a_spent_budget_bars_where_its_check_says_so() -> None:
    assert "the error budget is spent: errors: 120 % is spent" == cause(budgets=(SPENT,))
    assert "" == cause(budgets=(replace(SPENT, freeze=False),))


def test_what_served_before_may_always_come_back() -> None:
    wanted = builders.wanted(freeze=Freeze("the fair"))
    for known in ({"served": (NEW,)}, {"previous": NEW}):
        assert barred.bar(stage.turn(idle=True, wanted=wanted, **known), wanted) is None


def test_a_barred_change_is_queued_and_starts_nothing() -> None:
    wanted = builders.wanted(freeze=Freeze("the fair"))

    plan = decide.decide(stage.seen(idle=True, wanted=wanted))

    assert plan.status.release is not None
    assert Phase.QUEUED is plan.status.release.progress.phase
    assert () == plan.status.release.progress.ordinals
    assert () == plan.actions


def test_a_queued_release_takes_the_plan_of_the_day_on_which_it_begins() -> None:
    later = scenes.canary(500, hold_s=30)
    wanted = builders.wanted(delivery=later, delivery_hash="e" * 64)

    plan = decide.decide(stage.seen(phase=Phase.QUEUED, share=0, ordinals=(), wanted=wanted))

    assert plan.status.release is not None
    assert Phase.STARTING is plan.status.release.progress.phase
    assert (later, "e" * 64) == (plan.status.release.delivery, plan.status.release.delivery_hash)


def test_a_spec_that_cannot_be_read_begins_nothing() -> None:
    """Whoever damages a file must not lift the freeze that stands beside it."""
    given = {"phase": Phase.QUEUED, "share": 0, "ordinals": ()}

    plan = decide.decide(stage.seen(**given, wanted=None, problem="shop.yaml:3: what?"))

    assert plan.status.release is not None
    assert Phase.QUEUED is plan.status.release.progress.phase
    assert "shop.yaml:3: what?" == plan.status.release.progress.wait.cause


def test_the_old_version_stays_warm_while_the_next_change_is_barred() -> None:
    settling = {"phase": Phase.SETTLING, "previous": OLD, "previous_until": at(9), "stable": NEW}
    newer = builders.revision("c" * 64, "v3")
    wanted = builders.wanted(revision=newer, freeze=Freeze("the fair"))

    plan = decide.decide(stage.seen(**settling, share=1000, wanted=wanted))

    assert plan.status.release is not None
    assert Phase.SETTLING is plan.status.release.progress.phase
