"""
What the controller costs when nothing happens: 1,000 applications stored, 20 of them running.

    python -m benchmarks.at_rest [--profile]

It is the controller of ``serinus up``: specs as files of YAML, SQLite, processes, Envoy. No
traffic, no releases. Only the controller's own CPU is limited; Envoy's is printed beside it.
``--profile`` says where the controller's time goes. The applications that do not run are those
whose first release failed: their specs and statuses are looked at like all others.
"""

import cProfile
import os
import pstats
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

import anyio
import msgspec

from benchmarks import stage as stages
from benchmarks.results import Result, tell
from serinus.adapters.local import rows
from serinus.adapters.local.database import Database
from serinus.adapters.local.procfs import Identity
from serinus.adapters.local.specs import Specs
from serinus.adapters.local.store import ENVIRONMENT
from serinus.app.loop import Loop
from serinus.app.reconcile import reconcile
from serinus.boot import catalogue, local
from serinus.boot.settings import Settings
from serinus.core.state.notice import Event, Key, Kind
from serinus.core.state.observed import Status, Wanted
from serinus.core.state.release import Phase, Progress, Release
from serinus.ports import Ports
from serinus.ports.store import Store

STORED = 1000
RUNNING = 20
MEASURED_S = 30.0
CALM_S = 20.0
PATIENCE_S = 60.0
ROUNDS = 200
LIMIT = 0.02
LIMIT_TURN_MS = 1.0
SPEC = """\
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata:
  name: {name}
spec:
  version: v1
  workload:
    command: ["{python}", "-m", "serinus.interfaces.demo.shop"]
    env: {{SHOP_VERSION: "${{version}}", APPLICATION: "{name}"}}
    health: {{path: /healthz}}
    replicas: 1
  route: {{host: {name}.localhost}}
  delivery: {{template: canary-standard}}
"""


class Rest(msgspec.Struct, frozen=True):
    """
    What was measured.

    ``share`` and ``envoy`` are shares of a core; ``resync_s`` is the time from the start of the
    controller (with Envoy's, and with reading all specs) until every application had its first
    turn; turns are in milliseconds.
    """

    share: float
    envoy: float
    resync_s: float
    turn_running_ms: float
    turn_stored_ms: float


def running() -> list[str]:
    """Return the names of those that run."""
    return [f"running-{n:02}" for n in range(RUNNING)]


def stored() -> list[str]:
    """Return the names of those that do not."""
    return [f"stored-{n:03}" for n in range(STORED - RUNNING)]


def failed(wanted: Wanted, key: Key, now: datetime) -> tuple[Status, Event]:
    """Return the status of an application whose first release failed, and its last event."""
    sentence = "v1 could not be started: exited with 1 after 0.2 s."
    release = Release(
        application=key.application,
        environment=key.environment,
        number=1,
        candidate=wanted.revision.id,
        stable=None,
        version="v1",
        stable_version="",
        delivery=wanted.delivery,
        delivery_hash=wanted.delivery_hash,
        replicas=wanted.replicas,
        actor="bench",
        reason="",
        created_at=now,
        ended_at=now,
        progress=Progress(phase=Phase.FAILED, since=now, sentence=sentence),
    )
    status = Status(
        key=key,
        host=wanted.host,
        quarantine=(wanted.revision.id,),
        release=release,
        releases=1,
        next_ordinal=1,
        version=1,
    )
    event = Event(now, key.application, key.environment, Kind.RESULT, "Failed", sentence, release=1)
    return status, event


async def fill(settings: Settings) -> None:
    """Write the specs of all, and the past of those that do not run."""
    settings.specs.mkdir()
    for name in (*stored(), *running()):
        text = SPEC.format(name=name, python=sys.executable)
        (settings.specs / f"{name}.yaml").write_text(text)
    now, past = datetime.now(UTC), []
    specs = Specs(settings.specs, settings.home, catalogue.builtin())
    for name in stored():
        asked = specs.asked(name, ENVIRONMENT)
        if asked.wanted is None:
            raise SystemExit(asked.problem)
        past.append(failed(asked.wanted, Key(name, ENVIRONMENT), now))

    def work(sql: Connection) -> None:
        for status, event in past:
            rows.put_status(sql, status, None)
            rows.put_event(sql, event)

    database = Database.open(settings.database, create=True)
    try:
        await database.write(work)
    finally:
        database.close()


