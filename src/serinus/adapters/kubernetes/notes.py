"""
What happened to a pod, in words for people: the API's own reasons, told with names and numbers.

::

    waiting: ImagePullBackOff              image shop:9 cannot be pulled: not found
    terminated: OOMKilled                  killed for using more memory than its limit of 64Mi
    terminated: exit code 3                exited with 3 after 2 s
    PodScheduled false: Unschedulable      no node has room for it: insufficient memory (0/1 …)
    ReplicaFailure: exceeded quota         the quota compute is used up: pods 2 of 2
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from serinus.core.state.workload import LIVED_S

Fields = Mapping[str, Any]

PULLING = frozenset({"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull"})
BACKING_OFF = PULLING | {
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
}
"""Why a container waits when it does not wait for its turn: it was tried and will be again."""

_KILLED = 137
_ROOM = re.compile(r"\d+ (Insufficient [\w./-]*\w|Too many pods)")
_QUOTA = re.compile(r"exceeded quota: ([^,]+), requested: ([^\s]+), used: ([^\s]+), limited: (\S+)")
_ABSENT = re.compile(r"(configmap|secret) \"([^\"]+)\" not found", re.IGNORECASE)
_KEY = re.compile(r"couldn't find key (\S+) in (ConfigMap|Secret) (\S+)")
_CALLERS = re.compile(r"^.*(?:start container process|desc = [^:]*): ", re.DOTALL)
_LONGEST = 200


def instant(text: object) -> datetime | None:
    """Return an instant of the API, None where there is none."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


def of_pod(pod: Fields) -> str:
    """Return what happened last to a pod, empty when there is nothing to tell."""
    status = pod.get("status") or {}
    if status.get("phase") == "Failed" and status.get("reason"):
        return f"{_lower(status['reason'])}: {_short(status.get('message', ''))}".rstrip(": ")
    condition = of_type(status.get("conditions"), "PodScheduled")
    if condition.get("status") == "False":
        return unscheduled(str(condition.get("message", "")))
    for container in containers(pod):
        told = _waiting(container, pod) or _ended(container, pod)
        if told:
            return told
    if any(c.get("started") is False and "running" in c.get("state", {}) for c in containers(pod)):
        return "its startup probe has not passed yet"
    return "its readiness probe fails" if _unready(pod) else ""


def of_end(pod: Fields) -> str:
    """Return how a container of a pod ended that runs again, empty when none ever did."""
    for container in containers(pod):
        told = _ended({**container, "ready": False, "state": {}}, pod)
        if told and container.get("restartCount"):
            return told
    return ""


def lived(container: Fields) -> bool:
    """Tell whether a container ended last after it had run for a while, and not at its start."""
    ended = (container.get("lastState") or {}).get("terminated") or {}
    began, over = instant(ended.get("startedAt")), instant(ended.get("finishedAt"))
    return began is not None and over is not None and (over - began).total_seconds() >= LIVED_S


def of_failure(conditions: Iterable[Fields] | None) -> str:
    """Return why a Deployment's pods cannot be made, empty when they can."""
    condition = of_type(conditions, "ReplicaFailure")
    return refused(str(condition.get("message", ""))) if condition.get("status") == "True" else ""


def refused(message: str) -> str:
    """Return why the API server made no pod: a quota that is used up, told in numbers."""
    found = _QUOTA.search(message)
    if found is None:
        return f"no pod is made: {_short(message)}"
    name, asked, used, limited = found.groups()
    wanted, limits = _amounts(asked), _amounts(limited)
    taken = _amounts(used)
    parts = [f"{what} {taken.get(what, '0')} of {limit}" for what, limit in limits.items()]
    more = ", ".join(f"{what} {amount}" for what, amount in wanted.items())
    return f"the quota {name} is used up: {', '.join(parts)}; one pod more needs {more}"


def unscheduled(message: str) -> str:
    """Return why a pod waits for a node."""
    lacking = list(dict.fromkeys(_lower(what) for what in _ROOM.findall(message)))
    if not lacking:
        return f"no node takes it: {_short(message)}"
    return f"no node has room for it: {', '.join(lacking)} ({_short(message)})"


def containers(pod: Fields) -> list[Fields]:
    """Return the statuses of a pod's containers, those that run first before all others."""
    status = pod.get("status") or {}
    initial = status.get("initContainerStatuses") or ()
    return [*initial, *(status.get("containerStatuses") or ())]


