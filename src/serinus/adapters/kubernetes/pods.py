"""
Pods as replicas: which ordinal each has, what state it is in, and which of them ends next.

::

    Deployment   group: ordinals 0, 2          pods            replicas
                                               a  ordinal 0    3f2a9c01d4-0  ready
                                               b  ordinal 1    3f2a9c01d4-1  stopping: not wanted
                                               c  (none yet)   is given 2
                                               (no pod)        3f2a9c01d4-2  starting, until then

A pod that comes in place of a dead one takes its ordinal: the lowest that no living pod has.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from serinus.adapters.kubernetes import notes
from serinus.adapters.kubernetes.deployments import Held
from serinus.core.state import labels
from serinus.core.state.workload import Replica, ReplicaState, Usage

Pod = Mapping[str, Any]

COST = "controller.kubernetes.io/pod-deletion-cost"
"""An annotation of Kubernetes: of pods that are alike, that with the lowest number ends first."""

LOWEST = -1000

_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
_NEVER = datetime.min.replace(tzinfo=UTC)


class Known(NamedTuple):
    """What is known of a replica beside what its pod says now."""

    ready_at: datetime | None = None
    usage: Usage | None = None


NOTHING = Known()


def name(pod: Pod) -> str:
    """Return a pod's name."""
    found: str = pod["metadata"]["name"]
    return found


def living(pod: Pod) -> bool:
    """Tell whether a pod runs or will; one that is being deleted does not count."""
    phase = (pod.get("status") or {}).get("phase")
    return not pod["metadata"].get("deletionTimestamp") and phase not in {"Failed", "Succeeded"}


def ordinal(pod: Pod) -> int | None:
    """Return a pod's number within its revision, None where it has none yet."""
    text = (pod["metadata"].get("labels") or {}).get(labels.ORDINAL, "")
    return int(text) if text.isdecimal() else None


def drained_at(pod: Pod) -> datetime | None:
    """Return until when the requests of a pod that is to end may end, None if it goes on."""
    return notes.instant(_annotation(pod, labels.DRAINED_AT))


def serving(pod: Pod) -> bool:
    """Tell whether a pod may get requests."""
    return (pod["metadata"].get("labels") or {}).get(labels.SERVING) == "true"


def ready(pod: Pod) -> bool:
    """Tell whether a pod is ready."""
    return _condition(pod, "Ready").get("status") == "True"


def comes_from(pod: Pod, deployment: str) -> bool:
    """Tell whether a pod comes from a Deployment, by way of one of its ReplicaSets."""
    owners = pod["metadata"].get("ownerReferences") or ()
    return any(
        o.get("kind") == "ReplicaSet" and o["name"].rpartition("-")[0] == deployment for o in owners
    )


def assigned(found: Iterable[Pod], ordinals: Sequence[int]) -> dict[str, int]:
    """Return the ordinals of living pods that have none yet, by name: the lowest that are free."""
    alive = [p for p in found if living(p)]
    taken = {ordinal(p) for p in alive}
    free = [number for number in sorted(ordinals) if number not in taken]
    fresh = sorted((p for p in alive if ordinal(p) is None), key=lambda p: (_created(p), name(p)))
    return {name(pod): number for pod, number in zip(fresh, free, strict=False)}


def unwanted(found: Iterable[Pod], ordinals: Iterable[int]) -> list[Pod]:
    """Return the living pods that are not among the wanted ordinals, with one pod for each."""
    wanted = set(ordinals)
    result = []
    for pod in sorted((p for p in found if living(p)), key=lambda p: (_created(p), name(p))):
        number = ordinal(pod)
        if number in wanted:
            wanted.discard(number)
        else:
            result.append(pod)
    return result


def go_first(leaving: Sequence[Pod], staying: Sequence[Pod]) -> bool:
    """Tell whether a ReplicaSet that may keep fewer pods ends all those before any of these."""
    if not leaving or not staying:
        return True
    return max(_rank(p) for p in leaving) <= min(_rank(p) for p in staying)


def replicas(
    held: Held,
    found: Iterable[Pod],
    missing_since: datetime,
    known: Mapping[str, Known],
) -> list[Replica]:
    """
    Return the replicas of a Deployment: its pods, and the wanted ordinals that have no pod yet.

    A pod that was not given its ordinal yet is not among them: the next look shows it.
    """
    result: dict[int, Replica] = {}
    for pod in sorted(found, key=lambda p: (living(p), _created(p), name(p))):
        number = ordinal(pod)
        if number is not None and (living(pod) or pod["metadata"].get("deletionTimestamp")):
            result[number] = replica(held, pod, known.get(pod["metadata"].get("uid", ""), NOTHING))
    for number in held.group.ordinals:
        if number not in result:
            state = ReplicaState.BACKING_OFF if held.failure else ReplicaState.STARTING
            note = held.failure or _last(found, number)
            result[number] = Replica(held.revision, number, state, missing_since, note=note)
    return [result[number] for number in sorted(result)]