async def measure(place: Path, profile: cProfile.Profile | None) -> Rest:
    """Start all, wait until nothing moves any more, and measure."""
    settings = Settings(home=place, specs=place / "delivery", port=stages.free_port())
    await fill(settings)
    async with stages.torn_down(place, settings.port):
        began = time.perf_counter()
        async with local.controller(settings) as (ports, loop):
            with anyio.fail_after(PATIENCE_S):
                await _first_turns(loop)
                resync_s = time.perf_counter() - began
                await _serving(ports.store)
            await anyio.sleep(CALM_S)
            share, proxy = await _cpu(place, profile)
            turns = [await _turn(ports, loop, names) for names in (running(), stored())]
    return Rest(share, proxy, resync_s, turns[0], turns[1])


async def _first_turns(loop: Loop) -> None:
    while len(loop.desk.watches) < STORED:  # noqa: ASYNC110 - it is looked at from outside
        await anyio.sleep(0.01)


async def _serving(store: Store) -> None:
    for name in running():
        while True:
            release = await store.release(Key(name, ENVIRONMENT), 1)
            if release is not None and release.progress.phase is Phase.SUCCEEDED:
                break
            await anyio.sleep(stages.LOOK_S)


async def _cpu(place: Path, profile: cProfile.Profile | None) -> tuple[float, float]:
    """Return the shares of a core that the controller and Envoy take."""
    found = msgspec.json.decode((place / "run/envoy/process.json").read_bytes(), type=Identity)
    before, proxy, began = time.process_time(), _cpu_of(found.pid), time.perf_counter()
    if profile is not None:
        profile.enable()
    await anyio.sleep(MEASURED_S)
    if profile is not None:
        profile.disable()
    took = time.perf_counter() - began
    return (time.process_time() - before) / took, (_cpu_of(found.pid) - proxy) / took


def _cpu_of(pid: int) -> float:
    """Return the CPU seconds of another process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _turn(ports: Ports, loop: Loop, names: Sequence[str]) -> float:
    """Return the CPU of one turn at rest, in milliseconds."""
    began = time.process_time()
    for number in range(ROUNDS):
        await reconcile(Key(names[number % len(names)], ENVIRONMENT), ports, loop.desk)
    return (time.process_time() - began) / ROUNDS * 1000


def run(full: bool) -> list[Result]:  # noqa: ARG001, FBT001 - as all benchmarks
    """Measure once: it is the same in full."""
    return _results(None)


def _results(profile: cProfile.Profile | None) -> list[Result]:
    with stages.home() as place:
        rest = anyio.run(measure, place, profile)
    what = f"{STORED:,} stored, {RUNNING} running"
    return [
        Result(f"at rest: controller, {what}", rest.share * 100, "%", LIMIT * 100),
        Result(f"at rest: Envoy, {what}", rest.envoy * 100, "%"),
        Result("at rest: a turn of one that runs", rest.turn_running_ms, "ms", LIMIT_TURN_MS),
        Result("at rest: a turn of one that does not", rest.turn_stored_ms, "ms", LIMIT_TURN_MS),
        Result(f"at rest: first turns of all {STORED:,}", rest.resync_s, "s"),
    ]


def main() -> int:
    """Print what was measured; 1 when a limit is missed."""
    profile = cProfile.Profile() if "--profile" in sys.argv[1:] else None
    code = tell(_results(profile))
    if profile is not None:
        pstats.Stats(profile, stream=sys.stdout).sort_stats("cumulative").print_stats(60)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
