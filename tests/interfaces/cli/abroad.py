"""A cluster in which a controller was at work, and the command line that looks at it."""

import anyio
import pytest

from serinus.adapters.kubernetes.client import Client
from serinus.adapters.memory.store import Specs
from serinus.boot import home, visiting
from serinus.core.state.notice import Key
from tests import builders
from tests.adapters.kubernetes import samples, stores
from tests.adapters.kubernetes.apiserver import FakeApiServer

SHOP = Key("team/shop", "prod")


def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeApiServer:
    """Pretend a cluster with one release in flight, and a controller that works."""
    server = FakeApiServer()
    server.add(samples.application("shop"))

    async def fill() -> None:
        specs = Specs()
        specs.want("team/shop", builders.wanted())
        async with stores.opened(server, specs) as store:
            release = builders.release(7, application="team/shop", environment="prod")
            status = builders.status(SHOP, release=release, host="shop.example.com")
            revisions = [builders.revision()]
            kept = await store.record(status, events=[builders.event()], revisions=revisions)
            await store.put_reading(
                SHOP, builders.reading(), (), builders.route(), at=builders.at(3), release=7
            )
            await store.record(kept)

    anyio.run(fill)

    async def awake(_: object) -> bool:
        return True

    def connected(_: object) -> Client:
        server.end_watches()  # each command has an event loop of its own
        return Client.connect(transport=server)

    monkeypatch.setattr(visiting, "client", connected)
    monkeypatch.setattr(visiting, "awake", awake)
    return server


class Answering:
    """A clock whose sleep gives the controller of the cluster its turn."""

    def __init__(self, server: FakeApiServer, sentence: str, *, done: bool = True) -> None:
        self.answer = {"status": {"done": done, "sentence": sentence}}
        self.server = server

    def now(self) -> object:
        return builders.at(3)

    async def sleep(self, _: float) -> None:
        for name in self.server.names("Intent"):
            self.server.edit("Intent", name, "team", self.answer)
        await stores.breath()


def answers(
    server: FakeApiServer, monkeypatch: pytest.MonkeyPatch, sentence: str, *, done: bool = True
) -> None:
    clock = Answering(server, sentence, done=done)
    monkeypatch.setattr(home, "clock", lambda: clock)
