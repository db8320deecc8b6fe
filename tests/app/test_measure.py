"""What the judge is given: whose history it is."""

from random import Random
from typing import Any

from msgspec.structs import replace

from serinus.app import measure
from serinus.app.watch import Watch
from serinus.core.state.counts import (
    CANDIDATE,
    STABLE,
    TWIN,
    Arm,
    ReplicaCounters,
    RevisionCounters,
    Scrape,
    Tick,
)
from serinus.core.state.release import Phase, Retreat
from serinus.core.state.workload import belongs
from tests import builders
from tests.builders import NEW, OLD, at
from tests.core.analysis import arrivals


def rest(at: float, revision: str) -> Tick:
    return Tick(at=at, seconds=5.0, arms={STABLE: Arm({f"{revision[:10]}-{3}": (50, 0)})})


def test_a_replica_belongs_to_the_revision_that_it_is_named_after() -> None:
    assert belongs(f"{NEW[:10]}-12", NEW)
    assert not belongs(f"{NEW[:10]}-12", OLD)
    assert not belongs("", OLD)


def test_the_history_of_stable_begins_after_the_last_tick_of_another_version() -> None:
    history = [rest(5, NEW), rest(10, OLD), rest(15, OLD)]

    assert measure.since(history, OLD) == 5
    assert measure.since(history, NEW) == 15
    assert measure.since(history[1:], OLD) == 0.0
    assert measure.since([], OLD) == 0.0


def test_a_tick_without_anybody_belongs_to_every_version() -> None:
    nobody = Tick(at=10, seconds=5.0, arms={STABLE: Arm({})})

    assert measure.since([rest(5, OLD), nobody], OLD) == 0.0


def test_a_version_that_was_just_promoted_has_its_past_in_the_release_that_promoted_it() -> None:
    promoted = builders.release(candidate=NEW, stable=OLD)
    counted = Tick(
        at=10.0,
        seconds=1.0,
        arms={STABLE: Arm({f"{OLD[:10]}-0": (90, 0)}), CANDIDATE: Arm({f"{NEW[:10]}-3": (9, 1)})},
    )
    late = rest(20, NEW)

    history = measure.joined([late], [counted], promoted, NEW)

    assert (replace(counted, arms={STABLE: counted.arms[CANDIDATE]}), late) == history
    assert (replace(counted, arms={STABLE: counted.arms[STABLE]}),) == measure.joined(
        [], [counted], promoted, OLD
    )


# --- twins ---------------------------------------------------------------------------------------

TWIN_9 = f"{OLD[:10]}-9"


def scrape(at: float, done: int) -> Scrape:
    """Two old replicas of stable, its twin, and a fresh one of the candidate."""
    names = {OLD: (f"{OLD[:10]}-0", f"{OLD[:10]}-1", TWIN_9), NEW: (f"{NEW[:10]}-3",)}
    counters = ReplicaCounters(done, done, 0, 0)
    return Scrape(
        at, {rev: RevisionCounters(dict.fromkeys(found, counters)) for rev, found in names.items()}
    )


def ticked(**given: Any) -> Tick:
    probing = builders.release(test=builders.reading().test, **given)
    young = (builders.replica(OLD, 9, ready_at=at(3)), builders.replica(NEW, 3, ready_at=at(3)))
    watch = Watch()
    ticks: tuple[Tick, ...] = ()
    for number, done in ((1, 0), (2, 40)):
        seen = scrape(builders.NOON.timestamp() + 5 * number, done)
        found = measure.measure(
            builders.status(release=probing), watch, seen, young, history=(), now=at(3, 5)
        )
        watch, ticks = found.watch, found.ticks
    return ticks[0]


def test_a_twin_is_counted_apart_from_stable_and_from_its_first_request_on() -> None:
    tick = ticked(twins=(9,), phase=Phase.PROBING)

    assert {TWIN_9: (40, 0)} == tick.arms[TWIN].replicas
    assert TWIN_9 not in tick.arms[STABLE].replicas
    assert 80 == tick.arms[STABLE].requests
    assert (f"{NEW[:10]}-3",) == tick.masked


def test_without_a_probe_a_fresh_replica_of_stable_is_one_of_stable() -> None:
    tick = ticked()

    assert TWIN not in tick.arms
    assert {f"{NEW[:10]}-3", TWIN_9} == set(tick.masked)


def test_once_the_young_were_seen_to_fail_they_are_not_judged_for_longer() -> None:
    """The delivery says 15 seconds; the replicas of this release are a minute old."""
    release = builders.release(retreat=Retreat(young_s=300.0))
    found = (builders.replica(NEW, 3, ready_at=at(2)),)

    assert {f"{NEW[:10]}-3"} == measure._young(release, found, at(3))
    assert set() == measure._young(builders.release(), found, at(3))


# --- placebos ------------------------------------------------------------------------------------


def test_the_judge_learns_of_luck_when_it_has_accused_somebody() -> None:
    random = Random(1)
    past = arrivals.history(random)
    accused, _ = arrivals.until_alarm(arrivals.opened(past), random, 40, candidate=0.3)
    release = builders.release(test=accused.test)
    before = Watch(release=release.number, judge=accused)
    status = builders.status(release=release)

    found = measure.measure(status, before, None, (), history=past, now=at(3))

    assert measure.wonders(before)
    assert not measure.wonders(found.watch)
    assert found.watch.judge is not None
    assert found.watch.judge.placebo is not None
    assert 10 == found.watch.judge.placebo.replicas
    assert found.reading is not None
    assert found.reading.probes > 0
