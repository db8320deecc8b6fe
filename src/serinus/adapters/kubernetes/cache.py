"""
The objects of one kind as the API server has them, kept here by one watch.

::

     list, in pages ──▶ objects ◀── changes ── watch ◀── resumed where it ended
          ▲                                      │
          └───────── the history is gone ────────┘

Reading costs no request. At rest there is one watch and nothing else, however many objects there
are. What is read may be a moment old; a write that carries the ``resourceVersion`` that was read
tells by a Conflict when it was too old.
"""

import random
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime
from typing import Literal

import anyio
import anyio.lowlevel
import msgspec
import structlog

from serinus.adapters.kubernetes import kinds
from serinus.adapters.kubernetes.answers import Gone
from serinus.adapters.kubernetes.client import WATCH_S, Client, Object, Trim
from serinus.adapters.kubernetes.kinds import Kind
from serinus.ports.clock import Clock
from serinus.ports.failures import Missing, PortFailure, Unavailable

log = structlog.get_logger()

FIRST_S, LONGEST_S = 0.5, 10.0
"""The wait after the first failure, and after many in a row; each is halved at most by chance."""

ABSENT_S = 60.0
"""How often we look whether a kind that is not installed has been installed."""

BRIEF_S = 1.0
"""A watch that ends sooner than that has failed."""

Change = Literal["ADDED", "MODIFIED", "DELETED"]
Subscriber = Callable[[Change, Object | None, Object | None], None]

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def slim(obj: Object) -> Object:
    """Drop what nobody here reads and what makes up half of an object: who owns which field."""
    meta = obj.get("metadata", {})
    meta.pop("managedFields", None)
    if annotations := meta.get("annotations"):
        annotations.pop(_LAST_APPLIED, None)
    return obj


