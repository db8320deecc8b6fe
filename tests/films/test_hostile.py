"""
Counters as they come when something is broken, played through the whole loop.

The service is healthy, and so is the candidate: not one request fails. What is scraped is damaged
on its way, in every manner that hypothesis can think of. Nothing that follows may be an exception,
evidence of a regression, or a rollback; and as soon as counts come in as they are, the release goes
on as any other.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from serinus.adapters.memory.platform import Behaviour
from serinus.boot.simulation import Film
from serinus.core.state.counts import ReplicaCounters, RevisionCounters, Scrape
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.core.state.verdict import Reading
from serinus.ports import failures
from tests.films import scenes

STEP_S = 60.0
AWAY = {Phase.RETREATED, Phase.PROBING, Phase.TRIAL, Phase.ROLLING_BACK, Phase.ROLLED_BACK}


def counters(found: ReplicaCounters, kind: str) -> ReplicaCounters:
    """Damage what is counted of one replica."""
    wrong: dict[str, dict[str, Any]] = {
        "negative": {"started": -5, "completed": -5},
        "active below zero": {"active": -1},
        "no number": {"completed": math.nan},
        "errors without number": {"errors": math.nan},
        "endless": {"completed": math.inf, "started": math.inf},
        "fractions": {"completed": found.completed + 0.25},
        "errors above requests": {"errors": found.completed + 90},
        "nothing at all": {"started": 0, "completed": 0, "errors": 0, "active": 0},
        "less than before": {
            "started": int(found.started * 0.9),
            "completed": int(found.completed * 0.9),
        },
    }
    return replace(found, **wrong[kind])


COUNTERS = (
    "negative",
    "active below zero",
    "no number",
    "errors without number",
    "endless",
    "fractions",
    "errors above requests",
    "nothing at all",
    "less than before",
)


def histogram(found: RevisionCounters, kind: str) -> RevisionCounters:
    """Damage the histogram of one revision."""
    n = len(found.buckets)
    match kind:
        case "other bounds":
            return replace(found, bounds_ms=tuple(b + 1 for b in found.bounds_ms))
        case "fewer buckets":
            return replace(found, buckets=found.buckets[:-1])
        case "buckets that fall":
            return replace(found, buckets=tuple(reversed(found.buckets)))
        case "no histogram":
            return replace(found, bounds_ms=(), buckets=(), timed=0)
        case "buckets without number":
            return replace(found, buckets=(math.nan,) * n)
        case _:
            return replace(found, buckets=(0,) * n, timed=0)


HISTOGRAMS = (
    "other bounds",
    "fewer buckets",
    "buckets that fall",
    "no histogram",
    "buckets without number",
    "emptied",
)
WHOLE = (
    "gone",
    "one revision",
    "unreachable",
    "again",
    "late",
    "an hour ahead",
    "an hour back",
    "no time",
    "names swapped",
    "one replica",
    "revisions swapped",
)


class Broken:
    """A platform's counters, damaged by one fault for each scrape; "" for none."""

    def __init__(self, film: Film, faults: Sequence[str]) -> None:
        self.film, self.faults = film, list(faults)
        self.true, self.before, self.shift = film.platform.scrape, [Scrape(0, {})], 0.0

    async def scrape(self, keys: Sequence[Key]) -> dict[Key, Scrape]:
        found = await self.true(keys)
        fault = self.faults.pop(0) if self.faults else ""
        return {key: self._damaged(one, fault) for key, one in found.items()}

    def _damaged(self, true: Scrape, fault: str) -> Scrape:
        one = replace(true, at=true.at + self.shift)
        revisions = dict(one.revisions)
        last = max(revisions, default="")
        if fault in COUNTERS:
            revisions = {last: self._replica(revisions[last], fault), **_but(revisions, last)}
        elif fault in HISTOGRAMS:
            revisions = {last: histogram(revisions[last], fault), **_but(revisions, last)}
        elif fault:
            return self._whole(one, fault)
        self.before.append(replace(one, revisions=revisions))
        return self.before[-1]

    def _replica(self, found: RevisionCounters, fault: str) -> RevisionCounters:
        name = min(found.replicas, default="")
        if not name:
            return found
        return replace(
            found, replicas={**found.replicas, name: counters(found.replicas[name], fault)}
        )

    def _whole(self, one: Scrape, fault: str) -> Scrape:
        names = sorted(one.revisions)
        a, b = (names[0], names[-1]) if names else ("", "")
        match fault:
            case "unreachable":
                raise failures.Unavailable("the router does not answer")
            case "gone":
                return replace(one, revisions={})
            case "one revision":
                return replace(one, revisions=_but(one.revisions, b))
            case "again":
                return self.before[-1] if self.before[-1].at else one
            case "late":
                return self.before[-2] if len(self.before) > 2 else one
            case "an hour ahead" | "an hour back":
                self.shift = 3600.0 if fault == "an hour ahead" else -3600.0
                return replace(one, at=one.at + self.shift)
            case "no time":
                return replace(one, at=math.nan)
            case "revisions swapped":
                other = {**one.revisions, a: one.revisions[b], b: one.revisions[a]}
                return replace(one, revisions=other)
            case "names swapped":
                return replace(one, revisions=_exchanged(one.revisions, a, b))
            case _:
                found = one.revisions[b]
                gone = _but(found.replicas, min(found.replicas, default=""))
                return replace(one, revisions={**one.revisions, b: replace(found, replicas=gone)})


