from typing import Any

import pytest

from serinus.core.planner import finish
from serinus.core.planner.turn import Turn
from serinus.core.spec.wayback import Unverified
from serinus.core.state.release import Phase, Retreat
from serinus.core.state.workload import ReplicaState
from tests import builders
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.core.planner.stage import replica
from tests.films import scenes

COLD = replica(NEW, 3, state=ReplicaState.STARTING, ready_at=None)

# --- liveness ---------------------------------------------------------------------------------


def test_a_candidate_that_lives_is_no_worry() -> None:
    assert finish.liveness(stage.turn()) is None
    assert finish.liveness(stage.turn(pending_since=at(2), phase=Phase.STARTING)) is None


def test_a_crash_loop_ends_the_release_whatever_the_order() -> None:
    loops = (replica(NEW, 4, restarts=4), replica(NEW, 3, restarts=3, note="exited with 1"))
    told = (
        f"Rolled back: v2 does not live: replica {NEW[:10]}-3 crashed 3 times; last: exited with 1."
    )

    for found in (loops, loops[::-1]):
        moved = finish.liveness(stage.turn(ordinals=(3, 4), replicas=found))
        assert [told] == stage.told(moved)
    silent = finish.liveness(stage.turn(replicas=(replica(NEW, 3, restarts=3),)))
    assert stage.told(silent)[0].endswith("crashed 3 times.")


def test_a_replica_that_is_not_ready_has_its_time() -> None:
    noticed = finish.liveness(stage.turn(replicas=(COLD,)))
    pending = stage.turn(replicas=(COLD,), pending_since=at(2))
    late = stage.turn(replicas=(COLD,), pending_since=at(1))

    assert at(3) == stage.progress(noticed).pending_since
    assert finish.liveness(pending) is None
    assert ["Rolled back: v2 does not live: 1 replica not ready after 2m."] == stage.told(
        finish.liveness(late)
    )


def test_why_it_is_not_ready_is_told_when_the_platform_knows() -> None:
    sick = replica(NEW, 3, state=ReplicaState.UNREADY, note="the health check fails")
    moved = finish.liveness(stage.turn(replicas=(sick,), pending_since=at(1)))

    assert stage.told(moved)[0].endswith("1 replica not ready after 2m; the health check fails.")


def test_a_replica_that_comes_back_is_forgiven() -> None:
    moved = finish.liveness(stage.turn(pending_since=at(2)))

    assert stage.progress(moved).pending_since is None


def test_what_the_platform_rejects_need_not_be_waited_for() -> None:
    moved = finish.liveness(stage.turn(replicas=(COLD,), pending_since=at(2), rejected="no port"))

    assert ["Rolled back: v2 does not live: no port."] == stage.told(moved)


def test_a_release_whose_route_is_refused_fails_to_start() -> None:
    ready = stage.turn(phase=Phase.STARTING, share=0, rejected="no kind TraefikService")

    (told,) = stage.told(finish.liveness(ready))

    assert told.startswith("v2 failed to start: no kind TraefikService.")


def test_a_route_that_is_refused_later_takes_nobody_back() -> None:
    assert finish.liveness(stage.turn(rejected="no kind TraefikService")) is None


def test_a_release_that_never_served_failed_and_is_quarantined() -> None:
    turn = stage.turn(phase=Phase.STARTING, replicas=(COLD,), pending_since=at(1), share=0)
    moved = finish.liveness(turn)
    lenient = stage.turn(
        phase=Phase.STARTING,
        replicas=(COLD,),
        pending_since=at(1),
        first=True,
        delivery=scenes.canary(quarantine=False),
    )
    first = finish.liveness(lenient)

    assert moved is not None
    assert first is not None
    assert (Phase.FAILED, (NEW,)) == (moved.progress.phase, moved.status.quarantine)
    assert ["v2 failed to start: 1 replica not ready after 2m. v1 serves as before."] == (
        stage.told(moved)
    )
    assert () == first.status.quarantine
    assert ["v2 failed to start: 1 replica not ready after 2m."] == stage.told(first)


# --- promotion --------------------------------------------------------------------------------


def test_a_promotion_grows_the_candidate_to_full_size() -> None:
    moved = finish.promote(stage.turn(reading=stage.reading(verified=True)))

    assert (Phase.PROMOTING, 1000, (3, 9, 10), True) == (
        moved.progress.phase,
        moved.progress.share,
        moved.progress.ordinals,
        moved.progress.verified,
    )


@pytest.mark.parametrize(
    ("phase", "policy"),
    [
        (Phase.PROMOTING, Unverified.PROMOTE),
        (Phase.HOLDING, Unverified.HOLD),
        (Phase.ROLLING_BACK, Unverified.ROLLBACK),
    ],
)
def test_an_unverified_promotion_is_the_templates_choice(phase: Phase, policy: Unverified) -> None:
    turn = stage.turn(
        delivery=scenes.canary(on_unverified=policy), reading=stage.reading(smallest=0.003)
    )

    assert phase is finish.promote(turn).progress.phase
    assert Phase.PROMOTING is finish.promote(turn, by="ada: now").progress.phase


