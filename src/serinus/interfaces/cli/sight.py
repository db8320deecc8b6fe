"""
What the commands look through and ask by: a store, on this machine or of a cluster, or a dashboard.

::

    serinus status                    ──▶ Here     the store itself
    serinus status --server ADDRESS   ──▶ Remote   the API, which looks through the same views

Both give the same values, so that what is printed is the same, too.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from serinus.app import diff, intents, standing, views
from serinus.app.diff import Change
from serinus.app.intents import Wish
from serinus.app.shown import Past, Row, View
from serinus.app.standing import Standing
from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Key
from serinus.interfaces.cli import listening
from serinus.interfaces.cli.listening import Followed, Look
from serinus.ports.store import Store


class Sight(Protocol):
    """What a place shows, and the door for wishes; it raises the failures of ports."""

    async def known(self, key: Key) -> Key:
        """Return the key of an application that is there; ``Missing`` where none is."""
        ...

    async def rows(self, application: str | None = None) -> tuple[Row, ...]:
        """Return applications, or the environments of one."""
        ...

    async def release(
        self, key: Key, number: int | None = None, *, explained: bool = False
    ) -> View | None:
        """Return a release, the last one without a number; None before the first."""
        ...

    async def history(self, key: Key | None, limit: int) -> tuple[Past, ...]:
        """Return what became of releases, newest first."""
        ...

    async def diff(self, key: Key, older: int | None, newer: int | None) -> Change:
        """Return what changed between two releases."""
        ...

    async def ask(self, wish: Wish) -> Answer:
        """Leave a wish, and return its answer."""
        ...

    async def asleep(self) -> str:
        """Return what to type where nobody decides, empty where somebody does."""
        ...

    async def standing(self, key: Key) -> Standing:
        """Return which version is asked for, and where that stands."""
        ...

    def followed(
        self, key: Key, number: int | None = None, *, news: bool = False
    ) -> AbstractAsyncContextManager[Followed]:
        """
        Follow a release, or without a number the last one of the application.

        ``news``: with all events, from the first one on.
        """
        ...


class Here:
    """A store, looked at from here."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    async def known(self, key: Key) -> Key:
        """Return the key of an application that is there."""
        return await intents.known(key, self._store)

    async def rows(self, application: str | None = None) -> tuple[Row, ...]:
        """Return applications."""
        return await views.applications(self._store, application)

    async def release(
        self, key: Key, number: int | None = None, *, explained: bool = False
    ) -> View | None:
        """Return a release."""
        if not explained:
            return await views.release(self._store, key, number)
        counted = await home.counted(self._settings, key.environment)
        return await views.explained(self._store, key, number, counted)

    async def history(self, key: Key | None, limit: int) -> tuple[Past, ...]:
        """Return what became of releases."""
        return await views.history(self._store, key, limit)

    async def diff(self, key: Key, older: int | None, newer: int | None) -> Change:
        """Return what changed."""
        return await diff.releases(self._store, key, older, newer, self._content)

    async def ask(self, wish: Wish) -> Answer:
        """Leave a wish."""
        awake = await home.awake(self._settings)
        return await intents.ask(
            wish,
            self._store,
            home.clock(),
            alive=lambda: awake,
            wake=home.wake(self._settings),
        )

    async def asleep(self) -> str:
        """Return what to type where nobody decides."""
        return "" if await home.awake(self._settings) else home.wake(self._settings)

    async def standing(self, key: Key) -> Standing:
        """Return where what is asked for stands."""
        return await standing.find(key, self._store)

    @asynccontextmanager
    async def followed(
        self, key: Key, number: int | None = None, *, news: bool = False
    ) -> AsyncIterator[Followed]:
        """Follow a release, by looking at it again and again."""
        yield _Near(self._store, key, number, news=news)

    def _content(self, digest: str) -> bytes | None:
        try:
            return (self._settings.blobs / digest).read_bytes()
        except OSError:
            return None


class _Near:
    """A release that a store holds."""

    def __init__(self, store: Store, key: Key, number: int | None, *, news: bool) -> None:
        self._store = store
        self._key = key
        self._number = number
        self._news = news
        self._after = 0

    async def look(self) -> Look:
        """Return it as it is now."""
        self._store.changed()  # A long look sees files that are written meanwhile.
        view = await views.release(self._store, self._key, self._number)
        if not self._news:
            return Look(view)
        events = await self._store.events(after=self._after, key=self._key, release=self._number)
        self._after = events[-1].sequence if events else self._after
        return Look(view, events)

    async def rest(self) -> None:
        """Wait a little."""
        await home.clock().sleep(listening.EVERY_S)


@asynccontextmanager
async def of(settings: Settings) -> AsyncIterator[Sight]:
    """Open what the settings name."""
    if settings.server is not None:
        from serinus.interfaces.cli import remote  # noqa: PLC0415 - few ask a dashboard

        async with remote.Remote(settings.server) as far:
            yield far
        return
    async with home.store(settings) as store:
        yield Here(settings, store)
