"""
A controller that is killed at one of its writes, and followed by another on the same API server.

The loop is the one of production, on a clock that moves by itself; pods are in memory.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio.lowlevel

from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.store import Store
from serinus.adapters.memory.store import Store as MemoryStore
from serinus.app.desk import Desk
from serinus.boot.simulation import Film
from serinus.core.state.notice import Key
from serinus.ports import Ports
from tests.adapters.kubernetes import samples, stores
from tests.adapters.kubernetes.apiserver import FakeApiServer

SHOP = Key("team/shop", "local")
LONGEST_S = 3600.0
DIGEST = "f" * 64


class Killed(Exception):
    """The controller is no more."""


class Mortal(Client):
    """
    A client that dies at a write: before it (``done`` False), or after it, with its answer lost.

    ``at`` counts from 1; 0 never dies. ``writes`` is how many there were.
    """

    at: int = 0
    done: bool = False
    writes: int = 0

    async def create(self, *given: Any, **named: Any) -> dict[str, Any]:
        made: dict[str, Any] = await self._written(super().create, *given, **named)
        return made

    async def replace_status(self, obj: Mapping[str, Any]) -> dict[str, Any]:
        written: dict[str, Any] = await self._written(super().replace_status, obj)
        return written

    async def patch(self, *given: Any, **named: Any) -> dict[str, Any]:
        patched: dict[str, Any] = await self._written(super().patch, *given, **named)
        return patched

    async def delete(self, *given: Any, **named: Any) -> None:
        await self._written(super().delete, *given, **named)

    async def _written(self, write: Callable[..., Any], *given: Any, **named: Any) -> Any:
        self.writes += 1
        if not self.at or self.writes < self.at:
            return await write(*given, **named)
        if self.done and self.writes == self.at:
            await write(*given, **named)
        raise Killed


@dataclass
class Play:
    """
    One story: what people do at which second, and how often the controller is looked at.

    ``forgetful``: each controller begins with an empty disk.
    """

    film: Film
    acts: Mapping[float, Callable[["Play"], None]]
    forgetful: bool = False
    server: FakeApiServer = field(default_factory=FakeApiServer)
    writes: int = 0
    deaths: int = 0
    until: Callable[["Play"], bool] = lambda _: False

    def __post_init__(self) -> None:
        self.server.add(samples.application("shop"))
        self._left = dict(sorted(self.acts.items()))
        self._inner = MemoryStore(self.film.specs)
        self._began = self.film.clock.now().timestamp()

    def deploy(self, version: str, content: str) -> None:
        """Ask for a version; ``content`` makes its revision, so it is hexadecimal."""
        self.film.deploy(version, content=content, digest=DIGEST)

    def wish(self, verb: str, name: str, **spec: Any) -> None:
        """Leave an intent, as somebody with kubectl."""
        self.server.add(
            {
                "apiVersion": "serinus.dev/v1alpha1",
                "kind": "Intent",
                "metadata": {"name": name, "namespace": "team"},
                "spec": {"application": "shop", "verb": verb, "actor": "ada", **spec},
            }
        )

    async def run(self, die_at: int = 0, *, done: bool = False) -> list[tuple[str, str]]:
        """Play it, with one death or none, and return the decisions: their reason and sentence."""
        while True:
            client = Mortal.connect(transport=self.server)
            client.at, client.done = (0 if self.deaths else die_at), done
            inner = MemoryStore(self.film.specs) if self.forgetful else self._inner
            clock = self.film.clock
            async with stores.opened(
                self.server, self.film.specs, inner=inner, client=client, clock=clock
            ) as store:
                try:
                    await self._controlled(store)
                except Killed:
                    self.deaths += 1
                    continue
                finally:
                    self.writes += client.writes
                events = await store.events(key=SHOP, limit=10_000)
                return [(event.reason, event.sentence) for event in events]

    async def _controlled(self, store: Store) -> None:
        film = self.film
        desk = film.desk
        film.desk = Desk(scrapes=desk.scrapes, listening=desk.listening)
        film.store = store  # type: ignore[assignment]  # a film is told in memory otherwise
        film.ports = Ports(film.platform, film.ports.router, store, film.clock)
        while not self.until(self):
            passed = film.clock.now().timestamp() - self._began
            assert passed < LONGEST_S
            for due in [at for at in self._left if at <= passed]:
                self._left.pop(due)(self)
            await self._heard(store)
            await film.turn()
            film.clock.move(film.tick_s)

    async def _heard(self, store: Store) -> None:
        """Let the watches tell what people did."""
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        store.changed()
