"""The queue of the loop: keys, not events. Each key is in it once, and worked on by one worker."""

from datetime import datetime

import anyio

from serinus.core.state.notice import Key


class Queue:
    """
    Keys that want a turn, now or later.

    A key that is added while it is being worked on comes back when that turn is over.
    """

    def __init__(self) -> None:
        self._ready: dict[Key, None] = {}
        self._later: dict[Key, datetime] = {}
        self._busy: set[Key] = set()
        self._again: set[Key] = set()
        self._event = anyio.Event()
        self._timed = anyio.Event()

    def add(self, key: Key) -> None:
        """Ask for a turn now."""
        self._later.pop(key, None)
        if key in self._busy:
            self._again.add(key)
        else:
            self._ready[key] = None
        self._event.set()

    def add_at(self, key: Key, when: datetime | None) -> None:
        """Ask for a turn at an instant; the earlier of two wishes holds. None asks for nothing."""
        if when is None or key in self._ready:
            return
        known = self._later.get(key)
        self._later[key] = when if known is None else min(known, when)
        self._timed.set()

    def due(self, now: datetime) -> None:
        """Move the keys whose time has come."""
        for key in [k for k, when in self._later.items() if when <= now]:
            self.add(key)

    def next_at(self) -> datetime | None:
        """Return when the next key is due, None when there is none."""
        return min(self._later.values(), default=None)

    async def waiting(self) -> None:
        """Wait until some key wants a turn later."""
        while not self._later:
            self._timed = anyio.Event()
            await self._timed.wait()

    async def get(self) -> Key:
        """Take the next key, waiting for one. It must be given back by :meth:`done`."""
        while not self._ready:
            if self._event.is_set():
                self._event = anyio.Event()  # one for all who wait: each of them must be woken
            await self._event.wait()
        key = next(iter(self._ready))
        del self._ready[key]
        self._busy.add(key)
        return key

    def done(self, key: Key) -> None:
        """Give a key back after its turn."""
        self._busy.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key)
