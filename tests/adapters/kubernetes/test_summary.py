"""What people and tools see of an application."""

from typing import Any

import msgspec
import pytest

from serinus.adapters.kubernetes import summary
from serinus.adapters.kubernetes.objects import Side
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase
from serinus.ports.store import Asked
from tests import builders

ASKED = Asked(wanted=builders.wanted())
STABLE = Asked(wanted=builders.wanted(revision=builders.revision(builders.OLD, "v1")))


def ended(phase: Phase, **given: Any) -> Status:
    return builders.status(release=builders.ended(phase, 7), **given)


@pytest.mark.parametrize(
    ("status", "asked", "holds", "reason"),
    [
        (None, ASKED, "Reconciling", "NotStarted"),
        (builders.status(), ASKED, "Reconciling", "Rolling"),
        (builders.status(release=builders.release(phase=Phase.HELD)), ASKED, "Stalled", "HeldAt0"),
        (
            builders.status(release=builders.release(phase=Phase.SETTLING)),
            ASKED,
            "Ready",
            "Settling",
        ),
        (ended(Phase.SUCCEEDED, stable=builders.NEW), ASKED, "Ready", "Succeeded"),
        (ended(Phase.SUCCEEDED), ASKED, "Reconciling", "Succeeded"),
        (ended(Phase.ROLLED_BACK, quarantine=(builders.NEW,)), ASKED, "Stalled", "RolledBack"),
        (ended(Phase.ROLLED_BACK, quarantine=(builders.NEW,)), STABLE, "Ready", "RolledBack"),
        (ended(Phase.CONCLUDED, concluded=(builders.NEW, "f" * 64)), ASKED, "Ready", "Concluded"),
        (builders.status(deleted=True), Asked(), "Reconciling", "Deleting"),
        (builders.idle(), STABLE, "Ready", "Serving"),
        (builders.idle(), Asked(problem="torn"), "Stalled", "Serving"),
    ],
)
def test_one_of_three_conditions_holds(
    status: Status | None, asked: Asked, holds: str, reason: str
) -> None:
    standing = summary.of_application(status, asked)
    found = summary.conditions(standing, (), builders.at(3), generation=2)

    assert {holds} == {one.type for one in found if one.status == "True"}
    assert {"Ready", "Reconciling", "Stalled"} == {one.type for one in found}
    assert {(reason, 2)} == {(one.reason, one.observed_generation) for one in found}


def test_a_condition_that_stays_keeps_the_time_of_its_change() -> None:
    standing = summary.of_application(builders.status(), ASKED)
    before = summary.conditions(standing, (), builders.at(1))
    held = summary.of_release(builders.release(phase=Phase.HELD))
    after = {one.type: one for one in summary.conditions(held, before, builders.at(2))}

    assert builders.at(1) == after["Ready"].last_transition_time
    assert builders.at(2) == after["Stalled"].last_transition_time


def test_conditions_of_somebody_else_stay() -> None:
    standing = summary.of_application(builders.status(), ASKED)
    other = msgspec.structs.replace(
        summary.conditions(standing, (), builders.at(1))[0], type="Scanned"
    )

    assert other in summary.conditions(standing, (other,), builders.at(2))


def test_both_sides_are_told_with_their_shares_while_a_release_is_in_flight() -> None:
    found = summary.application(
        "shop", builders.status(), ASKED, generation=4, before=(), now=builders.at(1)
    )

    assert Side(builders.OLD, "v1", "75 %") == found.stable
    assert Side(builders.NEW, "v2", "25 %") == found.candidate
    assert ("shop-7", 4, 3) == (found.release, found.observed_generation, found.replicas)
    assert (
        f"serinus.dev/application=shop,serinus.dev/revision={builders.OLD[:10]}" == found.selector
    )


def test_one_that_settles_serves_alone() -> None:
    settling = builders.release(phase=Phase.SETTLING, share=1000)
    status = builders.status(release=settling, stable=builders.NEW, stable_version="v2")
    found = summary.application("shop", status, ASKED, generation=4, before=(), now=builders.at(1))

    assert Side(builders.NEW, "v2", "100 %") == found.stable
    assert found.candidate is None


def test_an_autoscaler_of_a_first_release_goes_by_its_candidate() -> None:
    first = builders.release(1, stable=None, ordinals=(0, 1))
    status = builders.status(release=first, stable=None, stable_ordinals=())
    found = summary.application("shop", status, ASKED, generation=1, before=(), now=builders.at(1))

    assert 2 == found.replicas
    assert builders.NEW[:10] in (found.selector or "")
