from serinus.core.planner import begin
from serinus.core.spec.delivery import Delivery, PreviewStep, ReplaceStep, Strategy, SwitchStep
from serinus.core.state.observed import Wanted
from serinus.core.state.release import Phase
from serinus.core.state.workload import ReplicaState
from tests import builders
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.core.planner.stage import replica
from tests.films import scenes

V3 = builders.revision("c" * 64, "v3")


def test_nothing_begins_that_nobody_wants() -> None:
    assert begin.consider(stage.turn(idle=True, wanted=None)) is None
    assert begin.consider(stage.turn(idle=True, stable=NEW, stable_version="v2")) is None
    assert begin.consider(stage.turn(idle=True, quarantine=(NEW,))) is None
    assert begin.consider(stage.turn(idle=True, deleted=True)) is None


def test_a_change_begins_a_release_with_what_its_first_step_needs() -> None:
    moved = begin.consider(stage.turn(idle=True, kept=NEW, kept_ordinals=(7,), wanted=canary()))

    assert moved is not None
    assert (8, Phase.STARTING, 0, (9,)) == (
        moved.release.number,
        moved.progress.phase,
        moved.progress.share,
        moved.progress.ordinals,
    )
    assert (None, 10) == (moved.status.kept, moved.status.next_ordinal)
    assert [
        "Starting 1 replica of v2 next to v1; no traffic until it is ready and warm (15s)."
    ] == stage.told(moved)


def canary() -> Wanted:
    return builders.wanted(delivery=scenes.canary())


def test_each_strategy_starts_with_its_own_number_of_replicas() -> None:
    surge = scenes.rolling(max_surge=0, max_unavailable=500)
    half = scenes.with_steps(Strategy.BLUE_GREEN, (PreviewStep(replicas=500), SwitchStep()))
    switch = scenes.with_steps(Strategy.BLUE_GREEN, (SwitchStep(),))

    assert 1 == started(scenes.canary(10))
    assert 2 == started(scenes.canary(500))
    assert 3 == started(scenes.blue_green())
    assert 2 == started(half)
    assert 3 == started(switch)
    assert 1 == started(scenes.rolling())
    assert 3 == started(scenes.rolling(max_surge=5000))
    assert 0 == started(surge)
    assert 0 == started(scenes.recreate())


def started(delivery: Delivery) -> int:
    moved = begin.consider(stage.turn(idle=True, wanted=builders.wanted(delivery=delivery)))
    return len(stage.progress(moved).ordinals)


def test_strategies_without_a_start_say_what_they_do_instead() -> None:
    recreate = stage.turn(idle=True, wanted=builders.wanted(delivery=scenes.recreate()))
    down_first = scenes.with_steps(Strategy.ROLLING, (ReplaceStep(0, 500),))
    rolling = stage.turn(idle=True, wanted=builders.wanted(delivery=down_first))

    assert ["Replacing v1 by v2, place by place."] == stage.told(begin.consider(rolling))
    assert [
        "Replacing v1 by v2: nobody serves between the end of the one and the start of the other."
    ] == stage.told(begin.consider(recreate))


def test_a_label_host_or_timeout_changes_without_a_release() -> None:
    wanted = builders.wanted(
        revision=builders.revision(OLD, "v1.0.1"), host="shop.example", timeout_s=3.0
    )
    moved = begin.consider(stage.turn(idle=True, wanted=wanted))

    assert moved is not None
    assert ("v1.0.1", "shop.example", 3.0) == (
        moved.status.stable_version,
        moved.status.host,
        moved.status.timeout_s,
    )
    assert () == moved.events


def test_the_number_of_replicas_changes_without_a_release() -> None:
    v1 = builders.revision(OLD, "v1")
    more = begin.consider(stage.turn(idle=True, wanted=builders.wanted(revision=v1, replicas=5)))
    less = begin.consider(stage.turn(idle=True, wanted=builders.wanted(revision=v1, replicas=1)))

    assert more is not None
    assert less is not None
    assert (0, 1, 2, 9, 10) == more.status.stable_ordinals
    assert (0,) == less.status.stable_ordinals
    assert ["Scaled v1 from 3 to 1 replicas."] == stage.told(less)