def test_a_promotion_without_checks_is_unverified_and_goes_on() -> None:
    strict = scenes.canary(checks=(), on_unverified=Unverified.ROLLBACK)

    assert Phase.PROMOTING is finish.promote(stage.turn(delivery=strict)).progress.phase


def test_what_could_have_been_seen_is_told() -> None:
    assert "unverified: nothing was measured" == finish.unverified(stage.turn())
    assert "unverified: a regression below 0.31 % could not have been seen" == finish.unverified(
        stage.turn(reading=stage.reading(smallest=0.0031))
    )


PROMOTING: dict[str, Any] = {"phase": Phase.PROMOTING, "share": 1000}


def test_a_promotion_waits_for_the_data_plane() -> None:
    waits = finish.promoting(stage.turn(**PROMOTING, weight=500))
    dead = finish.promoting(stage.turn(**PROMOTING, replicas=(replica(NEW, 3, restarts=3),)))

    assert "promoted" == stage.progress(waits).wait.then
    assert Phase.SETTLING is stage.phase(finish.promoting(stage.turn(**PROMOTING)))
    assert Phase.ROLLING_BACK is stage.phase(dead)


def test_promotion_swaps_the_roles_and_keeps_the_old_replicas_warm() -> None:
    moved = finish.complete(
        stage.turn(**PROMOTING, spare=(8,), retreat=Retreat(accused=(2,)), reading=stage.reading())
    )
    status = moved.status

    assert (NEW, "v2", (3,)) == (status.stable, status.stable_version, status.stable_ordinals)
    assert (OLD, (0, 1, 2), at(4)) == (
        status.previous,
        status.previous_ordinals,
        status.previous_until,
    )
    assert ((), ()) == (moved.progress.spare, moved.progress.retreat.accused)
    assert (4812, 9, 1000) == (
        moved.progress.exposed,
        moved.progress.bad,
        moved.progress.max_share,
    )


def test_without_a_settling_the_old_replicas_go_at_once() -> None:
    moved = finish.complete(stage.turn(**PROMOTING, delivery=scenes.rolling(), step=0))

    assert (Phase.SUCCEEDED, None) == (moved.progress.phase, moved.status.previous)
    assert ["v2 serves everybody after 3m (unverified: no checks)."] == stage.told(moved)


def test_a_success_says_what_was_shown() -> None:
    verified = stage.turn(**PROMOTING, verified=True, reading=stage.reading())
    unseen = stage.turn(**PROMOTING, verified=True)
    by_ada = stage.turn(**PROMOTING, promoted_by="ada: it is Monday")

    assert [
        (
            "v2 serves everybody after 3m. "
            "Verified: not worse than 1.5 × v1 plus 0.1 pp (4,812 requests)."
        )
    ] == stage.told(finish.complete(verified))
    assert stage.told(finish.complete(unseen))[0].endswith("plus 0.1 pp.")
    assert ["v2 serves everybody after 3m, promoted by ada: it is Monday."] == (
        stage.told(finish.complete(by_ada))
    )
    assert stage.told(finish.complete(stage.turn(**PROMOTING)))[0].endswith(
        "(unverified: nothing was measured)."
    )


def test_a_first_release_is_unverified() -> None:
    moved = finish.first(stage.turn(phase=Phase.STARTING, first=True))

    assert ["v2 serves everybody (unverified: first release)."] == stage.told(moved)
    assert (NEW, (3,)) == (moved.status.stable, moved.status.stable_ordinals)


# --- settling ---------------------------------------------------------------------------------


def settling(**given: Any) -> Turn | None:
    swapped = {
        "phase": Phase.SETTLING,
        "share": 1000,
        "stable_ordinals": (3,),
        "previous": OLD,
        "previous_ordinals": (0, 1, 2),
        "previous_until": at(9),
        "delivery": scenes.blue_green(),
        "replicas": (replica(OLD, 3),),
    }
    return finish.settling(stage.turn(**{**swapped, **given}))


def test_the_settling_ends_in_its_time() -> None:
    over = settling(previous_until=at(3))

    assert settling() is None
    assert over is not None
    assert (Phase.SUCCEEDED, None, ()) == (
        over.progress.phase,
        over.status.previous,
        over.status.previous_ordinals,
    )
    assert ["Settled. The old replicas stop."] == stage.told(over)


