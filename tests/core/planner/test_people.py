from typing import Any

import pytest

from serinus.core.planner import people
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import Approval
from serinus.core.state.intent import Verb
from serinus.core.state.release import Phase
from tests import builders
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.films import scenes

V1 = builders.wanted(revision=builders.revision(OLD, "v1"))
GATED: dict[str, Any] = {
    "phase": Phase.WAITING,
    "delivery": scenes.gated(250, Approval(count=2)),
    "step": 1,
    "share": 50,
}


def asked(verb: Verb, *, reason: str = "because", actor: str = "ada", **given: Any) -> Turn:
    expected = {name: given.pop(name) for name in list(given) if name.startswith("expect")}
    intent = builders.intent(verb=verb, reason=reason, actor=actor, **expected)
    return people.ask(stage.turn(**given), intent)


def done(turn: Turn) -> str:
    (answer,) = turn.answers
    assert answer.done, answer.sentence
    return answer.sentence


def refused(turn: Turn) -> str:
    (answer,) = turn.answers
    assert not answer.done, answer.sentence
    return answer.sentence


# --- what was seen ----------------------------------------------------------------------------


def test_who_has_not_seen_the_release_or_the_step_is_refused() -> None:
    assert "the release is now 7; you were looking at 6." == refused(
        asked(Verb.PAUSE, expect_release=6)
    )
    assert "the step is now 3 of 5; you were looking at 2." == refused(
        asked(Verb.PAUSE, expect_step=2)
    )
    assert "there is no release; you were looking at 1." == refused(
        asked(Verb.PAUSE, expect_release=1, idle=True)
    )
    assert "shop/local has had no release yet." == refused(
        asked(Verb.PAUSE, expect_step=1, idle=True)
    )
    assert "paused at 25 %." == done(asked(Verb.PAUSE, expect_release=7, expect_step=3))


def test_an_ended_release_cannot_be_moved() -> None:
    turn = asked(Verb.NEXT, phase=Phase.SUCCEEDED, ended_at=at(2))

    assert "release 7 has ended: succeeded." == refused(turn)


def test_an_intent_is_told_before_what_follows_from_it() -> None:
    turn = asked(Verb.PAUSE, reason="lunch")
    silent = asked(Verb.PAUSE, reason="")

    assert [
        "ada: pause (lunch) – done: paused at 25 %.",
        "Paused at 25 % by ada; the checks still guard it.",
    ] == stage.told(turn)
    assert "ada: pause – done: paused at 25 %." == stage.told(silent)[0]


def test_the_same_intent_is_answered_once() -> None:
    turn = asked(Verb.PAUSE)

    assert turn is people.ask(turn, builders.intent(verb=Verb.PAUSE))


# --- pause, resume, next ----------------------------------------------------------------------


def test_a_pause_of_what_cannot_stop_here_waits_or_is_refused() -> None:
    assert "it pauses before the next step." == done(asked(Verb.PAUSE, phase=Phase.TRIAL))
    assert "paused already by bob." == done(asked(Verb.PAUSE, paused="bob"))
    assert "cannot pause while it is promoting; nothing moves forward there." == refused(
        asked(Verb.PAUSE, phase=Phase.PROMOTING)
    )


def test_a_resume_goes_on_at_the_share_of_the_step() -> None:
    turn = asked(Verb.RESUME, phase=Phase.PAUSED, paused="bob", share=50, step_at=at(2))
    waiting = asked(Verb.RESUME, **GATED, paused="bob")

    assert "going on." == done(turn)
    assert (Phase.ROLLING, 250, None) == (
        turn.progress.phase,
        turn.progress.share,
        turn.progress.step_at,
    )
    assert (Phase.WAITING, "") == (waiting.progress.phase, waiting.progress.paused)
    assert "it is not paused." == done(asked(Verb.RESUME))


def test_next_skips_what_is_being_held() -> None:
    turn = asked(Verb.NEXT)

    assert "the current wait is skipped." == done(turn)
    assert turn.progress.skip


