from datetime import UTC, datetime
from typing import Any

import pytest

from serinus.adapters.kubernetes import deployments, pods
from serinus.core.state.workload import Replica, ReplicaState, Usage
from tests.adapters.kubernetes import world

EARLY, LATE = "2026-11-01T10:00:00Z", "2026-11-01T10:05:00Z"
AT = {text: datetime.fromisoformat(text) for text in (EARLY, LATE)}
NOW = datetime(2026, 11, 1, 11, tzinfo=UTC)
ONE = world.made()


def held(*ordinals: int, status: Any = None) -> deployments.Held:
    found = deployments.document(
        {"apiVersion": "v1", "kind": "X", "metadata": {"name": "shop", "namespace": "team"}},
        ONE,
        deployments.Group(ordinals),
        len(ordinals),
        owned=False,
    )
    told = deployments.held({**found, "status": status or {}})
    assert told is not None
    return told


def pod(name: str = "a", ordinal: int | None = 0, **more: Any) -> dict[str, Any]:
    said = {} if ordinal is None else {"serinus.dev/ordinal": str(ordinal)}
    meta = {"name": name, "uid": name, "labels": said, "creationTimestamp": EARLY}
    status: dict[str, Any] = {
        "phase": "Running",
        "podIP": "10.0.0.1",
        "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": LATE}],
        "containerStatuses": [
            {"ready": True, "restartCount": 0, "state": {"running": {"startedAt": EARLY}}}
        ],
    }
    status |= more.pop("status", {})
    meta |= more.pop("metadata", {})
    return {"metadata": meta, "spec": {"nodeName": "n", **more}, "status": status}


def unready(changed: str) -> list[dict[str, str]]:
    return [{"type": "Ready", "status": "False", "lastTransitionTime": changed}]


def seen(found: dict[str, Any], *ordinals: int) -> Replica:
    return pods.replica(held(*(ordinals or (0,))), found, pods.NOTHING)


def test_a_ready_pod_is_a_ready_replica() -> None:
    usage = Usage(1.0, 2, 3.0)

    replica = pods.replica(held(0), pod(), pods.Known(usage=usage))

    assert (
        Replica(
            ONE.id,
            0,
            ReplicaState.READY,
            AT[EARLY],
            ready_at=AT[LATE],
            address="10.0.0.1:8080",
            usage=usage,
        )
        == replica
    )


def test_a_pod_that_was_ready_and_is_not_any_more_is_unready() -> None:
    lately = pod(status={"conditions": unready(LATE)})
    never = pod(status={"conditions": unready("2026-11-01T09:59:59Z")})

    assert (ReplicaState.UNREADY, AT[EARLY]) == (seen(lately).state, seen(lately).ready_at)
    assert (ReplicaState.STARTING, None) == (seen(never).state, seen(never).ready_at)


def test_what_was_seen_of_a_pod_that_was_ready_is_remembered() -> None:
    never = pod(status={"conditions": unready("2026-11-01T09:59:59Z")})

    replica = pods.replica(held(0), never, pods.Known(ready_at=AT[LATE]))

    assert (ReplicaState.UNREADY, AT[LATE]) == (replica.state, replica.ready_at)


def test_a_container_that_is_tried_again_and_again_backs_off() -> None:
    waiting = {
        "restartCount": 2,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 3}},
    }
    found = pod(status={"conditions": unready(EARLY), "containerStatuses": [waiting]})

    replica = seen(found)

    assert (ReplicaState.BACKING_OFF, 2, "exited with 3") == (
        *(replica.state, replica.restarts, replica.note),
    )


def test_after_a_crash_a_replica_lives_since_its_containers_do() -> None:
    again = {"restartCount": 1, "state": {"running": {"startedAt": LATE}}}

    assert AT[LATE] == seen(pod(status={"containerStatuses": [again]})).started_at
    assert AT[EARLY] == seen(pod()).started_at


