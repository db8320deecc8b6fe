"""
A stage: releases of several applications on a manual clock, for pages that hold still.

The loop, the store and the files of specs are the real ones; replicas and their traffic are
pretended, and time passes only when a test says so. What is seen is the same in every run.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import anyio

from serinus.adapters.local.database import Database
from serinus.adapters.local.specs import Specs
from serinus.adapters.local.store import Store
from serinus.adapters.memory import platform as memory_platform
from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.platform import Behaviour, Circumstance
from serinus.adapters.memory.router import Router
from serinus.app import listen
from serinus.app.desk import Desk
from serinus.app.office import Line
from serinus.app.reconcile import reconcile
from serinus.boot import catalogue, sources
from serinus.core.state.intent import Intent, Verb
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.ports import Ports

TICK_S: Final = 5.0
GLANCE_S: Final = 0.05
SETTLE_TURNS: Final = 40
WELL: Final = Behaviour(errors=0.002, slow=0.01, memory=80_000_000, cpu_s=0.002)

SPEC: Final = """\
# What {name} is, and how it is delivered.
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata:
  name: {name}
spec:
  version: "{version}"
  workload:
    command: ["/bin/{name}", "--version", "${{version}}"]
    env:
      LOG_LEVEL: info  # quiet at night
    health: {{path: /healthz}}
    replicas: 3
  route:
    host: {name}.localhost
  delivery:
    template: {template}
{parameters}"""

CURTAIN: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "shop": ("canary-standard", {"bake": "2m"}),
    "search": ("blue-green", {}),
    "basket": ("canary-manual", {}),
    "payments": ("canary-careful", {}),
    "help": ("rolling", {}),
}
"""The applications, with their templates and parameters."""


def behave(circumstance: Circumstance) -> Behaviour:
    """Behave as the version says: ``-errors`` fails, ``-slow`` is slow, the rest is well."""
    version = circumstance.version
    if version.endswith("-errors"):
        return WELL._replace(errors=0.06)
    if version.endswith("-slow"):
        return WELL._replace(slow=0.15)
    return WELL


class Lines:
    """What replicas wrote: the same few lines for each."""

    written: tuple[str, ...] = (
        "listening on 127.0.0.1",
        "GET / 200 3ms",
        "ERROR payment service: timed out after 800 ms",
    )

    async def tail(self, key: Key, revision: str, lines: int) -> tuple[Line, ...]:
        """Return the last lines."""
        del key
        return tuple(Line(f"{revision[:10]}-0", text) for text in self.written[-lines:])

    async def follow(self, key: Key, revision: str) -> AsyncIterator[Line]:
        """Say one more line, and no more."""
        for line in await self.tail(key, revision, 1):
            yield line


class Hands:
    """The clock of those who visit: it tells the time of the stage, and they wait for real."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        """Return the time of the stage."""
        return self._clock.now()

    async def sleep(self, seconds: float) -> None:
        """Wait for a moment."""
        await anyio.sleep(min(seconds, GLANCE_S))


class Stage:
    """Applications below ``path``, on a clock of their own."""

    def __init__(self, path: Path) -> None:
        self.specs_path = path / "delivery"
        self.home = path / "home"
        self.specs_path.mkdir(parents=True)
        self.home.mkdir()
        self.clock = Clock()
        self.specs = self.specs_again()
        database = Database.open(self.home / "state.db", create=True)
        self.store = Store(self.specs, database)
        self.platform = memory_platform.Platform(self.clock, behave, rate=200.0)
        self.ports = Ports(self.platform, Router(), self.store, self.clock)
        self.desk = Desk()
        self.lines = Lines()
        self._asked = 0
        self._one = anyio.Lock()

    def specs_again(self) -> Specs:
        """Return the directory of specs, for another reader of it."""
        return Specs(self.specs_path, self.home, catalogue.builtin(), sources.review)

    # --- what people do ---

    def write(self, name: str, version: str, template: str = "", **parameters: str) -> None:
        """Write an application's file, as an editor would."""
        known = CURTAIN.get(name, ("canary-standard", {}))
        given = {**known[1], **parameters}
        body = "".join(f"      {word}: {value}\n" for word, value in given.items())
        text = SPEC.format(
            name=name,
            version=version,
            template=template or known[0],
            parameters=f"    parameters:\n{body}" if body else "",
        )
        (self.specs_path / f"{name}.yaml").write_text(text)

    async def ask(self, name: str, verb: Verb, reason: str = "") -> str:
        """Leave an intent, give it a turn, and return the answer's sentence."""
        self._asked += 1
        intent = Intent(
            id=f"stage-{self._asked}",
            application=name,
            environment="local",
            verb=verb,
            actor="ada",
            at=self.clock.now(),
            reason=reason,
        )
        await self.store.ask(intent)
        await self.turn()
        answer = await self.store.answer(intent.id)
        return "" if answer is None else answer.sentence

    # --- time ---

    async def turn(self) -> None:
        """Scrape, and give each application turns until nothing more follows at this instant."""
        async with self._one:
            await self._turn()

    async def attend(self) -> None:
        """Give a turn whenever somebody asked for something; time stands still."""
        while True:
            keys = await self.store.keys()
            if self.specs.changed() or any([await self.store.intents(key) for key in keys]):
                await self.turn()
            await anyio.sleep(GLANCE_S)

    async def _turn(self) -> None:
        self.specs.changed()
        keys = await self.store.keys()
        self.desk.scrapes.update(await self.platform.scrape(keys))
        for key in keys:
            await self._settle(key)

    async def _settle(self, key: Key) -> None:
        for _ in range(SETTLE_TURNS):
            now = self.clock.now()
            wake = await reconcile(key, self.ports, self.desk)
            await listen.listen(key, await self.status(key.application), self.ports, self.desk)
            if wake is None or (wake - now).total_seconds() > 1.0:
                return
            self.clock.move_to(wake)

    async def run(self, seconds: float, until: Callable[[], Awaitable[bool]] | None = None) -> None:
        """Let time pass, a turn for each tick, until it is over or an awaited thing is so."""
        end = self.clock.now().timestamp() + seconds
        while self.clock.now().timestamp() < end:
            await self.turn()
            if until is not None and await until():
                return
            self.clock.move(TICK_S)
        await self.turn()

    async def finish(self, name: str, seconds: float = 7200.0) -> None:
        """Let time pass until the application's release has ended."""
        await self.turn()
        await self.run(seconds, until=lambda: self._ended(name))

    async def _ended(self, name: str) -> bool:
        release = (await self.status(name)).release
        return release is not None and release.ended_at is not None

    async def reached(self, name: str, share: int) -> bool:
        """Tell whether an application's candidate has a share (per mille), or more."""
        release = (await self.status(name)).release
        return release is not None and release.progress.share >= share

    async def status(self, name: str) -> Status:
        """Return the status as stored."""
        key = Key(name, "local")
        return await self.store.status(key) or Status(key=key)

    async def close(self) -> None:
        """Close the store."""
        await self.store.close()


async def usual(stage: Stage) -> None:
    """
    Play what the pages show: something of everything.

    ::

        shop       v1, v2 promoted, v3-errors taken back; v4 is at 25 %
        search     blue-green, promoted
        basket     canary-manual: waits for a person
        payments   canary-careful, paused by a person
        help       its first release, and nothing since
    """
    for name in CURTAIN:
        stage.write(name, "v1")
    await stage.run(120)
    for version in ("v2", "v3-errors"):
        stage.write("shop", version)
        await stage.finish("shop")
    stage.write("search", "v2")
    stage.write("basket", "2026.11")
    stage.write("payments", "v2")
    await stage.run(240)
    await stage.ask("payments", Verb.PAUSE, "waits for the bank's maintenance")
    stage.write("shop", "v4")
    await stage.run(3600, until=lambda: stage.reached("shop", 250))
    await stage.run(60)


def rolling(*names: str) -> Callable[[Stage], Awaitable[None]]:
    """Return a play in which each of some applications has a candidate at 1 %, for an hour."""

    async def play(stage: Stage) -> None:
        for version, seconds in (("v1", 30), ("v2", 60)):
            for name in names:
                stage.write(name, version, bake="1h")
            await stage.run(seconds)

    return play
