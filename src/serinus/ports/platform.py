"""Where replicas run: a machine, a cluster, or memory."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from serinus.core.state.cohort import Visit
from serinus.core.state.counts import Scrape
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Ref
from serinus.core.state.workload import Group, Replica, Revision


class Platform(Protocol):
    """
    Run replicas, and deliver the router's documents.

    All calls are idempotent and may be cancelled between any two steps of theirs; asked again they
    go on. What serves keeps serving when nobody calls. Failures: ``Unavailable`` when the
    platform cannot do it now, ``Rejected`` when it never will (the command does not exist, the
    port is taken), with a sentence for people.
    """

    async def ensure(
        self, key: Key, revisions: Sequence[Revision], groups: Sequence[Group], drain_s: float
    ) -> None:
        """
        Make exactly the named replicas exist.

        ``revisions`` holds the revision of every group. What is missing is started, what died is
        restarted with back-off by the platform itself from then on. What is not named is drained
        (it gets no new requests; those in flight may end within ``drain_s``) and stopped. Returns
        when all of it is under way, not when it is done.
        """
        ...

    async def replicas(self, key: Key) -> tuple[Replica, ...]:
        """Return all replicas of the application, also those that are stopping."""
        ...

    async def revision(self, revision: str) -> Revision | None:
        """Return a revision that has run here, as it was given to :meth:`ensure`; else None."""
        ...

    async def fetch(self, refs: Sequence[Ref]) -> Documents:
        """Return the documents that exist among those asked for, as they are now."""
        ...

    async def deliver(self, key: Key, documents: dict[Ref, Document | None]) -> None:
        """Write documents in the order given; None removes one. All or nothing is seen by users."""
        ...

    async def applied(self) -> Documents:
        """
        Return the documents that the data plane was seen to carry out (not: that were written).

        ``Unavailable`` when the data plane cannot be asked.
        """
        ...

    async def lag(self, key: Key) -> str:
        """
        Say why the data plane does not carry out what was delivered for an application.

        A sentence without a capital, which begins with :data:`serinus.core.state.observed.LAGS`;
        empty when it does, or when that cannot be told (yet).
        """
        ...

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        """Return raw counters, one request for all keys. ``Unavailable`` when nobody answers."""
        ...

    async def listen(self, key: Key, patterns: Mapping[str, str]) -> None:
        """
        Count the log lines that match, from now on: RE2 patterns by the name of their check.

        What is counted comes with :meth:`scrape` (``lines`` and ``kinds``). No pattern at all stops
        the counting. ``Rejected`` for a pattern that cannot be used.
        """
        ...

    async def visits(self, key: Key) -> tuple[Visit, ...]:
        """
        Return who came since the last call, where the route asks for it; a limited number at once.

        After a restart some may come again, none is left out but by a full disk.
        """
        ...

    async def delete(self, key: Key) -> None:
        """Drain and stop everything of the application, and forget its files."""
        ...
