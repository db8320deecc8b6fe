"""What one scrape after the other teaches: ticks, a reading, and nothing twice."""

from math import nan
from typing import Any

from msgspec.structs import replace

from serinus.app import measure
from serinus.app.measure import Measured
from serinus.app.usage import Meter
from serinus.app.watch import Watch
from serinus.core.spec.delivery import (
    Compared,
    Delivery,
    Look,
    MirrorStep,
    NewLinesCheck,
    QueryCheck,
    UsageCheck,
)
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.state.counts import (
    CANDIDATE,
    MIRRORED,
    STABLE,
    ReplicaCounters,
    RevisionCounters,
    Scrape,
)
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase
from serinus.core.state.sample import Sample
from serinus.core.state.traffic import Route, Sticky
from serinus.core.state.workload import Replica, Usage
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


def test_nothing_is_due_while_nothing_is_learnt_and_nothing_is_lost_when_it_was_not_due() -> None:
    tested = builders.status(release=builders.release(test=builders.reading().test))
    begun = measured(tested, Watch(), None, 10)
    still = measured(tested, begun.watch, None, 60)
    counted = measured(tested, still.watch, scrape(61), 61)
    soon = measured(tested, counted.watch, scrape(62, new=1, old=9), 62)
    later = measured(tested, soon.watch, None, 70)

    assert [True, False, True, False, True] == [
        one.due for one in (begun, still, counted, soon, later)
    ]
    assert soon.watch.judge == later.watch.judge


def test_a_clock_that_is_set_back_costs_one_scrape_and_judging_goes_on() -> None:
    tested = builders.status(release=builders.release(test=builders.reading().test))
    begun = measured(tested, Watch(scrape=scrape(5000)), scrape(5010, new=10, old=90), 5010)

    back = measured(tested, begun.watch, scrape(1400, new=30, old=100), 1400)
    after = measured(tested, back.watch, scrape(1410, new=40, old=190), 1410)

    assert () == back.ticks
    assert [(10, 90, 10.0)] == [
        (t.arms[CANDIDATE].requests, t.arms[STABLE].requests, t.seconds) for t in after.ticks
    ]
    assert after.reading is not None
    assert 20 == after.reading.requests
    assert 1410 == after.reading.data_at
    assert after.due


def test_a_source_is_heard_again_when_the_clock_was_set_back() -> None:
    look = QueryCheck("queue", Compared(1.5), "queue")
    status = looking(look)
    begun = measured(status, Watch(scrape=scrape(5000)), scrape(5010, new=10, old=90), 5010)
    seen = measure.measure(
        status,
        begun.watch,
        None,
        (),
        history=(),
        now=at(0, 5010),
        samples=(Sample("queue", 5010.0, {CANDIDATE: 1.0, STABLE: 1.0}),),
    )

    back = measured(status, seen.watch, scrape(1400, new=30, old=100), 1400)
    after = measure.measure(
        status,
        back.watch,
        None,
        (),
        history=(),
        now=at(0, 1401),
        samples=(Sample("queue", 1401.0, problem="away"),),
    )

    assert after.reading is not None
    assert ["queue: away"] == [one.sentence for one in after.reading.looks]


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


# --- samples, copies, lines ----------------------------------------------------------------------

QUEUE = QueryCheck("queue", Compared(), "queue_length", every_s=5.0)
MEMORY = UsageCheck("memory", Compared(), "memory")


def looking(*looks: Look, test: bool = True, **given: Any) -> Status:
    one = builders.reading().test
    begun: dict[str, Any] = {"test": one} if test else {}
    begun |= {name: given.pop(name) for name in ("step", "phase", "share") if name in given}
    delivery = builders.delivery(looks=looks, **given)
    return builders.status(release=builders.release(delivery=delivery, **begun))


def test_what_a_source_says_is_looked_at_once_the_judge_has_begun() -> None:
    status = looking(QUEUE)
    begun = measured(status, Watch(scrape=scrape(5)), scrape(10, new=10, old=90))
    sample = Sample("queue", 12.0, {"candidate": 3.0, "stable": 2.0})
    found = measure.measure(status, begun.watch, None, (), history=(), now=at(1), samples=[sample])

    assert found.reading is not None
    assert (3.0, 2.0) == (found.reading.looks[0].value, found.reading.looks[0].stable_value)


def test_what_is_said_of_stable_before_is_its_past() -> None:
    status, watch = looking(QUEUE, test=False), Watch(scrape=scrape(5))
    samples = [Sample("queue", float(i), {"stable": 2.0 + i % 3}) for i in range(40)]
    samples.append(Sample("queue", 41.0, {"stable": nan}))
    before = measure.measure(status, watch, None, (), history=(), now=at(0), samples=samples)
    found = measured(looking(QUEUE), before.watch, scrape(50, new=10, old=90))

    assert 40 == len(before.watch.waiting)
    assert found.watch.judge is not None
    assert found.watch.judge.looks[0].gauge is not None
    assert 40 == len(found.watch.judge.looks[0].gauge.past)
    assert () == found.watch.waiting


def replicas(at_s: float, memory: int) -> list[Replica]:
    took = Usage(at_s, memory, at_s / 100)
    return [builders.replica(NEW, 3, usage=took), builders.replica(OLD, 0, usage=took)]


