"""Where specs, status, releases, intents, events and ticks are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from serinus.core.state.counts import Tick
from serinus.core.state.intent import Answer, Intent
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status, Wanted
from serinus.core.state.release import Release
from serinus.core.state.workload import Revision


class Asked(msgspec.Struct, frozen=True):
    """What the specs say of one application: wanted, or why that cannot be told."""

    wanted: Wanted | None = None
    problem: str = ""


class Store(Protocol):
    """
    Keep everything that must outlive the controller.

    Writes are durable when the call returns. ``Unavailable`` when it cannot be written now (a full
    disk), ``Conflict`` when the status has moved since it was read.
    """

    async def keys(self) -> tuple[Key, ...]:
        """Return every application that a spec asks for or that has a status, sorted."""
        ...

    async def asked(self, key: Key) -> Asked:
        """Return what the specs ask for, resolved and reviewed."""
        ...

    async def status(self, key: Key) -> Status | None:
        """Return the stored status, None for an application never seen."""
        ...

    async def record(
        self,
        status: Status,
        *,
        events: Sequence[Event] = (),
        answers: Sequence[Answer] = (),
        revisions: Sequence[Revision] = (),
        judge: bytes | None = None,
    ) -> Status:
        """
        Write all of it in one transaction and return the status with its new version.

        ``judge`` is the judge's serialised memory for the status' release; None leaves it as it is.
        """
        ...

    async def judge(self, key: Key) -> bytes | None:
        """Return the judge's serialised memory of the current release, None if there is none."""
        ...

    async def revision(self, revision: str) -> Revision | None:
        """Return a revision by its id."""
        ...

    async def release(self, key: Key, number: int) -> Release | None:
        """Return one release, ended ones included."""
        ...

    async def releases(self, key: Key | None = None, limit: int = 50) -> tuple[Release, ...]:
        """Return releases, newest first."""
        ...

    async def ask(self, intent: Intent) -> None:
        """Leave an intent. The same id twice is one intent."""
        ...

    async def intents(self, key: Key) -> tuple[Intent, ...]:
        """Return the intents without an answer, oldest first."""
        ...

    async def answer(self, intent: str) -> Answer | None:
        """Return the answer to an intent, None while there is none."""
        ...

    async def events(
        self, after: int = 0, key: Key | None = None, release: int | None = None, limit: int = 500
    ) -> tuple[Event, ...]:
        """Return events with a sequence greater than ``after``, oldest first."""
        ...

    async def put_ticks(self, key: Key, release: int | None, ticks: Sequence[Tick]) -> None:
        """Keep ticks of a release, or (``release`` None) of the application at rest."""
        ...

    async def ticks(
        self, key: Key, release: int | None, since: datetime | None = None
    ) -> tuple[Tick, ...]:
        """Return ticks, oldest first."""
        ...

    async def forget(self, key: Key) -> None:
        """Remove the status of a deleted application. Releases and events stay as history."""
        ...
