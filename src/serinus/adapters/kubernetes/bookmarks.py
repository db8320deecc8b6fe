"""
How far each place has been told, kept in the cluster, so that the next controller goes on there.

A controller may begin with an empty disk, and another one may have worked meanwhile. So a bookmark
is an instant, and stands in an annotation of a Lease of our own beside the one of leader election:
there the controller may write anyway, and nowhere else in its own namespace::

    kind: Lease
    metadata:
      name: serinus-told
      annotations: {serinus.dev/told: '{"on-call": "2026-05-01T12:00:00.250000Z"}'}

It is written every few seconds while there is something to write. A controller that is killed in
between is followed by one that tells the last seconds again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import anyio
import msgspec
import structlog

from serinus.adapters.kubernetes.client import Client
from serinus.core.state import labels
from serinus.ports import failures
from serinus.ports.clock import Clock

NAME = "serinus-told"
"""The name of the Lease."""

EVERY_S = 2.0
LAST_S = 3.0
"""How long the last write may take, when the controller ends."""

log = structlog.get_logger()


class Bookmarks:
    """
    Keep bookmarks in a cluster; see :class:`serinus.ports.notifier.Bookmarks` for the contract.

    ``number`` turns an instant into the number of an event, ``instant`` that back.
    """

    def __init__(
        self,
        client: Client,
        clock: Clock,
        namespace: str,
        *,
        number: Callable[[datetime], int],
        instant: Callable[[int], datetime],
    ) -> None:
        self._client = client
        self._clock = clock
        self._namespace = namespace
        self._number = number
        self._instant = instant
        self._known: dict[str, int] = {}
        self._written: dict[str, int] = {}
        self._said = ""
        self._more = anyio.Event()

    async def load(self) -> None:
        """Read how far others have told; where nothing can be read every place is a new one."""
        try:
            found = await self._client.get("Lease", NAME, self._namespace)
            text = (found["metadata"].get("annotations") or {}).get(labels.TOLD, "{}")
            told = msgspec.json.decode(text, type=dict[str, datetime])
        except failures.Missing:
            return
        except (failures.Rejected, msgspec.MsgspecError) as problem:
            log.warning("it is not known how far places were told", problem=str(problem))
            return
        # The clock of whoever wrote it may have been ahead of ours.
        now = self._clock.now()
        self._known = {place: self._number(min(at, now)) for place, at in told.items()}
        self._written = dict(self._known)

    def read(self) -> Mapping[str, int]:
        """Return how far each place has been told."""
        return self._known

    def write(self, place: str, sequence: int) -> None:
        """Keep it for one place; it is written soon."""
        self._known[place] = sequence
        self._more.set()

    async def run(self) -> None:
        """Write what has changed, until cancelled, and then once more."""
        try:
            while True:
                await self._more.wait()
                self._more = anyio.Event()
                await self._clock.sleep(EVERY_S)
                await self._flush()
        finally:
            with anyio.CancelScope(shield=True), anyio.move_on_after(LAST_S):
                await self._flush()

    async def _flush(self) -> None:
        known = dict(self._known)
        if known == self._written:
            return
        told = {place: self._instant(number) for place, number in sorted(known.items())}
        lease = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "name": NAME,
                "namespace": self._namespace,
                "annotations": {labels.TOLD: msgspec.json.encode(told).decode()},
            },
        }
        try:
            await self._client.apply(lease)
        except failures.PortFailure as problem:
            if str(problem) != self._said:
                log.warning("how far places were told is not kept", problem=str(problem))
            self._said = str(problem)
            self._more.set()
        else:
            self._written, self._said = known, ""