def test_what_the_replicas_take_is_looked_at_once_for_each_block() -> None:
    status, watch = looking(MEMORY), Watch(scrape=scrape(5))
    values = []
    for second in range(6, 21):
        found = measure.measure(
            status,
            watch,
            scrape(second, new=10 * second, old=90 * second),
            replicas(second, 100 + second),
            history=(),
            now=at(0, second),
        )
        watch = found.watch
        assert found.reading is not None
        values.append(found.reading.looks[0].value)

    assert [106.0, 111.0, 116.0] == sorted({one for one in values if one is not None})


def test_what_stable_takes_at_rest_is_the_past_of_the_release_that_comes() -> None:
    wanted, watch = builders.delivery(looks=(MEMORY,)), Watch(scrape=scrape(5))
    for second in range(10, 100, 5):
        watch = measure.measure(
            builders.idle(),
            watch,
            scrape(second, old=90 * second),
            replicas(second, 100),
            history=(),
            now=at(0, second),
            wanted=wanted,
        ).watch
    found = measured(looking(MEMORY), watch, scrape(105, new=10, old=9000), 105)

    assert 18 == len(watch.meter.past)
    assert found.watch.judge is not None
    assert found.watch.judge.looks[0].gauge is not None
    assert (100.0,) * 18 == found.watch.judge.looks[0].gauge.past
    assert () == found.watch.meter.past


def test_without_a_check_of_it_nobody_reads_what_replicas_take() -> None:
    found = measured(builders.idle(), Watch(scrape=scrape(5)), scrape(10, old=90))

    assert Meter() == found.watch.meter


def test_in_a_mirror_step_the_candidate_is_judged_by_its_copies() -> None:
    copies = f"{NEW}{MIRRORED}"
    status = looking(steps=(MirrorStep(share=1000),), step=0)

    def seen(at_s: float, done: int) -> Scrape:
        plain = scrape(at_s, old=done)
        counted = RevisionCounters({f"{NEW[:10]}-3": ReplicaCounters(done, done, done // 2, 0)})
        return Scrape(at_s, {**plain.revisions, copies: counted})

    first = measured(status, Watch(), seen(5, 0))
    second = measured(status, first.watch, seen(10, 80))

    assert [(80, 40)] == [
        (tick.arms[CANDIDATE].requests, tick.arms[CANDIDATE].errors) for tick in second.ticks
    ]


def test_who_is_promoted_out_of_a_mirror_is_judged_by_what_users_met() -> None:
    status = looking(steps=(MirrorStep(share=1000),), step=0, phase=Phase.PROMOTING, share=1000)

    first = measured(status, Watch(), scrape(5, new=0))
    second = measured(status, first.watch, scrape(10, new=80))

    assert [80] == [tick.arms[CANDIDATE].requests for tick in second.ticks]


def test_kinds_of_lines_that_stable_wrote_before_the_release_are_not_new() -> None:
    look, name = NewLinesCheck("new-errors", "ERROR"), f"{OLD[:10]}-0"
    kinds = {"new-errors": {"slow <n> ms": 7}}
    stable = RevisionCounters({name: ReplicaCounters(90, 90, 0, 0)}, kinds=kinds)
    found = measured(looking(look), Watch(scrape=Scrape(5, {OLD: stable})), scrape(10, old=180))

    assert found.watch.judge is not None
    assert found.watch.judge.looks[0].lines is not None
    assert 1 == len(found.watch.judge.looks[0].lines.known)


# --- the router -----------------------------------------------------------------------------------


def routed(status: Status, routes: list[Route | None], each: int = 10) -> list[int | None]:
    """Return what each tick says that was wanted; a scrape every second, with a route for each."""
    watch, wanted = Watch(), []
    for second, route in enumerate(routes):
        seen = scrape(5 + second, new=each * second, old=90 * second)
        found = measure.measure(
            status, watch, seen, (), history=(), now=at(0, 5 + second), route=route
        )
        watch = found.watch
        wanted += [tick.wanted for tick in found.ticks]
    return wanted


def test_a_tick_says_what_the_router_was_asked_for_as_long_as_that_was_one_share() -> None:
    status = builders.status(release=builders.release(test=builders.reading().test))
    five, ten = builders.route(50), builders.route(100)

    assert [50, 50, None, 100] == routed(status, [five, five, five, ten, ten])
    assert [None, None, 50] == routed(status, [five, None, five, five])
    assert [None] == routed(builders.idle(), [five, five])


def test_where_users_stay_or_are_chosen_no_share_is_wanted_of_the_requests() -> None:
    status = builders.status(release=builders.release(test=builders.reading().test))
    sticky = builders.route(50, sticky=Sticky("side", 60.0))
    chosen = builders.route(50, matches=(Match((Condition(Part.HEADER, "beta"),)),))

    assert [None] == routed(status, [sticky, sticky])
    assert [None] == routed(status, [chosen, chosen])


def test_a_router_that_does_not_follow_is_read() -> None:
    status = builders.status(release=builders.release(test=builders.reading().test))
    watch, reading = Watch(), None
    for second in range(150):
        seen = scrape(5 + second, new=10 * second, old=90 * second)
        found = measure.measure(
            status, watch, seen, (), history=(), now=at(0, 5 + second), route=builders.route(50)
        )
        watch, reading = found.watch, found.reading

    assert reading is not None
    assert reading.doubts[0].startswith(
        "the router does not follow: 10 % of the requests of the last minutes reached the"
        " candidate, 5 % were wanted"
    )