def replica(held: Held, pod: Pod, known: Known) -> Replica:
    """Return the replica that a pod is; it has an ordinal."""
    number = ordinal(pod) or 0
    status = pod.get("status") or {}
    since = ready_at(pod) or known.ready_at
    state = _state(pod, since)
    if not living(pod) or number not in held.group.ordinals or drained_at(pod) is not None:
        state = ReplicaState.STOPPING
    address = status.get("podIP", "")
    ports = held.workload.port
    return Replica(
        revision=held.revision,
        ordinal=number,
        state=state,
        started_at=_started_at(pod),
        ready_at=since,
        restarts=max(0, restarts(pod)),
        deaths=max(0, min(_died(pod), restarts(pod))),
        address=f"{address}:{ports}" if address and ports else "",
        note=notes.of_end(pod) if state is ReplicaState.READY else notes.of_pod(pod),
        usage=known.usage,
    )


def restarts(pod: Pod) -> int:
    """Return how often the replica was restarted: the pods before this one count as well."""
    text = _annotation(pod, labels.RESTARTS)
    return _counted(pod) + (int(text) if text.removeprefix("-").isdecimal() else 0)


def _died(pod: Pod) -> int:
    """Return how often containers were restarted that had lived for a while, the last time."""
    return sum(c.get("restartCount", 0) for c in notes.containers(pod) if notes.lived(c))


def _counted(pod: Pod) -> int:
    """Return how often the kubelet restarted the containers of a pod."""
    counted: int = sum(c.get("restartCount", 0) for c in notes.containers(pod))
    return counted


def _state(pod: Pod, since: datetime | None) -> ReplicaState:
    if ready(pod):
        return ReplicaState.READY
    if notes.waits(pod):
        return ReplicaState.BACKING_OFF
    return ReplicaState.STARTING if since is None else ReplicaState.UNREADY


def ready_at(pod: Pod) -> datetime | None:
    """
    Return since when a pod is ready, or when it began if it was ready and is not any more.

    A kubelet says that a pod is not ready before its containers run; whoever is said not to be
    ready after that was ready in between.
    """
    condition = _condition(pod, "Ready")
    changed = notes.instant(condition.get("lastTransitionTime"))
    if condition.get("status") == "True":
        return changed
    running = _running_since(pod)
    return running if running is not None and changed is not None and changed > running else None


def _started_at(pod: Pod) -> datetime:
    """Return when the replica's life began: its pod's, or after a crash its containers' new one."""
    running = _running_since(pod)
    counted = _counted(pod)
    return running if counted and running is not None else _created(pod)


def _running_since(pod: Pod) -> datetime | None:
    """Return since when all containers run, None while one does not."""
    found = (pod.get("status") or {}).get("containerStatuses") or ()
    times = [
        notes.instant((c.get("state", {}).get("running") or {}).get("startedAt")) for c in found
    ]
    known = [t for t in times if t is not None]
    return max(known) if known and len(known) == len(times) else None


def _last(found: Iterable[Pod], number: int) -> str:
    """Return what became of the pods that had the ordinal, empty when nobody knows."""
    dead = [p for p in found if ordinal(p) == number and not living(p)]
    return notes.of_pod(max(dead, key=_created)) if dead else ""


def _rank(pod: Pod) -> tuple[bool, int, bool]:
    """Return how early a ReplicaSet ends a pod, deletion costs aside: the lowest go first."""
    assigned_to_node = bool((pod.get("spec") or {}).get("nodeName"))
    phase = (pod.get("status") or {}).get("phase", "Pending")
    return assigned_to_node, _PHASES.get(phase, 0), ready(pod)


def _condition(pod: Pod, kind: str) -> Mapping[str, Any]:
    return notes.of_type((pod.get("status") or {}).get("conditions"), kind)


def _created(pod: Pod) -> datetime:
    return notes.instant(pod["metadata"].get("creationTimestamp")) or _NEVER


def _annotation(pod: Pod, annotation: str) -> str:
    return str((pod["metadata"].get("annotations") or {}).get(annotation, ""))
