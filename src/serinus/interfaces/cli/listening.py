"""
A release that is followed from afar: the stream says when to look again.

::

    GET /events ──▶ "release/local/shop/7 changed" ──▶ ask for it again ──▶ the last view
        │ broken off                                       │ no answer
        └─ again in two seconds, after the last event,     └─ the last view is stale, and says
           and look again meanwhile                           since when

What is shown is never waited for: while the dashboard is away, the last view stands, and says so.
"""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

import anyio
import msgspec

from serinus.app.shown import View
from serinus.boot import groups, home
from serinus.core.state.notice import Event, Key
from serinus.ports import failures

if TYPE_CHECKING:
    from serinus.interfaces.cli.wire import Wire  # it brings the client, and few ask a dashboard

EVERY_S = 0.25
"""How often a picture is drawn, and how late a line may be."""

AGAIN_S = 2.0
"""How long to wait for a dashboard that does not answer before asking it again."""

LONG_S = 15.0
"""A view that no nudge came for is looked at again after this time, in case one was lost."""


class Look(NamedTuple):
    """
    A release as it was seen last, None before the first, and the events since the look before.

    ``stale``: why that may not be so any more, empty where it is.
    """

    view: View | None
    events: Sequence[Event] = ()
    stale: str = ""


class Followed(Protocol):
    """A release that is followed."""

    async def look(self) -> Look:
        """Return it as it is now, or as it was seen last."""
        ...

    async def rest(self) -> None:
        """Wait until there may be something new, for :data:`EVERY_S` at most."""
        ...


class Source(NamedTuple):
    """How to look: the release, and the events after one that is named by its sequence."""

    release: Callable[[], Awaitable[View | None]]
    events: Callable[[int], Awaitable[Sequence[Event]]]


def note(sentence: str) -> None:
    """Say something about the line beside the answer, where it does not get into a pipe."""
    print(sentence[:1].upper() + sentence[1:], file=sys.stderr, flush=True)


class _Nudge(msgspec.Struct):
    topic: str = ""
    kind: str = ""


@asynccontextmanager
async def opened(wire: "Wire", key: Key, source: Source) -> AsyncIterator["Heard"]:
    """Follow a release for the length of a block. The first look fails as any other request."""
    heard = Heard(wire, key, source)
    await heard.again()
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(heard.listen)
            tasks.start_soon(heard.watch)
            yield heard
            tasks.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        raise groups.only(group) from None


class Heard:
    """A release that a dashboard shows; see :class:`Followed`."""

    def __init__(self, wire: "Wire", key: Key, source: Source) -> None:
        self._wire = wire
        self._source = source
        self._topic = f"application/{key.environment}/{key.application}"
        self._releases = f"release/{key.environment}/{key.application}/"
        self._due, self._new = anyio.Event(), anyio.Event()
        self._view: View | None = None
        self._events: list[Event] = []
        self._after = 0
        self._seen = home.clock().now()
        self._stale = ""

    async def look(self) -> Look:
        """Return it as it was seen last."""
        events, self._events = self._events, []
        return Look(self._view, events, self._stale)

    async def rest(self) -> None:
        """Wait until there is something new."""
        with anyio.move_on_after(EVERY_S):
            await self._new.wait()
        self._new = anyio.Event()

    async def again(self) -> None:
        """Look again."""
        # The view before the events: once it says that all is over, no event of it is to come.
        view = await self._source.release()
        events = await self._source.events(self._after)
        self._view, self._stale, self._seen = view, "", home.clock().now()
        self._events += events
        self._after = events[-1].sequence if events else self._after
        self._new.set()

    async def watch(self) -> None:
        """Look again whenever there may be something new, for ever."""
        while True:
            with anyio.move_on_after(LONG_S):
                await self._due.wait()
            self._due = anyio.Event()
            try:
                await self.again()
            except failures.Unavailable as away:
                self._stale = self._stale or self._since(away)
                self._new.set()
                await anyio.sleep(AGAIN_S)
                self._due.set()

    async def listen(self) -> None:
        """Hear what has changed, for ever: a stream that breaks off is taken up where it broke."""
        last = ""
        while True:
            try:
                async with self._wire.stream("/events", last) as pieces:
                    async for piece in pieces:
                        last = piece.id or last
                        if self._concerns(piece.data):
                            self._due.set()
            except failures.Unavailable:
                pass  # whether anything is shown that is old, the next look finds out
            await anyio.sleep(AGAIN_S)
            self._due.set()

    def _concerns(self, data: str) -> bool:
        try:
            nudge = msgspec.json.decode(data, type=_Nudge)
        except msgspec.MsgspecError:
            return True
        ours = nudge.topic == self._topic or (
            nudge.topic.startswith(self._releases)
            and nudge.topic[len(self._releases) :].isdecimal()
        )
        return ours or nudge.kind == "reset"

    def _since(self, away: failures.Unavailable) -> str:
        at = self._seen.astimezone().strftime("%H:%M:%S")
        said = str(away)[:1].upper() + str(away)[1:]
        return f"{said}: what is shown is of {at}. It is asked again until it does."
