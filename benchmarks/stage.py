"""
The stage of the benchmarks: replicas as processes, a real Envoy, SQLite, and the controller.

Specs are files of JSON here, so that the numbers do not depend on how people write them, and so
that the controller can be a process of its own (:mod:`benchmarks.controller`). Everything that is
started is ended, also when a measurement fails.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import msgspec
import structlog

from serinus.adapters.local.clock import Clock
from serinus.adapters.local.database import Database
from serinus.adapters.local.platform import Platform, Settings
from serinus.adapters.local.store import Store
from serinus.adapters.routers import envoy
from serinus.app.loop import Loop
from serinus.core.spec.delivery import Delivery
from serinus.core.state.intent import Intent, Verb
from serinus.core.state.notice import Key
from serinus.core.state.observed import Wanted
from serinus.core.state.release import Release
from serinus.core.state.workload import HealthProbe, Revision, Workload
from serinus.interfaces.demo.tally import Tally
from serinus.ports import Ports, failures
from serinus.ports.store import Asked

ROOT = Path(__file__).resolve().parent.parent
SHOP = "serinus.interfaces.demo.shop"
OUTAGE = "benchmarks.outage"
LOOK_S = 0.05
BEGIN_S = 30.0
LATE_S = 0.05
"""A load generator whose p99 lateness is above this measured itself as well; it is said so."""


class Folder:
    """What is asked for, as one JSON file for each application."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, tuple[int, int]] = {}

    def want(self, application: str, wanted: Wanted) -> None:
        """Ask for something else, at once and as a whole."""
        draft = self._folder / f".{application}"
        draft.write_bytes(msgspec.json.encode(wanted))
        draft.replace(self._folder / f"{application}.json")

    def asked(self, name: str, environment: str) -> Asked:
        """Return what is asked for; nothing for an unknown name."""
        del environment
        try:
            body = (self._folder / f"{name}.json").read_bytes()
        except FileNotFoundError:
            return Asked()
        return Asked(wanted=msgspec.json.decode(body, type=Wanted))

    def applications(self) -> Sequence[str]:
        """Return the names of all applications, sorted."""
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def changed(self) -> bool:
        """Tell whether a file was replaced since the last call."""
        with os.scandir(self._folder) as found:
            stats = {e.name: e.stat() for e in found if e.name.endswith(".json")}
        now = {name: (stat.st_ino, stat.st_mtime_ns) for name, stat in stats.items()}
        before, self._seen = self._seen, now
        return before != now


@dataclass(frozen=True, slots=True)
class Stage:
    """Where it plays: ``store`` is the controller's own, or a second look into its file."""

    home: Path
    port: int
    specs: Folder
    store: Store
    platform: Platform | None = None

    def key(self, application: str) -> Key:
        """Return the key of an application."""
        return Key(application, "local")

    def tally(self, application: str) -> Tally:
        """Return what became of the requests for an application so far."""
        return Tally.decode((self.home / f"{application}.load.json").read_bytes())

    async def moment(self, application: str, release: int, *reasons: str) -> float | None:
        """Return when a release first told one of these reasons, None while it has not."""
        events = await self.store.events(key=self.key(application), release=release)
        return next((e.at.timestamp() for e in events if e.reason in reasons), None)

    async def ended(self, application: str, number: int) -> Release:
        """Wait until a release has ended."""
        while True:
            found = await self.store.release(self.key(application), number)
            if found is not None and found.ended_at is not None:
                return found
            await anyio.sleep(LOOK_S)

    async def roll_back(self, application: str, number: int) -> None:
        """Ask for a roll back, as a person does."""
        name = f"{application}-{number}"
        now = datetime.now(UTC)
        intent = Intent(
            name, application, "local", Verb.ROLLBACK, "bench", now, expect_release=number
        )
        await self.store.ask(intent)

    async def carries(self, application: str, revision: str) -> int | None:
        """Return the share that Envoy gives to a revision, None when it cannot be asked."""
        if self.platform is None:
            return None
        key = self.key(application)
        route = envoy.Router().read(key, await self.platform.applied())
        return None if route is None else route.weight(revision)