@pytest.mark.parametrize(
    "found",
    [
        pod(metadata={"deletionTimestamp": LATE}),
        pod(metadata={"annotations": {"serinus.dev/drained-at": LATE}}),
        pod(ordinal=7),
    ],
)
def test_a_pod_that_is_to_end_is_stopping(found: dict[str, Any]) -> None:
    assert ReplicaState.STOPPING is seen(found).state


def test_restarts_of_earlier_pods_count_and_those_before_us_do_not() -> None:
    container = {"restartCount": 3, "state": {}}

    def counted(text: str) -> int:
        said = {"annotations": {"serinus.dev/restarts": text}}
        return seen(pod(metadata=said, status={"containerStatuses": [container]})).restarts

    assert [5, 0, 3] == [counted("2"), counted("-3"), counted("many")]


def test_what_lived_for_a_while_has_died_and_what_a_node_took_with_it_has_not() -> None:
    life = {"startedAt": "2026-11-01T10:00:00Z", "finishedAt": "2026-11-01T10:05:00Z"}
    killed = {"reason": "OOMKilled", "exitCode": 137, **life}
    container = {"restartCount": 2, "state": {}, "lastState": {"terminated": killed}}

    def died(text: str) -> int:
        said = {"annotations": {"serinus.dev/restarts": text}}
        return seen(pod(metadata=said, status={"containerStatuses": [container]})).deaths

    assert [2, 2, 1, 0] == [died("0"), died("5"), died("-1"), died("-2")]


def test_a_wanted_ordinal_without_a_pod_is_starting() -> None:
    found = pods.replicas(held(0, 3), [pod()], NOW, {})

    assert [(0, ReplicaState.READY, ""), (3, ReplicaState.STARTING, "")] == [
        (r.ordinal, r.state, r.note) for r in found
    ]
    assert NOW == found[1].started_at


def test_a_wanted_ordinal_whose_pod_cannot_be_made_says_why() -> None:
    message = "exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2"
    condition = {"type": "ReplicaFailure", "status": "True", "message": message}

    (replica,) = pods.replicas(held(0, status={"conditions": [condition]}), [], NOW, {})

    assert ReplicaState.BACKING_OFF is replica.state
    assert replica.note.startswith("the quota few is used up: pods 2 of 2")


def test_a_pod_that_was_evicted_is_told_of_by_the_one_to_come() -> None:
    dead = pod(status={"phase": "Failed", "reason": "Evicted", "message": "low on memory"})

    (replica,) = pods.replicas(held(0), [dead], NOW, {})

    assert (ReplicaState.STARTING, "evicted: low on memory") == (replica.state, replica.note)


def test_of_two_pods_with_one_ordinal_the_living_one_is_the_replica() -> None:
    ending = pod("z", metadata={"deletionTimestamp": LATE})

    assert [ReplicaState.READY] == [
        r.state for r in pods.replicas(held(0), [ending, pod()], NOW, {})
    ]


def test_fresh_pods_get_the_lowest_free_ordinals_the_oldest_first() -> None:
    old, young = pod("b", None), pod("a", None, metadata={"creationTimestamp": LATE})
    dead = pod("c", 2, status={"phase": "Failed"})

    assert {"b": 2, "a": 5} == pods.assigned([young, old, pod("x", 0), dead], [5, 2, 0])
    assert {"b": 2} == pods.assigned([young, old, pod("x", 0)], [2, 0])


def test_a_pod_whose_ordinal_is_not_wanted_or_taken_is_unwanted() -> None:
    found = [pod("a", 0), pod("b", 1), pod("c", None), pod("d", 0)]

    assert ["b", "c", "d"] == [pods.name(p) for p in pods.unwanted(found, [0, 4])]


def test_a_pod_ends_before_those_that_are_as_fit_and_cost_more() -> None:
    starting = pod(status={"conditions": unready(EARLY)})
    pending = pod(nodeName="", status={"phase": "Pending", "conditions": []})

    assert pods.go_first([pod()], [pod()])
    assert pods.go_first([starting], [pod()])
    assert pods.go_first([], [pending])
    assert not pods.go_first([pod()], [starting])
    assert not pods.go_first([starting], [pending])
