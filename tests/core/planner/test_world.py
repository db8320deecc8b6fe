import pytest
from msgspec.structs import replace

from serinus.core.planner import world
from serinus.core.planner.plan import Action, Forget, RemoveRoute, SetGroups, SetRoute
from serinus.core.state.observed import Observed
from serinus.core.state.release import Phase
from serinus.core.state.traffic import Route
from serinus.core.state.workload import Group, Replica, ReplicaState
from tests import builders
from tests.builders import NEW, OLD, at
from tests.core.planner import stage
from tests.core.planner.stage import replica


def actions(observed: Observed) -> tuple[Action, ...]:
    return world.actions(observed.status, observed)


def routed(observed: Observed) -> Route:
    (found,) = [a.route for a in actions(observed) if isinstance(a, SetRoute)]
    return found


def groups(observed: Observed) -> tuple[Group, ...]:
    (found,) = [a.groups for a in actions(observed) if isinstance(a, SetGroups)]
    return found


def test_a_world_as_it_is_wanted_needs_nothing() -> None:
    assert () == actions(stage.seen())


def test_more_weight_waits_for_capacity() -> None:
    young = replica(NEW, 3, ready_at=at(2, 50))
    olds = tuple(replica(OLD, o) for o in (0, 1, 2))

    assert 250 == routed(stage.seen(share=250, weight=50)).weight(NEW)
    assert () == actions(stage.seen(share=250, weight=50, replicas=(*olds, young)))


def test_more_weight_waits_for_sight_unless_a_person_said_so() -> None:
    assert () == actions(stage.seen(share=250, weight=50, source_problem="away"))
    by_ada = stage.seen(share=250, weight=50, source_problem="away", promoted_by="ada")
    assert 250 == routed(by_ada).weight(NEW)


def test_less_weight_waits_for_nothing() -> None:
    observed = stage.seen(share=0, weight=250, replicas=(replica(OLD, 0),), source_problem="away")

    assert 0 == routed(observed).weight(NEW)


def test_the_route_comes_before_the_replicas() -> None:
    observed = stage.seen(share=0, weight=250, ordinals=(4,), replicas=(replica(OLD, 0),))

    assert [SetRoute, SetGroups] == [type(a) for a in actions(observed)]


def test_a_replica_that_the_data_plane_still_uses_is_not_stopped() -> None:
    used = stage.seen(
        stable_ordinals=(0,), route=stage.route(250, (0, 1)), replicas=all_of(OLD, 0, 1, 2)
    )

    assert Group(OLD, (0, 1)) in groups(used)


def test_nothing_is_stopped_while_the_data_plane_is_dark() -> None:
    dark = stage.seen(
        stable_ordinals=(0,), route=None, route_problem="dark", replicas=all_of(OLD, 0, 1, 2)
    )

    assert () == actions(dark)


def test_accused_and_spare_replicas_run_without_traffic() -> None:
    retreat = builders.progress().retreat
    observed = stage.seen(
        phase=Phase.PROBING, share=10, spare=(6,), retreat=replace(retreat, accused=(4,))
    )

    assert Group(NEW, (3, 4, 6)) in groups(observed)
    assert (f"{NEW[:10]}-3",) == stage.route(10).serving(NEW)


def test_the_replicas_of_a_failed_candidate_are_kept_for_inspection() -> None:
    observed = stage.seen(idle=True, kept=NEW, kept_ordinals=(3,))

    assert (Group(OLD, (0, 1, 2)), Group(NEW, (3,))) == tuple(sorted(groups(observed), key=by_age))


def test_a_replica_without_an_answer_stays_and_the_last_ones_known_stay_too() -> None:
    sick = tuple(replica(OLD, o, state=ReplicaState.BACKING_OFF, ready_at=None) for o in (0, 1, 2))
    unready = (replica(OLD, 0), replica(OLD, 1, state=ReplicaState.UNREADY), replica(OLD, 2))
    new = replica(NEW, 3)

    assert () == actions(stage.seen(replicas=(*sick, new)))
    assert () == actions(stage.seen(replicas=(*unready, new)))


def test_nobody_is_routed_to_before_anybody_is_there() -> None:
    first = stage.seen(
        phase=Phase.STARTING, first=True, stable_ordinals=(), route=None, share=1000, replicas=()
    )

    assert [SetGroups] == [type(a) for a in actions(first)]


def test_a_label_is_no_reason_for_a_new_route_but_a_host_is() -> None:
    assert () == actions(stage.seen(stable_version="v1.0"))
    assert "shop.example" == routed(stage.seen(host="shop.example")).host


def test_a_deleted_application_goes_in_three_steps() -> None:
    gone = {"deleted": True, "idle": True, "wanted": None}
    stopping = tuple(replica(OLD, o, state=ReplicaState.STOPPING) for o in (0, 1, 2))

    assert (RemoveRoute(),) == actions(stage.seen(**gone))
    assert (SetGroups((), 10.0),) == actions(stage.seen(**gone, route=None))
    assert () == actions(stage.seen(**gone, route=None, replicas=stopping))
    assert (Forget(),) == actions(stage.seen(**gone, route=None, replicas=()))


def test_a_deleted_application_is_remembered_while_its_file_is_there() -> None:
    gone = {"deleted": True, "idle": True, "route": None, "replicas": ()}

    assert () == actions(stage.seen(**gone))
    assert () == actions(stage.seen(**gone, wanted=None, problem="shop.yaml:3: what?"))
    assert () == actions(stage.seen(**gone, wanted=None, route_problem="dark"))


def all_of(revision: str, *ordinals: int) -> tuple[Replica, ...]:
    return (*(replica(revision, o) for o in ordinals), replica(NEW, 3))


def by_age(group: Group) -> int:
    return group.ordinals[0]


# --- twins --------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [Phase.RETREATED, Phase.PROBING])
def test_a_twin_starts_and_serves_with_stable_beside_a_probe(phase: Phase) -> None:
    observed = stage.seen(phase=phase, share=0, twins=(8,))
    twin = replica(OLD, 8)
    there = replace(observed, replicas=(*observed.replicas, twin))

    assert Group(OLD, (0, 1, 2, 8)) in groups(observed)
    (stable,) = [b for b in routed(there).backends if b.revision == OLD]
    assert (1000, f"{OLD[:10]}-8") == (stable.weight, stable.endpoints[-1].replica)


@pytest.mark.parametrize("phase", [Phase.TRIAL, Phase.ROLLING, Phase.HELD])
def test_a_twin_serves_no_longer_than_there_is_a_probe(phase: Phase) -> None:
    """It is taken out of the route first, and stopped when the route is seen without it."""
    observed = stage.seen(phase=phase, twins=(8,))
    with_twin = (*observed.replicas, replica(OLD, 8))
    used = replace(observed, replicas=with_twin, route=stage.route(250, (0, 1, 2, 8)))
    left = replace(observed, replicas=with_twin)

    assert [SetRoute] == [type(a) for a in actions(used)]
    assert (0, 1, 2) == next(g.ordinals for g in groups(left) if g.revision == OLD)


def test_a_release_that_is_over_has_no_twins() -> None:
    over = stage.seen(phase=Phase.PROBING, twins=(8,), ended_at=at(3), share=0)

    assert all(8 not in group.ordinals for a in actions(over) for group in _grouped(a))


def _grouped(action: Action) -> tuple[Group, ...]:
    return action.groups if isinstance(action, SetGroups) else ()