def of_type(conditions: Iterable[Fields] | None, kind: str) -> Fields:
    """Return the condition of a type, empty where there is none."""
    return next((c for c in conditions or () if c.get("type") == kind), {})


def waits(pod: Fields) -> str:
    """Return why one of the containers waits to be tried again, empty when none does."""
    reasons = (c.get("state", {}).get("waiting", {}).get("reason") for c in containers(pod))
    return next((reason for reason in reasons if reason in BACKING_OFF), "")


def _waiting(container: Fields, pod: Fields) -> str:
    waiting = container.get("state", {}).get("waiting") or {}
    reason, message = waiting.get("reason", ""), str(waiting.get("message", ""))
    image = container.get("image", "")
    if reason == "InvalidImageName":
        return f"image {image} is not the name of an image"
    if reason in PULLING:
        return f"image {_image(container, pod)} cannot be pulled: {_pulled(message)}"
    if reason == "CrashLoopBackOff":
        return _ended(container, pod) or "it ends again and again"
    return _unmade(message) if reason in BACKING_OFF else ""


def _unmade(message: str) -> str:
    """Return why a container cannot be made: most often something that it refers to is missing."""
    absent = _ABSENT.search(message)
    if absent is not None:
        kind = "ConfigMap" if absent[1].lower() == "configmap" else "Secret"
        return f"{kind} {absent[2]} is missing"
    key = _KEY.search(message)
    if key is not None:
        return f"{key[2]} {key[3].rpartition('/')[2]} has no key {key[1]}"
    return f"the container cannot be started: {_cause(message)}"


def _ended(container: Fields, pod: Fields) -> str:
    """Return how a container ended, as long as it has not become ready since."""
    state = container.get("state", {})
    ended = state.get("terminated") or (container.get("lastState") or {}).get("terminated")
    if not ended or container.get("ready"):
        return ""
    code = ended.get("exitCode")
    if code == 0 and ended.get("reason") == "Completed" and _initial(container, pod):
        return ""
    if ended.get("reason") == "OOMKilled":
        limit = _limit(container, pod)
        return f"killed for using more memory than {f'its limit of {limit}' if limit else 'it may'}"
    if ended.get("reason") in {"StartError", "ContainerCannotRun"}:
        return f"the container cannot be started: {_cause(str(ended.get('message', '')))}"
    began, over = instant(ended.get("startedAt")), instant(ended.get("finishedAt"))
    after = (
        "" if began is None or over is None else f" after {(over - began).total_seconds():.0f} s"
    )
    killed = " (killed)" if code == _KILLED else ""
    return f"exited with {code}{killed}{after}"


def _initial(container: Fields, pod: Fields) -> bool:
    return container in ((pod.get("status") or {}).get("initContainerStatuses") or ())


def _spec(container: Fields, pod: Fields) -> Fields:
    spec = pod.get("spec") or {}
    every = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    return next((c for c in every if c.get("name") == container.get("name")), {})


def _limit(container: Fields, pod: Fields) -> str:
    limits = (_spec(container, pod).get("resources") or {}).get("limits") or {}
    return str(limits.get("memory", ""))


def _image(container: Fields, pod: Fields) -> str:
    """Return the image as people wrote it."""
    return str(_spec(container, pod).get("image") or container.get("image", ""))


def _pulled(message: str) -> str:
    """Return the end of a chain of causes: the part that says what is wrong."""
    if "not found" in message:
        return "not found"
    for word in ("unauthorized", "denied", "no such host", "connection refused", "timeout"):
        if word in message.lower():
            return word
    return _short(message.rpartition(": ")[2] or message) or "the registry gives no reason"


def _cause(message: str) -> str:
    """Return what a runtime says in the end, without all that called it."""
    return _short(_CALLERS.sub("", message))


def _unready(pod: Fields) -> bool:
    """Tell whether all containers run and one of them is not ready."""
    found = (pod.get("status") or {}).get("containerStatuses") or ()
    running = [c for c in found if "running" in c.get("state", {})]
    return bool(found) and len(running) == len(found) and not all(c.get("ready") for c in found)


def _amounts(text: str) -> dict[str, str]:
    """Return ``pods=1,cpu=2`` as a mapping."""
    pairs = (part.partition("=") for part in text.split(","))
    return {what: amount for what, sign, amount in pairs if sign}


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _short(message: str) -> str:
    """Return the first line of a message, of bearable length."""
    line = message.strip().partition("\n")[0].rstrip(". ")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