def wanted(
    application: str,
    version: str,
    delivery: Delivery,
    *,
    faults: Mapping[str, str] | None = None,
    replicas: int = 2,
) -> Wanted:
    """Return a version of the shop; with ``OUTAGE_AT`` among the faults they wait for it."""
    env = {"SHOP_VERSION": version, "SHOP_LATENCY": "3ms", **(faults or {})}
    module = OUTAGE if "OUTAGE_AT" in env else SHOP
    workload = Workload(
        command=(sys.executable, "-m", module),
        workdir=str(ROOT),
        env=env,
        health=HealthProbe(path="/healthz"),
    )
    identity = hashlib.sha256(msgspec.json.encode([application, workload])).hexdigest()
    return Wanted(
        revision=Revision(id=identity, version=version, workload=workload),
        replicas=replicas,
        host=f"{application}.localhost",
        delivery=delivery,
        delivery_hash=hashlib.sha256(msgspec.json.encode(delivery)).hexdigest(),
    )


# --- where it plays ---------------------------------------------------------------------------


@contextlib.contextmanager
def home() -> Iterator[Path]:
    """Make a home and remove it; SIGTERM ends us as Ctrl-C does, so that nothing is left."""
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(40),
    )
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    place = Path(tempfile.mkdtemp(prefix="serinus-bench-"))
    try:
        (place / "wanted").mkdir()
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        signal.signal(signal.SIGTERM, before)
        structlog.reset_defaults()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def controller(place: Path, port: int) -> AsyncIterator[tuple[Stage, Loop]]:
    """Run the controller in this process; leaving the block leaves everything serving."""
    specs = Folder(place / "wanted")
    store = Store(specs, Database.open(place / "state.db", create=True))
    platform = Platform(place, Settings(port=port))
    try:
        await platform.start()
        loop = Loop(Ports(platform, envoy.Router(), store, Clock()))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(platform.run, loop.notify)
            tasks.start_soon(loop.run)
            yield Stage(place, port, specs, store, platform), loop
            tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await platform.close()
            await store.close()


@contextlib.asynccontextmanager
async def onlooker(place: Path, port: int) -> AsyncIterator[Stage]:
    """Look at a controller in another process, as the commands do, once it has begun."""
    database = None
    with anyio.fail_after(BEGIN_S):
        while database is None:
            await anyio.sleep(LOOK_S)
            with contextlib.suppress(failures.PortFailure):
                database = Database.open(place / "state.db")
    try:
        specs = Folder(place / "wanted")
        yield Stage(place, port, specs, Store(specs, database))
    finally:
        database.close()


@contextlib.asynccontextmanager
async def torn_down(place: Path, port: int) -> AsyncIterator[None]:
    """Stop all that runs in a home at the end of the block, whatever happens in it."""
    try:
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await Platform(place, Settings(port=port)).down(0.0)


@contextlib.asynccontextmanager
async def traffic(stage: Stage, rates: Mapping[str, float]) -> AsyncIterator[None]:
    """Send steady traffic, a process for each application, and wait for the last answers."""
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(subprocess.Popen(_load(stage, *each), stdout=subprocess.DEVNULL))  # noqa: ASYNC220, S603 - it only starts, and is ours
            for each in rates.items()
        ]
        try:
            yield
        finally:
            for process in started:
                process.send_signal(signal.SIGTERM)
            with anyio.CancelScope(shield=True):
                for process in started:
                    await anyio.to_thread.run_sync(process.wait)


def _load(stage: Stage, application: str, rate: float) -> list[str]:
    words = [sys.executable, "-m", "serinus.interfaces.demo.load", "--rate", f"{rate:g}"]
    words += ["--url", f"http://127.0.0.1:{stage.port}", "--host", f"{application}.localhost"]
    words += ["--json", str(stage.home / f"{application}.load.json"), "--duration", "1200s"]
    return [*words, "--connections", "128", "--seed", str(sum(application.encode()))]


async def each(
    work: Callable[[str], Coroutine[Any, Any, None]], applications: Sequence[str], timeout_s: float
) -> None:
    """Do the same for several applications at the same time, for a bounded time."""
    with anyio.fail_after(timeout_s):
        async with anyio.create_task_group() as tasks:
            for application in applications:
                tasks.start_soon(work, application)


def lateness(tallies: Sequence[Tally]) -> str:
    """Say how late the load generators themselves were: what they add to every latency."""
    worst = max((t.lateness.quantile_s(0.99) or 0.0 for t in tallies), default=0.0)
    cpu = sum(t.cpu_s for t in tallies) / max((t.elapsed_s for t in tallies), default=1.0)
    warning = "   THE LOAD WAS LATE: the machine is busy" if worst > LATE_S else ""
    return f"load: p99 of its own lateness {worst * 1000:.1f} ms, {cpu:.0%} of a core{warning}"
