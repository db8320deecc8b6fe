from typing import Any

import pytest

from serinus.app import commands, progress
from serinus.app.shown import View
from serinus.core.spec.delivery import SettleStep
from serinus.core.state.command import Command
from serinus.core.state.intent import Verb
from serinus.core.state.release import Phase, Release
from serinus.interfaces.api.people import Person, Right
from serinus.interfaces.web import acts
from serinus.interfaces.web.acts import Act
from serinus.ports.store import Asked
from tests import builders

ADA = Person("ada")


def seen(release: Release, **given: Any) -> View:
    """A view with what acts look at."""
    status = builders.status(release=release)
    return View(
        **{
            **dict.fromkeys(View.__struct_fields__),
            "application": "shop",
            "environment": "local",
            "state": release.progress.phase.value,
            "version": release.version,
            "stable_version": release.stable_version,
            "stable": release.stable,
            "in_flight": release.ended_at is None,
            "share": release.progress.share / 1000,
            "step": release.progress.step + 1,
            "steps": progress.steps(release, ()),
            "next": commands.sensible(status, release, Asked()),
            "gate": "",
            **given,
        }
    )


def offered(release: Release, person: Person | None = ADA, **given: Any) -> dict[Verb, Act]:
    return {act.verb: act for act in acts.offered(seen(release, **given), release, person)}


def said(release: Release, verb: Verb, **given: Any) -> str:
    return " ".join(offered(release, **given)[verb].consequences)


def test_a_rolling_release_can_be_paused_hurried_promoted_and_taken_back_in_this_order() -> None:
    found = offered(builders.release())

    assert [Verb.PAUSE, Verb.NEXT, Verb.PROMOTE, Verb.ROLLBACK] == list(found)
    assert [False, False, True, False] == [act.reason for act in found.values()]
    assert [False, False, False, True] == [act.urgent for act in found.values()]


def test_what_comes_of_a_way_back_is_said_with_its_numbers() -> None:
    text = said(builders.release(), Verb.ROLLBACK)

    assert "100 % of the traffic goes back to v1" in text
    assert "kept for 10m" in text
    assert "Retry" in text


def test_a_first_release_has_no_way_back() -> None:
    assert Verb.ROLLBACK not in offered(builders.release(stable=None))


def test_a_promotion_lists_what_it_skips() -> None:
    text = said(builders.release(), Verb.PROMOTE)

    assert "All of the traffic goes to v2 now. Skipped: " in text


def test_a_promotion_still_keeps_the_old_replicas_warm() -> None:
    steps = (*builders.delivery().steps, SettleStep())
    release = builders.release(delivery=builders.delivery(steps=steps))

    assert "stay warm" not in said(release, Verb.PROMOTE)


def test_the_way_back_is_open_in_every_state_but_on_the_way_back() -> None:
    for phase in Phase:
        ended_at = builders.at(9) if phase.ended else None
        found = offered(builders.release(phase=phase, ended_at=ended_at))

        assert (Verb.ROLLBACK in found) is (not phase.ended and phase is not Phase.ROLLING_BACK)


def test_the_next_step_is_named() -> None:
    assert "step 4 begins" in said(builders.release(), Verb.NEXT)
    assert "step 4 is skipped." in said(builders.release(step=3), Verb.NEXT)


def test_going_past_what_is_waited_for_is_called_so() -> None:
    assert "on your word" in said(builders.release(phase=Phase.QUEUED), Verb.NEXT)


def test_a_pause_and_its_end_say_what_stays_and_what_goes_on() -> None:
    assert "v2 keeps its 25 %" in said(builders.release(), Verb.PAUSE)
    assert "with 50s left of it" in said(
        builders.release(phase=Phase.PAUSED, held_s=10), Verb.RESUME
    )
    assert "goes on where it was" in said(
        builders.release(phase=Phase.PAUSED, held_s=70), Verb.RESUME
    )


@pytest.mark.parametrize(
    ("release", "text"),
    [
        (builders.release(phase=Phase.HELD), "fresh replicas"),
        (builders.ended(Phase.ROLLED_BACK), "A new release of v2"),
    ],
)
def test_a_retry_says_what_is_tried_again(release: Release, text: str) -> None:
    assert text in said(release, Verb.RETRY, next=(Command("retry", "shop"),))


def test_a_gate_is_opened_or_refused_by_name() -> None:
    waiting = builders.release(phase=Phase.WAITING, gate="approval")

    assert "counts your name" in said(waiting, Verb.APPROVE)
    assert "v2 is refused" in said(waiting, Verb.REJECT)
    assert offered(waiting)[Verb.REJECT].reason


def test_who_may_not_do_it_sees_what_they_lack() -> None:
    found = offered(builders.release(), Person("eve", frozenset({Right.VIEW})))

    assert {"needs the role operate on shop/local"} == {act.lacks for act in found.values()}
    assert {"nobody is known here"} == {
        act.lacks for act in offered(builders.release(), None).values()
    }


def test_an_ended_release_offers_nothing() -> None:
    assert {} == offered(builders.ended())


def test_a_list_reads_as_a_sentence_has_it() -> None:
    assert "a, b and c" == acts.prose_list(["a", "b", "c"])
    assert "a" == acts.prose_list(["a"])