def test_the_settling_switches_back_when_nobody_is_left() -> None:
    dead = replica(OLD, 3, state=ReplicaState.BACKING_OFF, restarts=3, note="exited with 1")
    quiet = replica(OLD, 3, state=ReplicaState.BACKING_OFF, restarts=3)
    alive = (dead, replica(OLD, 4))
    moved = settling(replicas=(dead,))

    assert settling(replicas=alive, stable_ordinals=(3, 4)) is None
    assert moved is not None
    assert (Phase.ROLLING_BACK, (0, 1, 2), (3,), 1000) == (
        moved.progress.phase,
        moved.status.stable_ordinals,
        moved.progress.ordinals,
        moved.progress.share,
    )
    name = f"replica {OLD[:10]}-3 crashed 3 times"
    assert [f"Switched back: {name} (exited with 1) after the promotion."] == stage.told(moved)
    assert [f"Switched back: {name} after the promotion."] == stage.told(
        settling(replicas=(quiet,))
    )


def test_the_settling_switches_back_for_an_objective_that_says_so() -> None:
    violated = stage.reading(slo_violated="errors violated: errors 3 %", slo_check="errors")

    assert ["Switched back: errors 3 %."] == stage.told(settling(reading=violated))


# --- the way back -----------------------------------------------------------------------------


def going_back(**given: Any) -> Turn | None:
    back = {"phase": Phase.ROLLING_BACK, "step_at": None, "clock_at": None}
    return finish.rolling_back(stage.turn(**{**back, **given}))


def test_the_traffic_goes_back_at_once_where_stable_is_complete() -> None:
    assert 0 == stage.progress(going_back()).share


def test_a_way_back_ends_when_the_data_plane_has_followed() -> None:
    waits = going_back(share=0, weight=250)
    moved = going_back(share=0, retreat=Retreat(accused=(2,)), ordinals=(3, 4))

    assert "rolled back" == stage.progress(waits).wait.then
    assert moved is not None
    assert (Phase.ROLLED_BACK, NEW, (2, 3), at(13)) == (
        moved.progress.phase,
        moved.status.kept,
        moved.status.kept_ordinals,
        moved.status.kept_until,
    )
    assert (NEW,) == moved.status.quarantine
    assert ["v1 serves everybody again."] == stage.told(moved)


def test_a_revision_is_quarantined_once() -> None:
    moved = going_back(share=0, quarantine=(NEW,))

    assert moved is not None
    assert (NEW,) == moved.status.quarantine


def test_what_a_newer_change_took_back_is_neither_kept_nor_quarantined() -> None:
    moved = going_back(share=0, superseded=True)

    assert moved is not None
    assert (Phase.SUPERSEDED, None, ()) == (
        moved.progress.phase,
        moved.status.kept,
        moved.status.quarantine,
    )


def test_a_rolling_release_restores_its_old_replicas_before_its_traffic() -> None:
    rolled = {"delivery": scenes.rolling(), "step": 0, "stable_ordinals": (0,)}
    asked = going_back(**rolled)
    cold = (replica(OLD, 0), replica(OLD, 9, state=ReplicaState.STARTING, ready_at=None))
    waiting = {"delivery": scenes.rolling(), "step": 0, "stable_ordinals": (0, 9, 10)}

    assert asked is not None
    assert (0, 9, 10) == asked.status.stable_ordinals
    waits = stage.progress(going_back(**waiting, replicas=cold, since=at(2))).wait
    assert ("1 of 2 replicas of v1 ready", at(4)) == (waits.cause, waits.until)
    late = going_back(**waiting, replicas=cold, since=at(0))
    assert 0 == stage.progress(late).share


def test_a_recreate_stops_the_new_replicas_before_it_starts_the_old_ones() -> None:
    recreated = {"delivery": scenes.recreate(), "step": 0, "ordinals": (), "stable_ordinals": ()}
    stopping = replica(NEW, 3, state=ReplicaState.STOPPING)
    waits = going_back(**recreated, replicas=(stopping,))
    gone = going_back(**recreated, replicas=())

    assert "the new replicas stop" == stage.progress(waits).wait.cause
    assert gone is not None
    assert (9, 10, 11) == gone.status.stable_ordinals


def test_a_recreate_that_is_given_up_lets_go_of_its_replicas() -> None:
    turn = stage.turn(delivery=scenes.recreate(), step=0, share=1000)

    assert () == finish.roll_back(turn, "Why", "Because.").progress.ordinals
    assert (3,) == finish.roll_back(stage.turn(), "Why", "Because.").progress.ordinals


def test_what_was_exposed_is_counted_once_there_is_a_test() -> None:
    untested = stage.TEST.__class__(number=0, kind=stage.TEST.kind)
    turn = stage.turn(reading=stage.reading(requests=7, bad=1), test=untested)

    assert turn is finish.counted(turn)
    assert 7 == finish.counted(stage.turn(reading=stage.reading(requests=7))).progress.exposed
    assert builders.progress().exposed == finish.counted(stage.turn()).progress.exposed