def _but(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: one for key, one in found.items() if key != name}


def _exchanged(
    found: Mapping[str, RevisionCounters], a: str, b: str
) -> dict[str, RevisionCounters]:
    """Let the first replicas of both revisions have each other's counts."""
    one, other = min(found[a].replicas, default=""), min(found[b].replicas, default="")
    if a == b or not one or not other:
        return dict(found)
    first = {**found[a].replicas, one: found[b].replicas[other]}
    second = {**found[b].replicas, other: found[a].replicas[one]}
    return {
        **found,
        a: replace(found[a], replicas=first),
        b: replace(found[b], replicas=second),
    }


def completed(found: Mapping[Key, Scrape]) -> int:
    """Return how many requests were answered in truth, by everybody."""
    arms = [arm for one in found.values() for arm in one.revisions.values()]
    return sum(counters.completed for arm in arms for counters in arm.replicas.values())


async def played(faults: Sequence[str]) -> tuple[Film, list[Reading]]:
    """Serve v1 for a while, deploy v2, damage what is scraped, and let it come to its end."""
    film = Film(lambda _: Behaviour(), scenes.canary(50, 250, hold_s=STEP_S), rate=40.0)
    await scenes.served(film)
    true = film.platform.scrape
    begun = completed(await true([film.key]))
    film.deploy("v2")
    await film.run(30)
    film.platform.scrape = Broken(film, faults).scrape  # type: ignore[method-assign]  # that is the fault
    readings: list[Reading] = []
    for _ in range(len(faults) + 4):
        await film.run(film.tick_s)
        status = await film.status()
        assert status.release is not None
        assert status.release.progress.phase not in AWAY, film.text()
        snapshot = await film.store.snapshot(film.key)
        if snapshot is not None and snapshot.reading is not None:
            readings.append(snapshot.reading)
            one = snapshot.reading.streams[0]
            assert one.requests + one.stable_requests <= completed(await true([film.key])) - begun
    return film, readings


def judged(faults: Sequence[str]) -> None:
    film, readings = anyio.run(played, faults)

    assert all(reading.log_evidence <= 1e-9 for reading in readings), film.text()
    assert not any(reading.alarm or reading.slo_violated for reading in readings)
    if readings:
        assert all(one.bad == 0 for one in readings)


@pytest.mark.parametrize("fault", [*COUNTERS, *HISTOGRAMS, *WHOLE])
def test_a_fault_of_the_counters_is_no_evidence_against_a_candidate(fault: str) -> None:
    judged([fault, "", fault, fault, "", "", fault, ""])


@settings(max_examples=15)
@given(st.lists(st.sampled_from([*COUNTERS, *HISTOGRAMS, *WHOLE, ""]), max_size=24))
def test_nor_are_many_of_them(faults: list[str]) -> None:
    judged(faults)


def test_when_the_counters_are_whole_again_the_release_goes_on() -> None:
    async def script() -> Film:
        film, _ = await played(["no number", "gone", "one replica", "again", "nothing at all"])
        await film.finish()
        return film

    film = anyio.run(script)
    release = anyio.run(film.status).release

    assert release is not None
    assert release.progress.phase is Phase.SUCCEEDED
