"""
Events beside objects, for people who type ``kubectl describe``.

They are a courtesy: telling one costs the caller nothing and never fails. The same sentence again
is counted on the Event that there is. What comes faster than anybody reads is left out, and so is
what cannot be written; the whole history is in the Release, not here.
"""

import collections
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import anyio
import anyio.lowlevel
import structlog

from serinus.adapters.kubernetes.client import Client, Object
from serinus.core.state import labels
from serinus.ports.clock import Clock
from serinus.ports.failures import Missing, PortFailure, Unavailable

log = structlog.get_logger()

BURST, REFILL_S = 25, 300.0
"""Of one object so many at once, then one in so many seconds: as client-go's spam filter."""

WAITING = 1_000
"""How many may wait while the API server is away; then the oldest are left out."""

REMEMBERED = 4_096
"""How many Events are remembered to be counted on."""

PAUSE_S = 5.0
_LONGEST_MESSAGE = 1_024
_LONGEST_REASON = 128
_LONGEST_NAME = 253

Type = Literal["Normal", "Warning"]


@dataclass(frozen=True, slots=True)
class _Told:
    about: Object
    type: Type
    reason: str
    message: str
    at: datetime

    @property
    def key(self) -> tuple[str, ...]:
        uid = str(self.about.get("uid") or f"{self.about['namespace']}/{self.about['name']}")
        return (uid, self.type, self.reason, self.message)


@dataclass(slots=True)
class _Bucket:
    left: float
    at: datetime


class Events:
    """Tell what happens to objects; :meth:`run` writes it down until it is cancelled."""

    def __init__(self, client: Client, clock: Clock, instance: str = "") -> None:
        self._client = client
        self._clock = clock
        self._instance = instance or socket.gethostname()
        self._waiting: collections.deque[_Told] = collections.deque(maxlen=WAITING)
        self._written: collections.OrderedDict[tuple[str, ...], tuple[str, int]] = (
            collections.OrderedDict()
        )
        self._buckets: collections.OrderedDict[str, _Bucket] = collections.OrderedDict()
        self._made = 0
        self._stirred = anyio.Event()

    def tell(
        self,
        about: Mapping[str, Any],
        reason: str,
        message: str,
        type: Type = "Normal",  # noqa: A002 - the API's own word
    ) -> None:
        """
        Tell of something that happened to an object, in one sentence.

        ``reason`` is a word such as ``StepFailed``. ``about`` is the object, or as much of it as
        names it: apiVersion, kind, metadata.
        """
        meta = about.get("metadata") or {}
        told = _Told(
            {
                "apiVersion": about.get("apiVersion"),
                "kind": about.get("kind"),
                "namespace": meta.get("namespace") or "",
                "name": meta.get("name") or "",
                "uid": meta.get("uid"),
                "resourceVersion": meta.get("resourceVersion"),
            },
            type,
            reason[:_LONGEST_REASON],
            message[:_LONGEST_MESSAGE],
            self._clock.now(),
        )
        if self._may(told):
            self._waiting.append(told)
            self._stirred.set()

    async def run(self) -> None:
        """Write down what was told."""
        while True:
            if not self._waiting:
                self._stirred = anyio.Event()
                await self._stirred.wait()
            told = self._waiting[0]
            try:
                await self._write(told)
            except Unavailable as exc:
                log.info("an event waits", problem=str(exc))
                await self._clock.sleep(exc.retry_after_s or PAUSE_S)
                await anyio.lowlevel.checkpoint()
                continue
            except PortFailure as exc:
                log.info("an event was left out", problem=str(exc))
            except Exception:
                log.exception("an event was left out")
            if self._waiting and self._waiting[0] is told:
                self._waiting.popleft()

    def _may(self, told: _Told) -> bool:
        """Tell whether the object has not been told too much of."""
        key = told.key[0]
        bucket = self._buckets.setdefault(key, _Bucket(BURST, told.at))
        self._buckets.move_to_end(key)
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        refilled = bucket.left + (told.at - bucket.at).total_seconds() / REFILL_S
        bucket.left, bucket.at = min(BURST, refilled), told.at
        if bucket.left < 1:
            return False
        bucket.left -= 1
        return True

    async def _write(self, told: _Told) -> None:
        name, count = self._written.get(told.key, ("", 0))
        if name:
            patch = {"count": count + 1, "lastTimestamp": _seconds(told.at)}
            try:
                await self._client.patch("Event", name, _namespace(told), patch)
            except Missing:  # they are kept for an hour
                count = 0
        if not name or not count:
            name = (await self._client.create(self._event(told)))["metadata"]["name"]
        self._written[told.key] = (name, count + 1)
        self._written.move_to_end(told.key)
        while len(self._written) > REMEMBERED:
            self._written.popitem(last=False)

    def _event(self, told: _Told) -> Object:
        self._made += 1
        mark = f".{int(told.at.timestamp() * 1_000_000):x}{self._made % 4096:03x}"
        at = _seconds(told.at)
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": told.about["name"][: _LONGEST_NAME - len(mark)] + mark,
                "namespace": _namespace(told),
            },
            "involvedObject": {k: v for k, v in told.about.items() if v},
            "type": told.type,
            "reason": told.reason,
            "message": told.message,
            "count": 1,
            "firstTimestamp": at,
            "lastTimestamp": at,
            "source": {"component": labels.MANAGER},
            "reportingComponent": f"serinus.dev/{labels.MANAGER}",
            "reportingInstance": self._instance,
        }


def _namespace(told: _Told) -> str:
    """Return where the Event goes: those of objects of the whole cluster are in ``default``."""
    return str(told.about["namespace"] or "default")


def _seconds(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
