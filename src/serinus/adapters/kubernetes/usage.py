"""
What pods take of their nodes: memory and CPU, while a release is in flight.

Two can say it, and the first that is there is asked:

===================  =======================================  ====================================
metrics.k8s.io       one request for each namespace           CPU as a rate, of about 15 s; it is
                                                              added up here
kubelets             one request for each node, through the   seconds of CPU since the pod began
                     API server (``/metrics/resource``)
===================  =======================================  ====================================

Only pods are looked at that somebody asked for within the last seconds, and whose application runs
more than one revision: nothing is asked at rest. Whoever may not ask, asks again after ten minutes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import msgspec
import structlog

from serinus.adapters.kubernetes import exposition
from serinus.core.spec import quantity
from serinus.core.state import labels
from serinus.core.state.workload import Usage
from serinus.ports import failures
from serinus.ports.clock import Clock

LOOK_S = 5.0
ASKED_S = 60.0
"""A pod that nobody asked for within this time is not looked at."""

AGAIN_S = 600.0
"""How long one who is not there, or may not be asked, is left alone."""

APART_S = 2.0
"""Two figures of CPU that are nearer to each other yield no rate."""

_CPU, _MEMORY = "pod_cpu_usage_seconds_total", "pod_memory_working_set_bytes"
_FINE = {"n": 1e-9, "u": 1e-6}
_NODE = re.compile(r"[a-z0-9.-]+")

Place = tuple[str, str]
Pod = Mapping[str, Any]

log = structlog.get_logger()


class Asked(Protocol):
    """Who asks an API server."""

    async def raw_get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        """Return the body of an answer."""
        ...


class Figures(NamedTuple):
    """
    What is told of one pod: bytes, and CPU.

    ``cpu_s``: seconds since it began; ``cpu``: CPUs used lately. One of both is known.
    """

    at: float
    memory: int
    cpu_s: float | None = None
    cpu: float | None = None


class Measuring:
    """
    Know what pods took when they were looked at last.

    ``find``: a pod by namespace and name; ``of``: the pods of an application, by both as well.
    """

    def __init__(
        self,
        client: Asked,
        find: Callable[[str, str], Pod | None],
        of: Callable[[str, str], Iterable[Pod]],
        clock: Clock,
    ) -> None:
        self._client = client
        self._find = find
        self._of = of
        self._clock = clock
        self._asked: dict[Place, float] = {}
        self._taken: dict[Place, Usage] = {}
        self._away: dict[str, float] = {}

    def usage(self, namespace: str, pod: str) -> Usage | None:
        """Return what a pod took when it was looked at last; asking is what makes it looked at."""
        self._asked[namespace, pod] = self._now()
        return self._taken.get((namespace, pod))

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await self._clock.sleep(LOOK_S)

    async def look(self) -> None:
        """Look once at the pods of releases in flight."""
        now = self._now()
        self._asked = {place: at for place, at in self._asked.items() if now - at < ASKED_S}
        self._taken = {place: used for place, used in self._taken.items() if place in self._asked}
        wanted = dict(self._wanted())
        if not wanted:
            return
        found = await self._served({namespace for namespace, _ in wanted})
        if found is None:
            found = await self._kubelets({node for node in wanted.values() if node})
        for place, figures in found.items():
            if place in wanted:
                self._take_in(place, figures)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _wanted(self) -> Iterator[tuple[Place, str]]:
        """Yield the pods that are to be looked at, and their nodes."""
        groups: dict[Place, list[Pod]] = {}
        for namespace, name in self._asked:
            pod = self._find(namespace, name)
            if pod is not None:
                owner = _label(pod, labels.APPLICATION)
                if (namespace, owner) not in groups:
                    groups[namespace, owner] = list(self._of(namespace, owner))
        for (namespace, _), group in groups.items():
            if len({_label(pod, labels.REVISION) for pod in group}) > 1:
                for pod in group:
                    place = (namespace, pod["metadata"]["name"])
                    if place in self._asked:
                        yield place, (pod.get("spec") or {}).get("nodeName", "")

    def _take_in(self, place: Place, figures: Figures) -> None:
        before = self._taken.get(place)
        if before is not None and figures.at <= before.at:
            return
        apart = 0.0 if before is None else figures.at - before.at
        cpu, cpu_s = figures.cpu, figures.cpu_s
        if cpu_s is None:
            cpu_s = (0.0 if before is None else before.cpu_s) + (cpu or 0.0) * apart
        elif before is not None and apart >= APART_S and cpu_s >= before.cpu_s:
            cpu = (cpu_s - before.cpu_s) / apart
        self._taken[place] = Usage(figures.at, figures.memory, cpu_s, cpu=cpu)

    # --- who can say it -------------------------------------------------------------------------

    async def _served(self, namespaces: Iterable[str]) -> dict[Place, Figures] | None:
        """Ask the metrics API; None where there is none."""
        found: dict[Place, Figures] = {}
        for namespace in sorted(namespaces):
            path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods"
            content = await self._ask("metrics.k8s.io", path, {"labelSelector": labels.APPLICATION})
            if content is None:
                return None
            found |= {(namespace, name): f for name, f in served(content)}
        return found

    async def _kubelets(self, nodes: Iterable[str]) -> dict[Place, Figures]:
        """Ask the kubelets, those that answer."""
        found: dict[Place, Figures] = {}
        for node in sorted(filter(_NODE.fullmatch, nodes)):
            path = f"/api/v1/nodes/{node}/proxy/metrics/resource"
            content = await self._ask(f"kubelet {node}", path)
            if content is not None:
                found |= resources(content, self._now())
        return found

    async def _ask(
        self, who: str, path: str, params: Mapping[str, str] | None = None
    ) -> bytes | None:
        now = self._now()
        if now < self._away.get(who, 0.0):
            return None
        try:
            return await self._client.raw_get(path, params)
        except (failures.Missing, failures.Rejected) as problem:
            self._away[who] = now + AGAIN_S
            if isinstance(problem, failures.Rejected):
                log.warning("usage is not read", of=who, problem=str(problem))
        except failures.PortFailure:
            self._away[who] = now + LOOK_S
        return None


def _label(pod: Pod, label: str) -> str:
    found: str = (pod["metadata"].get("labels") or {}).get(label, "")
    return found


# --- what they say ------------------------------------------------------------------------------


class _Container(msgspec.Struct, frozen=True):
    usage: dict[str, str] = {}


class _Meta(msgspec.Struct, frozen=True):
    name: str = ""


class _Pod(msgspec.Struct, frozen=True):
    metadata: _Meta
    timestamp: datetime
    containers: tuple[_Container, ...] = ()


class _Pods(msgspec.Struct, frozen=True):
    items: tuple[_Pod, ...] = ()


def served(content: bytes) -> Iterator[tuple[str, Figures]]:
    """Yield what the metrics API says, by pod; nothing for what is no answer of it."""
    try:
        found = msgspec.json.decode(content, type=_Pods)
    except (msgspec.DecodeError, ValueError):
        return
    for pod in found.items:
        cpu = sum(_amount(one.usage.get("cpu", "0")) for one in pod.containers)
        memory = sum(_amount(one.usage.get("memory", "0")) for one in pod.containers)
        yield pod.metadata.name, Figures(pod.timestamp.timestamp(), round(memory), cpu=cpu)


def resources(content: bytes, now: float) -> dict[Place, Figures]:
    """Return what a kubelet says, by pod."""
    cpu: dict[Place, tuple[float, float]] = {}
    memory: dict[Place, float] = {}
    page = exposition.Page(f"{_CPU}|{_MEMORY}")
    for series, value, at in page.stamped(content):
        metric, found = exposition.labelled(series)
        place = (found.get("namespace", ""), found.get("pod", ""))
        if metric == _CPU:
            cpu[place] = (value, now if at is None else at)
        else:
            memory[place] = value
    return {
        place: Figures(at, round(memory[place]), cpu_s=seconds)
        for place, (seconds, at) in cpu.items()
        if place in memory
    }


def _amount(text: str) -> float:
    """Read a quantity of Kubernetes; 0 for what is none."""
    try:
        if text[-1:] in _FINE:
            return float(text[:-1]) * _FINE[text[-1]]
        return float(quantity.parse(text))
    except ValueError:
        return 0.0
