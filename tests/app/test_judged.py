from msgspec.structs import replace

from serinus.app import judged
from serinus.core.spec.delivery import QueryCheck, Threshold
from serinus.core.spec.rules import Flagger
from serinus.core.state.verdict import (
    BudgetReading,
    GoalReading,
    LookReading,
    Outcome,
    Report,
)
from tests import builders
from tests.films import scenes

QUEUE = QueryCheck("queue", Threshold(max=50.0), "queue_length")
RELEASE = builders.release(delivery=scenes.canary(500, looks=(QUEUE,)))


def test_every_check_of_the_plan_is_shown_also_without_a_reading() -> None:
    found = judged.checks(RELEASE, ())

    assert ["errors", "latency"] == [check.name for check in found]
    assert {"not judged yet"} == {check.sentence for check in found}


def test_the_first_release_of_all_is_compared_with_nothing() -> None:
    first = replace(RELEASE, stable=None)

    assert () == judged.checks(first, ())
    assert () == judged.looks(first, ())


def test_a_look_has_its_number_and_its_strikes() -> None:
    reading = LookReading("queue", Outcome.FAIL, "queue: 90, at most 50", 90.0, None, 50.0, 2)

    (found,) = judged.looks(RELEASE, (reading,))

    assert ("queue", "fail", 90.0, 50.0, 2) == (
        *(found.name, found.outcome, found.value),
        *(found.limit, found.strikes),
    )
    assert found.rate is None


def test_a_look_without_a_reading_is_not_judged() -> None:
    ended = replace(RELEASE, ended_at=builders.at(9))

    assert "not judged yet" == judged.looks(RELEASE, ())[0].sentence
    assert "not judged" == judged.looks(ended, ())[0].sentence


def test_a_report_is_shown_whole_and_none_stays_none() -> None:
    goal = GoalReading("checkout", 0.12, 0.11, 0.01, -0.002, 0.018, "no difference shown")
    found = judged.report(Report(50, 49, (goal,), warning="too few on one side", sentence="so"))

    assert judged.report(None) is None
    assert found is not None
    assert (50, 49, "too few on one side", False) == (
        *(found.users, found.stable_users),
        *(found.warning, found.final),
    )
    assert ("checkout", -0.002, 0.018) == (
        found.goals[0].name,
        found.goals[0].low,
        found.goals[0].high,
    )


def test_a_budget_says_what_is_spent() -> None:
    found = judged.budget(BudgetReading("errors", 0.83, 5_000_000, 4150, sentence="83 %"))

    assert (0.83, 4150, False, "83 %") == (found.spent, found.bad, found.freezes, found.sentence)


def test_the_rule_that_was_chosen_is_shown_first() -> None:
    delivery = scenes.canary(500, looks=(QUEUE,), rule=Flagger())
    reading = LookReading("flagger", Outcome.PASS, "flagger: all is well", 0.999, None, 0.99)

    found = judged.looks(builders.release(delivery=delivery), (reading,))

    assert ["flagger", "queue"] == [check.name for check in found]
    assert "flagger: all is well" == found[0].sentence
