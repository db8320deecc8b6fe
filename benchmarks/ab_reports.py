"""
What an A/B report may be believed, and what its users cost.

    python -m benchmarks.ab_reports [--full]

Tests of two weeks are simulated, user by user: half or a tenth of them come to the candidate, 0.5
to 50 % reach the goal, at once or (most of them) some days later. A person looks every day.
*Missed*: an interval that does not hold the true difference, on any of the days for the one that is
shown while a test runs, at the end for the other. *Told one*: a difference where there is none, by
which a person is deceived who ends a test as soon as it looks good; *worst*: in the kind of test
where it was most often, which is the luck of a few hundred runs, too. Then users are written into
SQLite.
"""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import anyio
import msgspec

from benchmarks.results import Result, tell
from serinus.adapters.local.cohorts import Cohorts
from serinus.adapters.local.database import Database
from serinus.core.analysis import intervals, report
from serinus.core.analysis.intervals import Counts
from serinus.core.spec.requests import Goal
from serinus.core.state.cohort import Cohort, Side, Visit
from serinus.core.state.notice import Key
from tests.core.analysis import abtest

RUNS, RUNS_FULL = 200, 1500
USERS = 400
RATES = (0.005, 0.05, 0.2, 0.5)
SHARES = (0.5, 0.1)
LATE = (0.0, 0.8)
LIFT = 1.2
VISITS = 20_000
STORED, STORED_FULL = 100_000, 1_000_000
GOALS = (Goal("checkout", "/checkout", ("POST",)), Goal("search", "/search*"))
ARMS = {"a" * 64: "stable", "b" * 64: "candidate"}

Day = tuple[Counts, Counts]


class Missed(msgspec.Struct, frozen=True):
    """Of how many tests which interval missed, and what was told."""

    tests: int = 0
    running: int = 0
    end: int = 0
    peeked: int = 0
    told: int = 0

    def __add__(self, other: "Missed") -> "Missed":
        """Return both together."""
        return Missed(*(a + b for a, b in zip(_numbers(self), _numbers(other), strict=True)))


def _numbers(missed: Missed) -> tuple[int, ...]:
    return msgspec.structs.astuple(missed)


def tested(random: Random, rates: tuple[float, float], share: float, late: float) -> Missed:
    """Play one test. What is late is not missing for an interval: it is of what came so far."""
    drawn = abtest.days(random, rates, share=share, users=USERS, late=late)
    course = [day for day in drawn if _enough(day)]
    true = 0.0 if late else rates[0] - rates[1]
    looks = [intervals.anytime(*day) for day in course]
    fixed = [intervals.fixed(*day) for day in course]
    return Missed(
        tests=1,
        running=any(not low <= true <= high for low, high in looks),
        end=not fixed[-1][0] <= true <= fixed[-1][1],
        peeked=any(not low <= true <= high for low, high in fixed),
        told=any(_told(day, share) for day in course),
    )


def _enough(day: Day) -> bool:
    return min(users for _, users in day) >= report.ENOUGH


def _told(day: Day, share: float) -> bool:
    """Tell whether the report of a day speaks of a difference."""
    sides = {
        name: Side(users, {"checkout": reached})
        for name, (reached, users) in zip(("candidate", "stable"), day, strict=True)
    }
    found = report.report(Cohort(sides), GOALS[:1], round(share * 1000))
    return " is higher" in found.sentence or " is lower" in found.sentence


def played(runs: int, lift: float, late: Sequence[float]) -> list[Missed]:
    """Play tests of all kinds, and return what was missed in each kind."""
    random, kinds = Random(4), []  # noqa: S311 - a simulation
    for rate, share, part in product(RATES, SHARES, late):
        found = Missed()
        for _ in range(runs):
            found += tested(random, (rate * lift, rate), share, part)
        kinds.append(found)
    return kinds


# --- what users cost ----------------------------------------------------------------------------


def visits(first: int, number: int) -> list[Visit]:
    """Return visits of as many users, of whom some reach a goal."""
    revisions = tuple(ARMS)
    return [
        Visit(
            user * 2_654_435_761 % 2**63,
            revisions[user % 2],
            "POST" if user % 7 == 0 else "GET",
            "/checkout" if user % 7 == 0 else "/search",
            200,
        )
        for user in range(first, first + number)
    ]


async def noted(place: Path, stored: int) -> tuple[float, float, float]:
    """Return seconds for one batch of new users and of known ones, and bytes for each user."""
    database = Database.open(place / "state.db", create=True)
    cohorts, key = Cohorts(database), Key("shop", "local")
    took = [0.0, 0.0]
    try:
        for first in range(1, stored, VISITS):
            some = visits(first, VISITS)
            for known in (0, 1):
                began = time.perf_counter()
                await cohorts.note(key, 1, some, arms=ARMS, goals=GOALS, at=_now())
                took[known] = time.perf_counter() - began
        ((pages,),) = database.rows("PRAGMA page_count")
        ((size,),) = database.rows("PRAGMA page_size")
    finally:
        database.close()
    return took[0], took[1], pages * size / stored


def _now() -> datetime:
    return datetime.now(UTC)


def run(full: bool) -> list[Result]:  # noqa: FBT001 - as of every benchmark
    """Measure everything."""
    runs, stored = (RUNS_FULL, STORED_FULL) if full else (RUNS, STORED)
    kinds, lifts = played(runs, 1.0, LATE), played(runs, LIFT, LATE[:1])
    with TemporaryDirectory(prefix="serinus-ab-") as place:
        new, known, size = anyio.run(noted, Path(place), stored)
    worst = max(100 * kind.told / kind.tests for kind in kinds)
    null, lifted = sum(kinds, Missed()), sum(lifts, Missed())
    of = f"A/B, {null.tests:,} tests without a difference:"
    better = f"A/B, {lifted.tests:,} tests with 20 % more:"
    users = f"A/B, {stored:,} users: "
    return [
        Result(f"{of} told one", _percent(null.told, null), "%", 5.0),
        Result(f"{of} told one, worst kind of {len(kinds)}", worst, "%"),
        Result(f"{of} missed while it runs", _percent(null.running, null), "%", 5.0),
        Result(f"{of} missed at the end", _percent(null.end, null), "%", 6.0),
        Result(f"{of} missed if the end's is looked at", _percent(null.peeked, null), "%"),
        Result(f"{better} missed while it runs", _percent(lifted.running, lifted), "%", 5.0),
        Result(f"{better} missed at the end", _percent(lifted.end, lifted), "%", 6.0),
        Result(f"{better} told it", _percent(lifted.told, lifted), "%"),
        Result(f"{users}{VISITS:,} visits of new ones", new, "s", 0.8),
        Result(f"{users}{VISITS:,} visits of known ones", known, "s", 0.8),
        Result(f"{users}bytes for each", size, "B", 100.0),
    ]


def _percent(number: int, of: Missed) -> float:
    return 100 * number / of.tests


def main() -> int:
    """Print the table; 1 when a limit is missed."""
    return tell(run("--full" in sys.argv[1:]))


if __name__ == "__main__":
    raise SystemExit(main())
