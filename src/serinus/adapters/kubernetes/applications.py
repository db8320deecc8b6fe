"""
Application objects, as far as the controller writes to them: a finalizer, and a status for people.

The spec is somebody else's and is never written. The finalizer holds a deleted Application until
its route is gone and its pods have ended. The status is made from what is stored elsewhere, so it
is written after that, and a write that fails is done again later: see :meth:`Applications.run`.
"""

import math
from collections.abc import Awaitable, Callable
from datetime import timedelta

import anyio
import msgspec
import structlog

from serinus.adapters.kubernetes import summary
from serinus.adapters.kubernetes.cache import Cache
from serinus.adapters.kubernetes.client import Client, Object
from serinus.adapters.kubernetes.objects import ApplicationStatus
from serinus.adapters.kubernetes.specs import leaving
from serinus.core.state import labels
from serinus.core.state.labels import Name
from serinus.core.state.observed import Status
from serinus.ports import failures
from serinus.ports.clock import Clock
from serinus.ports.store import Asked

FINALIZER = "serinus.dev/release"
AGAIN_S = 5.0
FRESH_S = 1.0
"""A new Application is about to have its first decision, which is what its status tells first."""

TRIES = 3

log = structlog.get_logger()


class Applications:
    """
    Know Application objects, and write what is ours of them.

    ``show`` writes the status of one; ``stirred`` is called when one is changed by somebody.
    """

    def __init__(
        self, client: Client, cache: Cache, clock: Clock, stirred: Callable[[], None]
    ) -> None:
        self._client = client
        self._cache = cache
        self._clock = clock
        self._stirred = stirred
        self._stale: dict[Name, float] = {}
        self._leaving: set[Name] = set()
        self._woken = anyio.Event()
        for obj in cache.of():
            self._changed("ADDED", None, obj)
        cache.subscribe(self._changed)

    def get(self, place: Name) -> Object | None:
        """Return an Application, None when there is none."""
        return self._cache.get(place.namespace, place.name)

    def owner(self, place: Name) -> str:
        """Return the uid of an Application, empty when there is none."""
        return uid(self.get(place))

    def held(self, place: Name) -> bool:
        """Tell whether an Application is to be let go of and waits for us."""
        app = self.get(place)
        return app is not None and leaving(app) and FINALIZER in _finalizers(app)

    def going(self) -> tuple[str, ...]:
        """Return the names of all Applications that wait for us to be let go of."""
        return tuple(str(place) for place in self._leaving if self.held(place))

    async def gone(self, place: Name, owner: str) -> bool:
        """Ask the API server whether there is no such Application any more."""
        try:
            return uid(await self._client.get("Application", place.name, place.namespace)) != owner
        except failures.Missing:
            return True

    # --- the finalizer --------------------------------------------------------------------------

    async def hold(self, place: Name) -> None:
        """Put the finalizer on, before anything of the application exists."""
        app = self.get(place)
        if app is not None and not leaving(app) and FINALIZER not in _finalizers(app):
            await self._finalize(app, lambda found: [*found, FINALIZER])

    async def let_go(self, place: Name) -> None:
        """Take the finalizer off: the API server removes the object then."""
        app = self.get(place)
        if app is not None and leaving(app):
            await self._finalize(app, lambda found: [one for one in found if one != FINALIZER])

    async def _finalize(self, app: Object, change: Callable[[list[str]], list[str]]) -> None:
        place = _place(app)
        for _ in range(TRIES):
            before = _finalizers(app)
            if change(before) == before:
                return
            version = app["metadata"].get("resourceVersion")
            patch = {"metadata": {"resourceVersion": version, "finalizers": change(before)}}
            try:
                written = await self._client.patch(
                    "Application", place.name, place.namespace, patch
                )
            except failures.Conflict:
                app = await self._client.get("Application", place.name, place.namespace)
            except failures.Missing:
                return
            else:
                self._cache.absorb(written)
                return
        raise failures.Conflict(f"Application {place}: its finalizers change all the time")

    # --- the status -----------------------------------------------------------------------------

    def touch(self, place: Name, after_s: float = 0.0) -> None:
        """Have the status of an Application looked at, soon."""
        at = (self._clock.now() + timedelta(seconds=after_s)).timestamp()
        self._stale[place] = min(at, self._stale.get(place, math.inf))
        self._woken.set()

    async def run(self, show: Callable[[Name], Awaitable[None]]) -> None:
        """Keep the status of all Applications as it should be, until cancelled."""
        while True:
            self._woken = anyio.Event()
            now = self._clock.now().timestamp()
            for place in [place for place, at in self._stale.items() if at <= now]:
                del self._stale[place]
                try:
                    await show(place)
                except failures.PortFailure as problem:
                    log.warning("a status waits", application=str(place), problem=str(problem))
                    self.touch(place, AGAIN_S)
            if self._stale:
                await self._clock.sleep(0.25)
            else:
                await self._woken.wait()

    async def show(self, place: Name, status: Status | None, asked: Asked) -> None:
        """Write the status of an Application, if it is another one than it has."""
        app = self.get(place)
        if app is None:
            return
        found = app.get("status") or {}
        wanted = msgspec.to_builtins(
            summary.application(
                place.name,
                status,
                asked,
                generation=app["metadata"].get("generation"),
                before=_read(found).conditions,
                now=self._clock.now(),
                left=labels.LEAVE in (app["metadata"].get("annotations") or {}),
            )
        )
        if wanted == {name: found[name] for name in found if name in _FIELDS}:
            return
        patch = {"status": {**dict.fromkeys(_FIELDS & set(found)), **wanted}}
        try:
            written = await self._client.patch(
                "Application", place.name, place.namespace, patch, subresource="status"
            )
        except failures.Missing:
            return
        self._cache.absorb(written)

    def _changed(self, change: str, old: Object | None, new: Object | None) -> None:
        del change
        obj = new or old
        if obj is None:
            return
        place = _place(obj)
        self.touch(place, FRESH_S if old is None else 0.0)
        if new is not None and leaving(new):
            self._leaving.add(place)
        else:
            self._leaving.discard(place)
        if old is None or new is None or leaving(old) != leaving(new):
            self._stirred()


_FIELDS = {field.encode_name for field in msgspec.structs.fields(ApplicationStatus)}


def uid(app: Object | None) -> str:
    """Return the uid of an object, empty where it has none."""
    return str(((app or {}).get("metadata") or {}).get("uid") or "")


def _finalizers(app: Object) -> list[str]:
    return list(app["metadata"].get("finalizers") or [])


def _place(app: Object) -> Name:
    return Name(app["metadata"].get("namespace", ""), app["metadata"]["name"])


def _read(status: Object) -> ApplicationStatus:
    """Read a status; one that somebody else wrote over is as none."""
    try:
        return msgspec.convert(status, ApplicationStatus)
    except msgspec.ValidationError:
        return ApplicationStatus()