@pytest.mark.parametrize(
    ("why", "given"),
    [
        ("paused; resume it first", {"phase": Phase.PAUSED}),
        ("waiting; it needs 2 approvals: serinus approve", GATED),
        ("probing; the probe decides; promote or roll back", {"phase": Phase.PROBING}),
        ("holding; promote it with a reason, or roll back", {"phase": Phase.HOLDING}),
        ("starting; no step is being held", {"phase": Phase.STARTING}),
        (
            "rolling; this step goes as fast as it can",
            {"delivery": scenes.rolling(), "step": 0},
        ),
    ],
)
def test_next_is_refused_where_it_would_change_nothing(why: str, given: dict[str, Any]) -> None:
    assert f"cannot go to the next step while it is {why}." == refused(
        asked(Verb.NEXT, reason="", **given)
    )


def test_next_answers_for_a_gate_that_is_open_already() -> None:
    turn = asked(Verb.NEXT, **GATED, approvals=("ada", "bob"))

    assert "its gates are open already." == done(turn)


def test_next_goes_on_to_the_first_requests_although_copies_look_worse() -> None:
    given: dict[str, Any] = {
        "phase": Phase.HOLDING,
        "delivery": scenes.mirrored_canary(),
        "step": 0,
        "share": 0,
    }

    turn = asked(Verb.NEXT, **given)

    assert "it goes on." == done(turn)
    assert (Phase.ROLLING, True) == (turn.progress.phase, turn.progress.skip)


@pytest.mark.parametrize("phase", [Phase.HOLDING, Phase.HELD])
def test_what_is_held_can_be_promoted_whatever_its_strategy(phase: Phase) -> None:
    turn = asked(Verb.PROMOTE, delivery=scenes.blue_green(), step=1, phase=phase)

    assert "all traffic goes to v2." == done(turn)


def test_next_goes_on_with_a_rolling_release_that_an_objective_halted() -> None:
    violated = stage.reading(slo_violated="slo violated: errors 3 %", slo_check="slo")

    assert asked(Verb.NEXT, delivery=scenes.rolling(), step=0, reading=violated).progress.skip


def test_next_goes_on_past_new_log_lines_with_a_reason() -> None:
    halted = stage.reading(halted="a new kind of line came 4 times: KeyError")
    given = {"phase": Phase.HOLDING, "reading": halted}

    turn = asked(Verb.NEXT, reason="known, harmless", **given)

    assert "needs a reason" in refused(asked(Verb.NEXT, reason="", **given))
    assert "new kinds of log lines hold it no more." == done(turn)
    assert (Phase.ROLLING, "ada: known, harmless") == (turn.progress.phase, turn.progress.heard)


def test_next_does_not_go_past_an_objective() -> None:
    violated = stage.reading(slo_violated="slo violated: errors 3 %", slo_check="slo")

    assert "promote it" in refused(asked(Verb.NEXT, phase=Phase.HOLDING, reading=violated))


# --- promote, roll back -----------------------------------------------------------------------


def test_a_promotion_needs_a_reason_and_keeps_it() -> None:
    turn = asked(Verb.PROMOTE, reason="it is Monday", phase=Phase.HELD, share=0)

    assert "all traffic goes to v2." == done(turn)
    assert ("ada: it is Monday", "") == (turn.progress.promoted_by, turn.progress.paused)
    assert refused(asked(Verb.PROMOTE, reason="")).endswith("so it needs a reason: -m REASON.")


@pytest.mark.parametrize(
    ("why", "given"),
    [
        ("rolling back; deploy it again", {"phase": Phase.ROLLING_BACK}),
        (
            "starting; the first release serves as soon as it is ready",
            {"phase": Phase.STARTING, "first": True},
        ),
        (
            "starting; this strategy has no waits to skip but its own",
            {"delivery": scenes.recreate(), "step": 0, "phase": Phase.STARTING},
        ),
        (
            "rolling; this strategy has no waits to skip but its own",
            {"delivery": scenes.rolling(), "step": 0},
        ),
    ],
)
def test_a_promotion_is_refused_where_it_makes_no_sense(why: str, given: dict[str, Any]) -> None:
    assert f"cannot promote while it is {why}." == refused(asked(Verb.PROMOTE, **given))