class Cache:
    """
    Keep the objects of a kind: of all namespaces or of one, all or those that labels select.

    ``run`` keeps it current until it is cancelled. ``ready`` is set when all objects were read for
    the first time, or when there is no such kind (``absent``). What is returned is shared: nobody
    may change it. ``trim`` is given each object once and returns what is kept of it; so nothing
    that comes from here may be sent back whole.
    """

    def __init__(
        self,
        client: Client,
        clock: Clock,
        kind: Kind | str,
        namespace: str | None = None,
        labels: str | None = None,
        *,
        trim: Trim = slim,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.kind = kinds.of(kind) if isinstance(kind, str) else kind
        self.namespace = namespace
        self.ready = anyio.Event()
        self.absent = False
        self.problem = ""
        self._warned = ""
        self.heard_at: datetime | None = None
        self._client = client
        self._clock = clock
        self._labels = labels
        self._trim = trim
        self._chance = chance
        self._objects: dict[str, dict[str, Object]] = {}
        self._version = ""
        self._subscribers: list[Subscriber] = []
        self._changed = anyio.Event()

    # --- reading --------------------------------------------------------------------------------

    def get(self, namespace: str | None, name: str) -> Object | None:
        """Return one object, None when it is not there."""
        return self._objects.get(namespace or "", {}).get(name)

    def of(self, namespace: str | None = None) -> list[Object]:
        """Return the objects of a namespace, or all, by name."""
        spaces = sorted(self._objects) if namespace is None else [namespace]
        return [
            found[name]
            for s in spaces
            for found in [self._objects.get(s, {})]
            for name in sorted(found)
        ]

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(map(len, self._objects.values()))

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """
        Tell of each change from now on: what happened, the object before it, and after it.

        It is told in the task of :meth:`run` and must be quick. Returns how to end it.
        """
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    async def wait_until(self, pred: "Callable[[Cache], bool]") -> None:
        """Wait until something is so of this cache; it is looked at after each change."""
        while not pred(self):
            await self._changed.wait()

    def absorb(self, obj: Object) -> None:
        """
        Take in what the API server answered to a write of ours, before the watch tells of it.

        What the watch has told of already, or has told something newer of, is left alone. The
        object stays the caller's.
        """
        version = _number(_version(obj))
        if version is not None and (told := _number(self._version)) is not None and version > told:
            self._put(self._trimmed(_copied(obj)))

    # --- keeping it current ---------------------------------------------------------------------

    async def run(self) -> None:
        """Keep it current until cancelled; whatever fails is tried again."""
        falls = 0
        while True:
            began = self._clock.now()
            pause, failed = 0.0, True
            try:
                if not self._version:
                    await self._relist()
                await self._follow()
                failed = self._lasted_s(began) < BRIEF_S
            except Gone:
                self._version = ""
            except Missing as exc:
                self._went_absent(exc)
                pause = ABSENT_S
            except PortFailure as exc:
                self._fell(exc)
                pause = getattr(exc, "retry_after_s", None) or 0.0
            falls = falls * (self._lasted_s(began) < LONGEST_S) + failed
            await self._clock.sleep(max(pause, self._delay_s(falls)))
            await anyio.lowlevel.checkpoint()

    def _lasted_s(self, since: datetime) -> float:
        return (self._clock.now() - since).total_seconds()

    def _delay_s(self, falls: int) -> float:
        """Return how long to wait; by chance, so that not all come back in the same moment."""
        if not falls:
            return 0.0
        whole = min(LONGEST_S, FIRST_S * 2.0 ** min(falls - 1, 10))
        return whole * (0.5 + self._chance() / 2)

    async def _relist(self) -> None:
        items, version = await self._client.list(
            self.kind, self.namespace, self._labels, trim=self._known
        )
        self._heard()
        self.absent, self.problem = False, ""
        there = set()
        for obj in items:
            if (key := _key(obj)) is not None:
                there.add(key)
                self._put(obj)
        for space, found in list(self._objects.items()):
            for name in [name for name in found if (space, name) not in there]:
                self._drop(space, name)
        self._version = version
        self.ready.set()
        self._stir()

    def _known(self, obj: Object) -> Object:
        """Return what is kept of a listed object: the one that is here, where it is the same."""
        key = _key(obj)
        here = self._objects.get(key[0], {}).get(key[1]) if key else None
        return here if here is not None and _version(here) == _version(obj) else self._trimmed(obj)

    async def _follow(self) -> None:
        timeout_s = WATCH_S * (1 + self._chance())
        changes = self._client.watch(
            self.kind, self.namespace, self._version, self._labels, timeout_s=timeout_s
        )
        async with aclosing(changes):
            async for change, obj in changes:
                self._heard()
                self.problem = ""
                self._take(change, obj)
                self._version = _version(obj) or self._version

    def _take(self, change: str, obj: Object) -> None:
        key = _key(obj)
        if change in {"ADDED", "MODIFIED"} and key is not None:
            self._put(self._trimmed(obj))
        elif change == "DELETED" and key is not None:
            if not _older(obj, self.get(*key)):
                self._drop(*key)
        elif change != "BOOKMARK":
            log.warning("a change could not be read", kind=self.kind.name, change=change)

    def _trimmed(self, obj: Object) -> Object:
        try:
            return self._trim(obj)
        except Exception:
            log.exception("an object is kept whole", kind=self.kind.name, key=_key(obj))
            return obj

    # --- what is here ---------------------------------------------------------------------------

    def _put(self, obj: Object) -> None:
        key = _key(obj)
        if key is None:
            log.warning("an object without a name is left out", kind=self.kind.name)
            return
        space, name = key
        old = self._objects.get(space, {}).get(name)
        if old is obj or (old is not None and (_version(old) == _version(obj) or _older(obj, old))):
            return
        self._objects.setdefault(space, {})[name] = obj
        self._tell("ADDED" if old is None else "MODIFIED", old, obj)

    def _drop(self, space: str, name: str) -> None:
        found = self._objects.get(space, {})
        old = found.pop(name, None)
        if not found:
            self._objects.pop(space, None)
        if old is not None:
            self._tell("DELETED", old, None)

    def _tell(self, change: Change, old: Object | None, new: Object | None) -> None:
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(change, old, new)
            except Exception:
                log.exception(
                    "a change was not taken in", kind=self.kind.name, key=_key(new or old)
                )
        self._stir()

    def _stir(self) -> None:
        self._changed.set()
        self._changed = anyio.Event()

    def _heard(self) -> None:
        self.heard_at = self._clock.now()
        self._warned = ""

    def _went_absent(self, problem: Missing) -> None:
        """There is no such kind here, or none any more."""
        if not self.absent:
            log.info("a kind is not installed", kind=self.kind.name)
        self.absent, self.problem, self._version = True, str(problem), ""
        for space, found in list(self._objects.items()):
            for name in list(found):
                self._drop(space, name)
        self.ready.set()
        self._stir()

    def _fell(self, problem: PortFailure) -> None:
        # A new kind is not served for a second: that is said once it lasts.
        soon = getattr(problem, "retry_after_s", None) is not None and not self.problem
        if not soon and str(problem) != self._warned:
            self._warned = str(problem)
            log.warning("objects are not followed", kind=self.kind.name, problem=str(problem))
        self.problem = str(problem)
        if not isinstance(problem, Unavailable):
            self._version = ""


def _copied(obj: Object) -> Object:
    """Return a copy of an object, which came as JSON: by way of JSON, as that is far quicker."""
    copied: Object = msgspec.json.decode(msgspec.json.encode(obj))
    return copied


def _key(obj: Object | None) -> tuple[str, str] | None:
    meta = obj.get("metadata") if isinstance(obj, dict) else None
    if not isinstance(meta, dict) or not isinstance(meta.get("name"), str):
        return None
    return str(meta.get("namespace") or ""), meta["name"]


def _version(obj: Object) -> str:
    return str(obj.get("metadata", {}).get("resourceVersion", ""))


def _number(version: str) -> int | None:
    return int(version) if version.isdecimal() else None


def _older(obj: Object, than: Object | None) -> bool:
    """Tell whether an object is of an earlier moment: the versions of a kind are in order."""
    mine, other = _number(_version(obj)), _number(_version(than)) if than is not None else None
    return mine is not None and other is not None and mine < other
