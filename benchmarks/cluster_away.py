"""
The API server is away for a minute in the middle of a release, in a real cluster.

    python -m benchmarks.cluster_away [--seconds 60]

It starts the test cluster where none is up (root and Go; see `make cluster`). podinfo runs in real
pods behind Traefik, with 50 requests a second through it. The controller is a process of its own,
whose every connection to the API server is ended at the first step of a release; nobody listens for
a minute. The API server itself goes on, so that others can use the cluster meanwhile: who serves
needs it as little as they would need one that is gone.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from anyio.from_thread import BlockingPortal, start_blocking_portal

from benchmarks import cluster_load, cluster_shop
from benchmarks.cluster_load import Sent
from benchmarks.cluster_shop import WORKS, Life, Object, Shop
from benchmarks.results import Result, tell
from tests.cluster import wire
from tests.cluster.wire import Wire

RATE = 50.0
AWAY_S = 60.0
WARM_S = 5.0
FIRST, SECOND = "podinfo:6.0.0", "podinfo:6.0.1"
STEPS = ("Started", "StepStarted", "StepStarted", "Promoting", "Succeeded")
LOST = "we no longer lead"
LIMIT_BACK_S = 10.0
"""An API server that is away is asked every 2 s, and what there is is listed."""


@dataclass(frozen=True, slots=True)
class Away:
    """
    What was decided before, and at the end of the time in which nobody could write.

    ``back_s``: how long it took after that until the controller worked.
    """

    before: list[Object]
    between: list[Object]
    back_s: float


def measure(away_s: float) -> list[Result]:
    """Take the API server away from a release, and give it back."""
    with (
        cluster_shop.opened("away") as shop,
        tempfile.TemporaryDirectory(prefix="serinus-bench-") as place,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(wire.laid()) as line,
        shop.controller(line.kubeconfig(Path(place))) as life,
    ):
        shop.want(FIRST, "1")
        shop.ended(1)
        flow = cluster_load.flowing(shop.address, shop.host, RATE)
        with portal.wrap_async_context_manager(flow) as load:
            time.sleep(WARM_S)
            counted = load.begin()
            shop.want(SECOND, "2")
            shop.reached(2, "StepStarted")
            away = _away(shop, portal, line, life, away_s)
            after = shop.ended(2)
        return _found(away, after, counted, life.said())


def _away(shop: Shop, portal: BlockingPortal, line: Wire, life: Life, away_s: float) -> Away:
    """Cut the line for so long, and wait until the controller works again."""
    before, works = shop.release(2)["decisions"], life.said().count(WORKS)
    portal.call(line.hang_up)
    time.sleep(away_s)
    between = shop.release(2)["decisions"]
    line.cut = False
    back = time.monotonic()
    cluster_shop.until(lambda: life.said().count(WORKS) > works, "it works again", life.said)
    return Away(before, between, time.monotonic() - back)


def _found(away: Away, after: Object, counted: Sent, said: str) -> list[Result]:
    decided = after["decisions"]
    reasons = [one["reason"] for one in decided]
    forgotten = sum(one not in decided for one in away.between)
    missing = sum(max(0, STEPS.count(one) - reasons.count(one)) for one in set(STEPS))
    more = sum(max(0, reasons.count(one) - STEPS.count(one)) for one in set(STEPS))
    why = [line for line in said.splitlines() if LOST in line and "why=" in line]
    lines = [
        *(f"   {one['at'][11:19]} {one['sentence']}" for one in decided),
        *(f"   {line.strip()}" for line in why),
        *(f"   lost {kind}: {times}" for kind, times in counted.lost.items()),
    ]
    print("\n".join(lines), flush=True)  # noqa: T201 - for the person who reads the table
    return [
        Result("away: requests sent", counted.sent, ""),
        Result("away: requests lost", sum(counted.lost.values()), "", 0.0),
        Result(
            "away: decisions while nobody could write", len(away.between) - len(away.before), ""
        ),
        Result("away: decisions lost", forgotten + missing, "", 0.0),
        Result("away: decisions made twice", more, "", 0.0),
        Result("away: the log does not say why it waited", float(not why), "", 0.0),
        Result("away: the release did not succeed", float(after["phase"] != "Succeeded"), "", 0.0),
        Result("away: until the controller works again", away.back_s, "s", LIMIT_BACK_S),
    ]


def run(full: bool) -> list[Result]:  # noqa: ARG001, FBT001 - as of every benchmark
    """Measure once, a minute."""
    return measure(AWAY_S)


def main() -> int:
    """Print what was found; 1 when a limit is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster_away")
    parser.add_argument("--seconds", type=float, default=AWAY_S, help="how long it is away")
    return tell(measure(parser.parse_args().seconds))


if __name__ == "__main__":
    raise SystemExit(main())
