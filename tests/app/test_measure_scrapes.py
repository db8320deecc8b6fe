"""What one scrape after the other teaches: ticks, a reading, and nothing twice."""

from msgspec.structs import replace

from serinus.app import measure
from serinus.app.measure import Measured
from serinus.app.watch import Watch
from serinus.core.spec.delivery import Delivery
from serinus.core.state.counts import (
    CANDIDATE,
    STABLE,
    ReplicaCounters,
    RevisionCounters,
    Scrape,
)
from serinus.core.state.observed import Status
from tests import builders
from tests.builders import NEW, OLD, at


def scrape(at: float, new: int = 0, old: int = 0) -> Scrape:
    def arm(name: str, done: int) -> RevisionCounters:
        return RevisionCounters({name: ReplicaCounters(done, done, 0, 0)})

    return Scrape(at, {NEW: arm(f"{NEW[:10]}-3", new), OLD: arm(f"{OLD[:10]}-0", old)})


def measured(status: Status, watch: Watch, seen: Scrape | None, at_s: float = 0) -> Measured:
    return measure.measure(status, watch, seen, (), history=(), now=at(0, at_s))


def test_a_scrape_is_taken_in_once() -> None:
    status = builders.idle()
    first = measured(status, Watch(), scrape(5))
    second = measured(status, first.watch, scrape(10, old=90))
    again = measured(status, second.watch, scrape(10, old=90))

    assert ((), ()) == (first.ticks, again.ticks)
    assert [90] == [tick.arms[STABLE].requests for tick in second.ticks]
    assert not second.due


def test_at_rest_nobody_is_judged() -> None:
    assert measured(builders.idle(), Watch(), scrape(5)).reading is None
    (tick,) = measured(builders.idle(stable=None), Watch(scrape=scrape(5)), scrape(10)).ticks
    assert {} == tick.arms


def test_a_release_is_judged_from_its_first_test_on() -> None:
    untested = builders.status()
    tested = builders.status(release=builders.release(test=builders.reading().test))

    assert measured(untested, Watch(), None).reading is None
    begun = measured(tested, Watch(scrape=scrape(5)), scrape(10, new=10, old=90))

    assert begun.reading is not None
    assert begun.due
    assert (10, 7) == (begun.reading.requests, begun.watch.release)


def test_another_test_begins_with_fresh_evidence() -> None:
    one = builders.reading().test
    first = measured(
        builders.status(release=builders.release(test=one)),
        Watch(scrape=scrape(5)),
        scrape(10, new=10, old=90),
    )
    two = replace(one, number=2)
    second = measured(
        builders.status(release=builders.release(test=two)),
        first.watch,
        scrape(10, new=10, old=90),
        at_s=1,
    )

    assert second.reading is not None
    assert (2, 10, 0) == (
        second.reading.test.number,
        second.reading.requests,
        second.reading.test_requests,
    )
    assert not second.due


def test_a_first_release_has_one_arm() -> None:
    first = builders.release(stable=None, test=builders.reading().test)
    found = measured(
        builders.status(release=first, stable=None),
        Watch(release=7, scrape=scrape(5)),
        scrape(10, new=10, old=90),
    )

    assert [{CANDIDATE}] == [set(tick.arms) for tick in found.ticks]


def test_young_replicas_are_masked_in_a_release_and_nowhere_else() -> None:
    delivery = builders.delivery()
    young = builders.replica(NEW, 3, ready_at=at(0))
    cold = builders.replica(NEW, 4, ready_at=None)

    assert {young.name} == measure.masked(delivery, [young, cold], at(0, 14))
    assert set() == measure.masked(delivery, [young, cold], at(0, 15))
    assert set() == measure.masked(Delivery, [young, cold], at(0, 1))


def test_a_plan_lasts_as_long_as_its_steps_and_a_minute_at_least() -> None:
    assert 240.0 == measure.plan_seconds(builders.delivery())
    assert 60.0 == measure.plan_seconds(builders.delivery(steps=()))
