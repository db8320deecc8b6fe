from typing import Any

import pytest

from serinus.adapters.kubernetes import notes


def pod(container: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {
        "spec": {
            "containers": [
                {
                    "name": "app",
                    "image": "shop:9",
                    "resources": {"limits": {"memory": "64Mi"}},
                }
            ]
        },
        "status": {"containerStatuses": [{"name": "app", **container}], **status},
    }


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"image": "shop:9", "state": {"waiting": {"reason": reason, "message": message}}}


def ended(code: int, reason: str = "Error") -> dict[str, Any]:
    return {
        "exitCode": code,
        "reason": reason,
        "startedAt": "2026-11-01T10:00:00Z",
        "finishedAt": "2026-11-01T10:00:02Z",
    }


@pytest.mark.parametrize(
    ("container", "note"),
    [
        (
            waiting(
                "ImagePullBackOff",
                'Back-off pulling image "shop:9": ErrImagePull: rpc error: code = NotFound desc = '
                'failed to pull and unpack image "shop:9": failed to resolve reference: not found',
            ),
            "image shop:9 cannot be pulled: not found",
        ),
        (
            waiting("ErrImagePull", "dial tcp: lookup registry.example: no such host"),
            "image shop:9 cannot be pulled: no such host",
        ),
        (
            waiting("ErrImagePull", "rpc error: code = Unknown desc = disk is full"),
            "image shop:9 cannot be pulled: code = Unknown desc = disk is full",
        ),
        (
            waiting("ErrImagePull"),
            "image shop:9 cannot be pulled: the registry gives no reason",
        ),
        (waiting("InvalidImageName"), "image shop:9 is not the name of an image"),
        (
            waiting("CreateContainerConfigError", 'configmap "prices" not found'),
            "ConfigMap prices is missing",
        ),
        (
            waiting("CreateContainerConfigError", 'secret "keys" not found'),
            "Secret keys is missing",
        ),
        (
            waiting("CreateContainerConfigError", "couldn't find key tax in ConfigMap team/prices"),
            "ConfigMap prices has no key tax",
        ),
        (
            waiting("CreateContainerError", "device is busy"),
            "the container cannot be started: device is busy",
        ),
        (
            waiting(
                "RunContainerError",
                "failed to create containerd task: OCI runtime create failed: unable to start "
                'container process: exec: "/shop": no such file or directory',
            ),
            'the container cannot be started: exec: "/shop": no such file or directory',
        ),
        (waiting("ContainerCreating"), ""),
        (
            {"state": {"terminated": ended(137, "OOMKilled")}},
            "killed for using more memory than its limit of 64Mi",
        ),
        ({"state": {"terminated": ended(3)}}, "exited with 3 after 2 s"),
        ({"state": {"terminated": ended(137)}}, "exited with 137 (killed) after 2 s"),
        ({"state": {"terminated": {"exitCode": 1}}}, "exited with 1"),
        (
            {"state": {"terminated": {"reason": "StartError", "message": "no such file: /shop"}}},
            "the container cannot be started: no such file: /shop",
        ),
        (
            {**waiting("CrashLoopBackOff"), "lastState": {"terminated": ended(3)}},
            "exited with 3 after 2 s",
        ),
        (waiting("CrashLoopBackOff"), "it ends again and again"),
        (
            {"state": {"running": {}}, "lastState": {"terminated": ended(3)}, "ready": False},
            "exited with 3 after 2 s",
        ),
        (
            {"state": {"running": {}}, "lastState": {"terminated": ended(3)}, "ready": True},
            "",
        ),
        ({"state": {"running": {}}, "ready": False}, "its readiness probe fails"),
        (
            {"state": {"running": {}}, "ready": False, "started": False},
            "its startup probe has not passed yet",
        ),
        ({"state": {"running": {}}, "ready": True, "started": True}, ""),
    ],
)
def test_a_containers_state_is_told_in_words(container: dict[str, Any], note: str) -> None:
    assert note == notes.of_pod(pod(container))


def test_a_pod_without_a_limit_is_killed_for_using_more_memory_than_it_may() -> None:
    found = pod({"state": {"terminated": ended(137, "OOMKilled")}})
    found["spec"] = {}

    assert "killed for using more memory than it may" == notes.of_pod(found)


def test_an_init_container_that_is_done_is_nothing_to_tell() -> None:
    done = {"name": "prepare", "state": {"terminated": ended(0, "Completed")}}
    found = pod({"state": {"running": {}}, "ready": True}, initContainerStatuses=[done])

    assert "" == notes.of_pod(found)


def test_no_room_on_any_node_names_what_is_lacking() -> None:
    message = (
        "0/3 nodes are available: 1 Insufficient cpu, 2 Insufficient memory. preemption: none."
    )
    condition = {"type": "PodScheduled", "status": "False", "message": message}

    told = notes.of_pod({"status": {"conditions": [condition]}})

    assert told.startswith("no node has room for it: insufficient cpu, insufficient memory (0/3 ")


def test_a_taint_is_no_lack_of_room() -> None:
    told = notes.unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {a: }.")

    assert (
        "no node takes it: 0/1 nodes are available: 1 node(s) had untolerated taint {a: }" == told
    )


def test_an_evicted_pod_says_so() -> None:
    status = {"phase": "Failed", "reason": "Evicted", "message": "The node was low on memory."}

    assert "evicted: The node was low on memory" == notes.of_pod({"status": status})


def test_a_quota_that_is_used_up_is_told_in_numbers() -> None:
    message = (
        'pods "shop-1-x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, '
        "limited: pods=2"
    )

    told = notes.of_failure([{"type": "ReplicaFailure", "status": "True", "message": message}])

    assert "the quota few is used up: pods 2 of 2; one pod more needs pods 1" == told


def test_any_other_refusal_is_told_as_it_came() -> None:
    assert "no pod is made: no service account" == notes.refused("no service account.")
    assert "" == notes.of_failure([{"type": "ReplicaFailure", "status": "False"}])
    assert "" == notes.of_failure(None)


def test_a_long_message_is_cut() -> None:
    told = notes.unscheduled("x" * 1000)

    assert len(told) < 250
    assert told.endswith("…")


def test_how_a_container_ended_is_told_once_it_runs_again() -> None:
    state = {"running": {"startedAt": "2026-11-01T10:00:03Z"}}
    again = {"state": state, "ready": True, "lastState": {"terminated": ended(137, "OOMKilled")}}

    assert "killed for using more memory than its limit of 64Mi" == notes.of_end(
        pod({**again, "restartCount": 1})
    )
    assert "" == notes.of_end(pod({"state": state, "ready": True, "restartCount": 0}))


def test_a_life_of_seconds_is_none() -> None:
    short = {"startedAt": "2026-11-01T10:00:00Z", "finishedAt": "2026-11-01T10:00:14Z"}
    long = {"startedAt": "2026-11-01T10:00:00Z", "finishedAt": "2026-11-01T10:00:15Z"}

    assert not notes.lived({"lastState": {"terminated": short}})
    assert notes.lived({"lastState": {"terminated": long}})
    assert not notes.lived({"lastState": {}})
