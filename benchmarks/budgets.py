"""
What error budgets cost: reading one that is 30 days long, and a turn of an application without any.

    python -m benchmarks.budgets

The store is the one of ``serinus up``: SQLite with a month of counts of two objectives, by the
minute for a day and by the hour before.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection
from tempfile import TemporaryDirectory

import anyio

from benchmarks.results import Result, tell
from serinus.adapters.local.database import Database
from serinus.adapters.local.store import Store
from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.platform import Behaviour, Platform
from serinus.adapters.memory.router import Router
from serinus.adapters.memory.store import Specs
from serinus.app import budgets, cohorts
from serinus.app.desk import Desk
from serinus.core.analysis import burnrate
from serinus.core.spec.delivery import (
    BURNS,
    AgainstSlo,
    AgainstStable,
    Check,
    Delivery,
    ErrorsCheck,
    LatencyCheck,
    Strategy,
)
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status, Wanted
from serinus.core.state.rollup import HOUR_S, MINUTE_S
from serinus.core.state.workload import Revision, Workload
from serinus.ports import Ports

MONTH_S = 30 * 86_400
ROUNDS = 200
RUNNING = 100
KEY = Key("shop", "local")
OBJECTIVE = AgainstSlo(max=0.001, over_s=MONTH_S, burns=BURNS, freeze=True)
BUDGETS = (
    ErrorsCheck("errors", OBJECTIVE),
    LatencyCheck("latency", OBJECTIVE, bounds_ms=(250,)),
)
PLAIN = (ErrorsCheck("errors", AgainstStable()), LatencyCheck("latency", AgainstStable()))


def wanted(checks: tuple[Check, ...]) -> Wanted:
    """Return what a spec with these checks asks for."""
    delivery = Delivery(strategy=Strategy.CANARY, steps=(), checks=checks)
    revision = Revision(id="a" * 64, version="v1", workload=Workload(command=("./shop",)))
    return Wanted(revision, 1, "shop.localhost", delivery, "f" * 64)


def fill(sql: Connection, now: datetime) -> None:
    """Write a month of counts."""
    end = int(now.timestamp()) // HOUR_S * HOUR_S
    minutes = [(end - n * MINUTE_S, MINUTE_S) for n in range(1440)]
    hours = [(end - 86_400 - n * HOUR_S, HOUR_S) for n in range(29 * 24)]
    for series in [burnrate.series(check) for check in BUDGETS]:
        sql.executemany(
            "INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*_place(series), at, length, 100 * length, length // 20) for at, length in minutes],
        )
        sql.executemany(
            "INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*_place(series), at, length, 100 * length, length // 20) for at, length in hours],
        )


def _place(series: str) -> tuple[str, str, str]:
    return KEY.application, KEY.environment, series


async def measured(place: Path) -> tuple[float, float, float]:
    """Return milliseconds: to read both budgets, to know them still, and where there are none."""
    clock = Clock(datetime.now(UTC))
    store = Store(Specs(), Database.open(place / "state.db", create=True))
    await store.database.write(lambda sql: fill(sql, clock.now()))
    platform = Platform(clock, lambda _: Behaviour())
    ports, status = Ports(platform, Router(), store, clock), Status(key=KEY)
    took = []
    for checks, fresh in ((BUDGETS, True), (BUDGETS, False), (PLAIN, False)):
        desk, asked = Desk(), wanted(checks)
        await budgets.readings(KEY, status, asked, ports, desk)
        began = time.process_time()
        for _ in range(ROUNDS):
            if fresh:
                desk.budgets.clear()
            await budgets.readings(KEY, status, asked, ports, desk)
            await cohorts.report(KEY, status, ports, desk)
        took.append((time.process_time() - began) / ROUNDS * 1000)
    await store.close()
    return took[0], took[1], took[2]


def run(full: bool) -> list[Result]:  # noqa: ARG001, FBT001 - as of every benchmark
    """Measure once: it is the same in full."""
    with TemporaryDirectory(prefix="serinus-budgets-") as place:
        read, known, none = anyio.run(measured, Path(place))
    share = RUNNING * read / budgets.EVERY_S / 10
    return [
        Result("budgets: two of 30 days are read", read, "ms", 5.0),
        Result(f"budgets: of {RUNNING} applications with two each, of a core", share, "%", 2.0),
        Result("budgets: a turn in which they are still known", known, "ms", 0.05),
        Result("budgets: a turn of an application without any", none, "ms", 0.01),
    ]


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    return tell(run(full=False))


if __name__ == "__main__":
    raise SystemExit(main())
