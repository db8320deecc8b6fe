"""Where specs, status, releases, intents, events and ticks are kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from serinus.core.spec.requests import Goal
from serinus.core.state.cohort import Cohort, Visit
from serinus.core.state.counts import Tick
from serinus.core.state.explanation import Explanation
from serinus.core.state.intent import Answer, Intent
from serinus.core.state.notice import Event, Key
from serinus.core.state.observed import Status, Wanted
from serinus.core.state.release import Release
from serinus.core.state.rollup import Rollup, Sum
from serinus.core.state.traffic import Route
from serinus.core.state.verdict import Reading
from serinus.core.state.workload import Replica, Revision


class Asked(msgspec.Struct, frozen=True):
    """What the specs say of one application: wanted, or why that cannot be told."""

    wanted: Wanted | None = None
    problem: str = ""


class Specs(Protocol):
    """Where people write down what they want: a directory of files, or a mapping in a film."""

    def asked(self, name: str, environment: str) -> Asked:
        """Return what is asked for; nothing at all for an unknown name."""
        ...

    def applications(self) -> Sequence[str]:
        """Return the names of all applications, sorted."""
        ...

    def changed(self) -> bool:
        """Tell whether anything was written since the last call."""
        ...


class Snapshot(msgspec.Struct, frozen=True):
    """What the controller saw in its last turn (``at``), for people in other processes."""

    at: datetime
    reading: Reading | None = None
    replicas: tuple[Replica, ...] = ()
    route: Route | None = None


class Store(Protocol):
    """
    Keep everything that must outlive the controller.

    Writes are durable when the call returns; ticks, roll-ups and snapshots, which are many and of
    which a second may be lost, follow within a second or with the next ``record``.
    ``Unavailable`` when it cannot be written now (a full disk), ``Conflict`` when the status has
    moved since it was read, ``Rejected`` when what is stored cannot be read (it is damaged).
    """

    async def keys(self) -> tuple[Key, ...]:
        """Return every application that a spec asks for or that has a status, sorted."""
        ...

    async def asked(self, key: Key) -> Asked:
        """Return what the specs ask for, resolved and reviewed."""
        ...

    async def status(self, key: Key) -> Status | None:
        """
        Return the stored status, None for an application never seen.

        A forgotten application has an empty status whose ``releases`` goes on counting, so that a
        new one of the same name does not write over the history of the old one.
        """
        ...

    async def record(
        self,
        status: Status,
        *,
        events: Sequence[Event] = (),
        answers: Sequence[Answer] = (),
        revisions: Sequence[Revision] = (),
        judge: bytes | None = None,
        explanation: Explanation | None = None,
    ) -> Status:
        """
        Write all of it in one transaction and return the status with its new version.

        ``judge`` is the judge's serialised memory for the status' release; None leaves it as it is.
        ``explanation``: of what is decided with it, which is kept with the history of the release.
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

    async def newest(self) -> int:
        """Return the sequence of the newest event, 0 when there is none."""
        ...

    async def put_ticks(self, key: Key, release: int | None, ticks: Sequence[Tick]) -> None:
        """Keep ticks of a release, or (``release`` None) of the application at rest."""
        ...

    async def put_reading(
        self,
        key: Key,
        reading: Reading | None,
        replicas: Sequence[Replica],
        route: Route | None,
        *,
        at: datetime,
        release: int | None = None,
    ) -> None:
        """
        Keep what was seen in this turn, in place of what was seen in the turn before.

        ``release``: whose reading it is. The last reading of each release is kept with its history,
        so that people can read afterwards what the verdict was made of.
        """
        ...

    async def reading(self, key: Key, number: int) -> Reading | None:
        """Return the last reading of a release, None when it was never judged."""
        ...

    async def explanations(self, key: Key, number: int) -> tuple[Explanation, ...]:
        """Return what each decision about a release was made of, oldest first."""
        ...

    async def snapshot(self, key: Key) -> Snapshot | None:
        """Return what was seen last, None when nothing was."""
        ...

    def changed(self) -> bool:
        """
        Tell whether an intent was left or a spec was changed since the last call, cheaply.

        It is asked several times a second. What cannot be looked at counts as changed: the one who
        looks then learns why.
        """
        ...

    async def prune(self, now: datetime) -> None:
        """Thin and remove what is old: ticks, users, events. To be asked every hour."""
        ...

    async def ticks(
        self, key: Key, release: int | None, since: datetime | None = None
    ) -> tuple[Tick, ...]:
        """Return ticks, oldest first."""
        ...

    async def put_rollups(self, key: Key, rollups: Sequence[Rollup]) -> None:
        """Add counts to the minutes that they belong to: twice is twice."""
        ...

    async def sums(self, key: Key, series: str, since: Sequence[datetime]) -> tuple[Sum, ...]:
        """
        Return what was counted of a series since each of the moments, in their order.

        The window that a moment lies in is counted whole: a minute, of what is more than a day old
        an hour. Nothing is kept longer than :data:`serinus.core.state.rollup.LONGEST_S`.
        """
        ...

    async def note_visits(
        self,
        key: Key,
        release: int,
        visits: Sequence[Visit],
        *,
        arms: Mapping[str, str],
        goals: Sequence[Goal],
        at: datetime,
    ) -> None:
        """
        Count visits of a release, in their order; see :func:`serinus.core.state.census.count`.

        ``arms`` maps revisions to sides. All of them are counted or none; the same ones again
        change nothing of a user. Of a release at most a million users are remembered.
        """
        ...

    async def cohort(self, key: Key, release: int) -> Cohort:
        """
        Return who took part in a release so far; an empty cohort when nobody did.

        It is kept with the history. Users are forgotten 30 days after the last one came, and with
        their application; whoever comes after that is a new one.
        """
        ...

    async def forget(self, key: Key) -> None:
        """
        Remove the status and the roll-ups of a deleted application, and the users of its tests.

        Releases, events and cohorts stay as history.
        """
        ...
