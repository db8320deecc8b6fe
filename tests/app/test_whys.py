from typing import Any

import pytest

from serinus.app import whys
from serinus.core.spec.delivery import MatchStep, MirrorStep, PreviewStep, SwitchStep
from serinus.core.spec.rules import Flagger
from serinus.core.spec.wayback import RetreatPolicy
from serinus.core.state.explanation import CheckExplained, Explanation
from serinus.core.state.release import Phase, Release, Retreat
from tests import builders


def verdict(**given: Any) -> Explanation:
    return Explanation(
        **{
            "at": None,
            "test": "run",
            "evidence": 1.3,
            "needed": 10.0,
            "threshold": "alarm",
            **given,
        }
    )


def check(**given: Any) -> CheckExplained:
    plain = {"name": "errors", "kind": "errors", "against": "stable", "outcome": "pass"}
    return CheckExplained(**{**plain, "sentence": "", "weight": 1.0, **given})


def said(found: Explanation | None = None, **given: Any) -> tuple[str, ...]:
    return whys.why(builders.release(**given), verdict() if found is None else found)


def stepping(step: Any, **given: Any) -> Release:
    return builders.release(delivery=builders.delivery(steps=(step,)), step=0, **given)


def test_a_run_is_not_taken_back_while_the_evidence_is_small() -> None:
    assert (
        "Not taken back: all checks together say 1.3:1, and 10:1 takes the traffic away.",
    ) == said()


def test_what_is_verified_waits_for_its_steps_alone() -> None:
    assert (
        "It is shown to be safe; what is left are the time and the requests of its steps."
        == (said(verdict(verified=True))[-1])
    )


def test_a_rule_that_was_chosen_stands_in_the_place_of_the_evidence() -> None:
    (told,) = said(delivery=builders.delivery(rule=Flagger()))

    assert told.endswith("The evidence is shown, and moves nothing.")


def test_before_anything_was_judged_there_is_nothing_to_say() -> None:
    assert () == whys.why(builders.release(), None)


def test_a_first_release_has_nothing_to_be_compared_with() -> None:
    (told,) = said(stable=None)
    assert told.startswith("It is the first release")


def test_without_checks_only_its_replicas_are_watched() -> None:
    (told,) = said(delivery=builders.delivery(checks=()))
    assert told.startswith("Nothing is compared")


@pytest.mark.parametrize("phase", [Phase.RETREATED, Phase.PROBING, Phase.TRIAL])
def test_a_release_that_was_taken_back_says_what_is_lacking_to_roll_it_back(phase: Phase) -> None:
    state = Retreat(count=1, fails=1, ledger=3.5, stream="errors", wanted=3, luck="it was seen so")
    told = said(phase=phase, retreat=state)

    assert told[0] == (
        "Not rolled back yet: 1 of 3 probes on fresh replicas failed, and all tests together say"
        " 33:1, of the 100:1 that it takes. Both are needed."
    )
    assert "So many probes, because it was seen so." == told[-1]
    assert (phase is Phase.TRIAL) == any("on trial" in one for one in told)


def test_a_release_that_a_person_retries_says_that_it_is_tried_first() -> None:
    (told,) = said(phase=Phase.RETREATED, retreat=Retreat(count=0))
    assert "Not rolled back yet: the fresh replicas are tried first." == told


def test_a_held_release_is_for_a_person() -> None:
    assert ("A person decides: nothing more happens by itself.",) == said(phase=Phase.HELD)


def test_a_release_that_was_rolled_back_says_by_how_much() -> None:
    state = Retreat(count=1, fails=2, ledger=9.0, stream="errors")
    told = said(phase=Phase.ROLLED_BACK, ended_at=builders.at(3), retreat=state)

    said_so = (
        "2 fresh replicas failed of the 2 that it takes, and all tests together said over 1,000:1,"
        " of the 100:1 that it takes."
    )
    assert (said_so,) == told
    one = RetreatPolicy(probes=1)
    told = said(
        phase=Phase.ROLLED_BACK,
        ended_at=builders.at(3),
        retreat=Retreat(count=1, fails=1, ledger=9.0),
        delivery=builders.delivery(retreat=one),
    )
    assert told[0].startswith("1 fresh replica failed of the 1 that it takes")


def test_alarms_of_a_release_that_succeeded_are_told() -> None:
    ended: dict[str, Any] = {"phase": Phase.SUCCEEDED, "ended_at": builders.at(3)}

    assert () == said(**ended)
    assert ("There was 1 alarm on the way.",) == said(**ended, retreat=Retreat(count=1))
    assert ("There were 2 alarms on the way.",) == said(**ended, retreat=Retreat(count=2))


def test_who_serves_everybody_is_compared_with_the_past() -> None:
    found = verdict(test="takeover", needed=100.0)
    release = stepping(SwitchStep(), phase=Phase.SETTLING)
    (told,) = whys.why(release, found)

    assert told.endswith("and goes back at 100:1, once. All checks together say 1.3:1.")
    assert () == whys.why(release, verdict(test="takeover", alarmed=True))


def test_before_a_takeover_is_judged_and_after_a_person_went_back_nothing_is_said() -> None:
    unjudged = verdict(test="takeover", evidence=None, needed=None)
    assert () == whys.why(stepping(SwitchStep(), phase=Phase.SETTLING), unjudged)
    back: dict[str, Any] = {"phase": Phase.ROLLED_BACK, "ended_at": builders.at(3)}
    assert () == whys.why(builders.release(**back, retreat=Retreat(count=1)), verdict())


@pytest.mark.parametrize(
    ("step", "begins"),
    [
        (PreviewStep(), "Nobody is sent to the candidate yet"),
        (MirrorStep(1000), "Nobody gets the candidate's answers"),
        (MatchStep(share=500), "A test with users goes back for good at 100:1, and not before"),
    ],
)
def test_where_no_traffic_is_moved_that_is_said(step: Any, begins: str) -> None:
    found = verdict(test="takeover", needed=100.0)
    (told,) = whys.why(stepping(step), found)

    assert told.startswith(begins)


def test_a_test_with_users_that_nobody_judges_says_nothing_of_evidence() -> None:
    found = verdict(test="takeover", evidence=None, needed=None)
    assert () == whys.why(stepping(MatchStep(share=500)), found)


def test_evidence_without_the_guard_is_severity_and_nothing_else() -> None:
    loud = check(evidence=3.0, unguarded=45.0, needed=15.0)
    told = said(verdict(checks=(loud, check(), check(evidence=20.0, unguarded=45.0, needed=15.0))))

    severe = (
        "Without the guard against clumps errors would say 45:1: that is how severe it looks, and"
        " nothing follows from it."
    )
    assert (severe,) == told[1:]


def test_the_guard_tells_its_price() -> None:
    assert "" == whys.guard(check()) == whys.guard(check(dispersion=1.02))
    told = whys.guard(check(dispersion=2.4))
    assert told.startswith("bad requests of stable come in clumps (φ̂ 2.4), so that 2.4 times as")