def test_what_is_promoted_or_going_back_already_is_done() -> None:
    assert "it is promoted already." == done(asked(Verb.PROMOTE, phase=Phase.SETTLING))
    assert "it is going back already." == done(asked(Verb.ROLLBACK, phase=Phase.ROLLING_BACK))


def test_a_rollback_tells_who_and_why() -> None:
    turn = asked(Verb.ROLLBACK, actor="bob", reason="wrong prices")

    assert "all traffic returns to v1." == done(turn)
    assert "Rolled back by bob: wrong prices." == turn.progress.sentence
    assert "Rolled back by bob." == asked(Verb.ROLLBACK, actor="bob", reason="").progress.sentence


def test_a_first_release_has_nothing_to_go_back_to() -> None:
    turn = asked(Verb.ROLLBACK, phase=Phase.STARTING, first=True)

    assert refused(turn).endswith("there is no version before the first release.")


# --- retry, approve, reject, delete -----------------------------------------------------------


def test_a_retry_probes_what_is_held() -> None:
    turn = asked(Verb.RETRY, phase=Phase.HELD, share=0)

    assert "a fresh replica is probed." == done(turn)
    assert Phase.RETREATED is turn.progress.phase


def test_a_retry_lets_a_failed_change_out_of_quarantine() -> None:
    turn = asked(Verb.RETRY, idle=True, quarantine=(NEW, "c"))

    assert "the change to v2 is tried again." == done(turn)
    assert ("c",) == turn.status.quarantine


def test_a_retry_is_refused_without_anything_to_try() -> None:
    nothing = "nothing failed that the spec still asks for."

    assert nothing == refused(asked(Verb.RETRY, idle=True))
    assert nothing == refused(asked(Verb.RETRY, idle=True, quarantine=(NEW,), wanted=V1))
    assert nothing == refused(asked(Verb.RETRY, idle=True, wanted=None))
    assert refused(asked(Verb.RETRY)).endswith("it is still in flight.")


def test_a_retry_deploys_what_was_deleted_anew() -> None:
    gone: dict[str, Any] = {"idle": True, "deleted": True}
    turn = asked(Verb.RETRY, **gone, replicas=())

    assert "it is deployed anew." == done(turn)
    assert (False, None, 9, 7) == (
        turn.status.deleted,
        turn.status.stable,
        turn.status.next_ordinal,
        turn.status.releases,
    )
    missing = "it is deleted; its spec must be there, and its replicas gone."
    assert missing == refused(asked(Verb.RETRY, **gone))
    assert missing == refused(asked(Verb.RETRY, **gone, replicas=(), wanted=None))


def test_approvals_are_counted_off_and_each_person_once() -> None:
    first = asked(Verb.APPROVE, **GATED)
    last = asked(Verb.APPROVE, **GATED, approvals=("bob",))

    assert "approved; it still needs 1 approval." == done(first)
    assert "approved." == done(last)
    again = asked(Verb.APPROVE, **GATED, approvals=("ada",))
    assert "approved already; it still needs 1 approval." == done(again)
    assert "cannot approve while it is rolling; no gate is waiting." == refused(asked(Verb.APPROVE))


def test_a_rejection_takes_it_back() -> None:
    turn = asked(Verb.REJECT, **GATED)

    assert "it is taken back." == done(turn)
    assert "Rejected by ada: because." == turn.progress.sentence
    assert "Rejected by ada." == asked(Verb.REJECT, **GATED, reason="").progress.sentence
    assert "cannot reject while it is rolling; no gate is waiting." == refused(asked(Verb.REJECT))


@pytest.mark.parametrize(
    ("phase", "end"),
    [(Phase.ROLLING, Phase.SUPERSEDED), (Phase.SETTLING, Phase.SUCCEEDED)],
)
def test_a_deletion_ends_what_is_in_flight(phase: Phase, end: Phase) -> None:
    turn = asked(Verb.DELETE, phase=phase)
    idle = asked(Verb.DELETE, idle=True)

    assert "its route is removed, and its replicas stop." == done(turn)
    assert (True, end, at(3)) == (
        turn.status.deleted,
        turn.progress.phase,
        turn.release.ended_at,
    )
    assert idle.status.deleted
