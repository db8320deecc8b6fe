from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from serinus.core.planner import decide
from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import SettleStep, Strategy
from serinus.core.state.intent import Verb
from serinus.core.state.observed import Freeze
from serinus.core.state.release import Phase, Wait
from tests import builders
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.films import scenes


def test_at_rest_nothing_is_decided() -> None:
    observed = stage.seen(idle=True, wanted=builders.wanted(revision=builders.revision(OLD, "v1")))
    plan = decide.decide(observed)

    assert (observed.status, (), (), None) == (plan.status, plan.actions, plan.events, plan.wake)


def test_an_ended_release_stays_as_it_is() -> None:
    for phase in (Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.SUPERSEDED, Phase.FAILED):
        observed = stage.seen(phase=phase, ended_at=at(2), share=0, ordinals=(), quarantine=(NEW,))
        assert observed.status == decide.decide(observed).status


def test_a_held_release_stays_as_it_is() -> None:
    observed = stage.seen(phase=Phase.HELD, share=0)

    assert observed.status == decide.decide(observed).status


def test_a_queued_release_stays_as_it_is_while_a_freeze_lasts() -> None:
    frozen = msgspec.structs.replace(builders.wanted(), freeze=Freeze("the fair"))
    wait = Wait("a freeze: the fair", None, "it begins; serinus next -m REASON begins it now")
    observed = stage.seen(phase=Phase.QUEUED, share=0, ordinals=(), wanted=frozen, wait=wait)

    assert observed.status == decide.decide(observed).status


def test_intents_are_answered_first() -> None:
    wish = builders.intent(verb=Verb.ROLLBACK)
    plan = decide.decide(stage.seen(intents=(wish,)))

    assert ["wish-1"] == [a.intent for a in plan.answers]
    assert plan.status.release is not None
    assert (Phase.ROLLING_BACK, 0) == (
        plan.status.release.progress.phase,
        plan.status.release.progress.share,
    )


def test_what_is_kept_for_inspection_is_let_go_in_time() -> None:
    kept: dict[str, Any] = {"idle": True, "kept": NEW, "kept_ordinals": (3,), "quarantine": (NEW,)}

    stays = decide.decide(stage.seen(**kept, kept_until=at(4)))
    goes = decide.decide(stage.seen(**kept, kept_until=at(3)))

    assert (NEW, at(4)) == (stays.status.kept, stays.wake)
    assert (None, None) == (goes.status.kept, goes.wake)


def test_a_deleted_application_decides_nothing_more() -> None:
    observed = stage.seen(idle=True, deleted=True)

    assert observed.status == decide.decide(observed).status


def test_the_next_look_is_at_the_next_deadline() -> None:
    plan = decide.decide(stage.seen(held_s=100.0, reading=None))
    pending = stage.seen(pending_since=at(2), replicas=())

    assert at(6, 20) == plan.wake
    assert at(4) == decide.decide(pending).wake


def test_moves_without_an_end_are_a_fault_of_the_planner(monkeypatch: pytest.MonkeyPatch) -> None:
    def restless(turn: Turn) -> Turn:
        return turn.with_(exposed=turn.progress.exposed + 1)

    monkeypatch.setattr(decide, "PHASES", {**decide.PHASES, Phase.HELD: restless})

    with pytest.raises(RuntimeError, match="shop/local: no end of moves"):
        decide.decide(stage.seen(phase=Phase.HELD, share=0))


def test_a_settling_is_never_a_step_that_rolls() -> None:
    odd = scenes.with_steps(Strategy.CANARY, (SettleStep(),))
    observed = stage.seen(delivery=odd, step=0)

    with pytest.raises(ValueError, match="the settling is a phase"):
        decide.decide(observed)


def test_a_release_that_is_decided_twice_is_decided_once() -> None:
    observed = stage.seen(held_s=300.0, reading=stage.reading(data_at=at(3).timestamp()))
    once = decide.decide(observed)
    twice = decide.decide(replace(observed, status=once.status))

    assert (once.status, once.actions, ()) == (twice.status, twice.actions, twice.events)
