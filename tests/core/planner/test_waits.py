from serinus.core.planner import waits
from serinus.core.state.release import Wait
from serinus.core.state.workload import ReplicaState
from tests.builders import NEW, at
from tests.core.planner import stage
from tests.core.planner.stage import replica


def test_enough_warm_replicas_are_no_wait() -> None:
    assert waits.capacity(stage.turn(), "more") is None


def test_replicas_that_are_not_ready_have_a_deadline() -> None:
    cold = replica(NEW, 3, state=ReplicaState.STARTING, ready_at=None)
    moved = waits.capacity(stage.turn(replicas=(cold,), pending_since=at(2)), "more")

    assert Wait("0 of 1 replica ready", at(4), "rolled back") == stage.progress(moved).wait


def test_replicas_that_warm_up_have_a_time() -> None:
    young = replica(NEW, 3, ready_at=at(2, 55))
    moved = waits.capacity(stage.turn(replicas=(young,)), "more")
    two = waits.capacity(stage.turn(replicas=(young, replica(NEW, 4)), ordinals=(3, 4)), "more")

    assert Wait("the replica warms up", at(3, 10), "more") == stage.progress(moved).wait
    assert "the replicas warm up" == stage.progress(two).wait.cause


def test_a_first_release_does_not_warm_up() -> None:
    young = replica(NEW, 3, ready_at=at(2, 55))

    assert waits.capacity(stage.turn(replicas=(young,), first=True), "more") is None


def test_the_data_plane_has_half_a_minute_and_then_a_person_is_asked() -> None:
    turn = stage.turn()
    first = waits.following(turn, "more")
    soon = waits.following(stage.turn(wait=first.progress.wait, now=at(3, 20)), "more")
    late = waits.following(stage.turn(wait=first.progress.wait, now=at(3, 30)), "more")
    later = waits.following(stage.turn(wait=late.progress.wait, now=at(9)), "more")

    assert Wait(waits.FOLLOWING, at(3, 30), "more") == first.progress.wait
    assert first.progress.wait == soon.progress.wait
    assert "more; somebody should look at the router" == late.progress.wait.then
    assert [
        "The data plane has not taken over the weights for 30s. The traffic stays where it is."
    ] == stage.told(late)
    assert [] == stage.told(later)


def test_the_data_plane_is_not_blamed_for_a_time_in_which_nobody_looked() -> None:
    first = waits.following(stage.turn(), "more").progress.wait
    back = waits.following(stage.turn(wait=first, now=at(3, 41)), "more")
    late = waits.following(stage.turn(wait=back.progress.wait, now=at(4, 11)), "more")

    assert Wait(waits.FOLLOWING, at(4, 11), "more") == back.progress.wait
    assert [] == stage.told(back)
    assert 1 == len(stage.told(late))


def test_a_dark_router_is_told_once() -> None:
    turn = stage.turn(route_problem="Envoy does not answer")
    once = waits.following(turn, "more")
    again = waits.following(
        stage.turn(route_problem="Envoy does not answer", wait=once.progress.wait), "more"
    )

    assert ["Envoy does not answer. The traffic stays where it is."] == stage.told(once)
    assert [] == stage.told(again)
    assert "Envoy does not answer" == again.progress.wait.cause


def test_a_route_that_is_refused_is_told_with_the_reason() -> None:
    told = "Traefik is not installed: no kind TraefikService"
    moved = waits.following(stage.turn(rejected=told), "more")

    assert [f"{told}. The traffic stays where it is."] == stage.told(moved)
    assert told == moved.progress.wait.cause


def test_a_wait_of_a_known_length_counts_from_its_beginning() -> None:
    once = waits.within(stage.turn(), "the old replicas stop", 40, "the new ones start")
    again = waits.within(
        stage.turn(wait=once.progress.wait, now=at(3, 30)), "the old replicas stop", 40, "…"
    )

    assert at(3, 40) == once.progress.wait.until == again.progress.wait.until


def test_a_pause_names_who_can_end_it() -> None:
    moved = waits.resumed(stage.turn(paused="ada"))

    assert Wait("ada paused it", None, "serinus resume") == moved.progress.wait


def test_a_router_that_does_not_follow_is_told_once_and_named_in_the_wait() -> None:
    first = "the router does not follow: wanted 5 %, seen 0 of 50 requests for 10s"
    second = "the router does not follow: wanted 5 %, seen 0 of 100 requests for 20s"
    once = waits.following(stage.turn(lag=first), "more")
    again = waits.following(stage.turn(lag=second, wait=once.progress.wait), "more")

    assert [f"T{first[1:]}. The traffic stays where it is."] == stage.told(once)
    assert [] == stage.told(again)
    assert second == again.progress.wait.cause