def test_a_newer_change_ends_the_one_in_flight() -> None:
    moved = begin.consider(stage.turn(wanted=builders.wanted(revision=V3)))

    assert Phase.SUPERSEDED is stage.phase(moved)
    assert ["v2 is superseded: a newer change came: v3."] == stage.told(moved)


def test_a_newer_change_waits_until_what_was_replaced_is_restored() -> None:
    turn = stage.turn(wanted=builders.wanted(revision=V3), delivery=scenes.rolling(), step=0)
    going_back = stage.turn(wanted=builders.wanted(revision=V3), phase=Phase.ROLLING_BACK)

    moved = begin.consider(turn)

    assert Phase.ROLLING_BACK is stage.phase(moved)
    assert stage.progress(moved).superseded
    assert begin.consider(going_back) is None


def test_a_newer_change_ends_one_that_has_not_begun_at_once() -> None:
    given = {"phase": Phase.QUEUED, "delivery": scenes.recreate(), "step": 0, "ordinals": ()}
    newer = builders.wanted(revision=builders.revision("c" * 64, "v3"))

    moved = begin.consider(stage.turn(**given, wanted=newer))

    assert Phase.SUPERSEDED is stage.phase(moved)


def test_the_settling_ends_with_a_newer_change_and_keeps_what_is_wanted_again() -> None:
    warm = {"previous": OLD, "previous_ordinals": (0, 1, 2), "previous_until": at(9)}
    settling = {"phase": Phase.SETTLING, "stable_ordinals": (3,), "weight": 1000} | warm

    newer = begin.consider(
        stage.turn(**settling, wanted=builders.wanted(revision=V3), candidate=OLD)
    )
    back = begin.consider(
        stage.turn(
            **{**settling, "stable": NEW},
            wanted=builders.wanted(revision=builders.revision(OLD, "v1")),
        )
    )

    assert newer is not None
    assert back is not None
    assert (None, ()) == (newer.status.previous, newer.status.previous_ordinals)
    assert (OLD, (0, 1, 2)) == (back.status.previous, back.status.previous_ordinals)

    again = begin.consider(back)

    assert (0, 1, 2) == stage.progress(again).ordinals


def test_a_start_waits_for_warm_replicas_and_then_for_nobody() -> None:
    starting = {"phase": Phase.STARTING, "share": 0, "weight": 0, "step_at": None}
    cold = replica(NEW, 3, state=ReplicaState.STARTING, ready_at=None)

    waits = begin.starting(stage.turn(**starting, replicas=(cold,), pending_since=at(2)))

    assert "it fails to start" == stage.progress(waits).wait.then
    assert Phase.ROLLING is stage.phase(begin.starting(stage.turn(**starting)))


def test_a_start_that_is_paused_waits_for_its_person() -> None:
    turn = stage.turn(phase=Phase.STARTING, share=0, paused="ada")

    assert "ada paused it" == stage.progress(begin.starting(turn)).wait.cause


def test_a_first_release_serves_when_the_data_plane_has_it() -> None:
    first = {"phase": Phase.STARTING, "first": True, "share": 1000}

    waits = begin.starting(stage.turn(**first, weight=0))

    assert "it serves everybody" == stage.progress(waits).wait.then
    assert Phase.SUCCEEDED is stage.phase(begin.starting(stage.turn(**first)))


def test_what_the_platform_rejects_fails_at_once() -> None:
    cold = replica(NEW, 3, state=ReplicaState.STARTING, ready_at=None)
    turn = stage.turn(
        phase=Phase.STARTING,
        share=0,
        replicas=(cold,),
        pending_since=at(2),
        rejected="no such file",
    )

    assert ["v2 failed to start: no such file. v1 serves as before."] == stage.told(
        begin.starting(turn)
    )
