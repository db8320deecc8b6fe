from random import Random

import msgspec

from serinus.app import observe, watch
from serinus.core.spec.delivery import Compared, QueryCheck
from serinus.core.state.gates import GateAnswer, Opening
from serinus.core.state.observed import Status
from serinus.core.state.sample import Sample
from tests import builders
from tests.app.workbench import Bench
from tests.builders import NEW, SHOP
from tests.core.analysis import arrivals


async def test_an_application_never_seen_is_an_empty_observation() -> None:
    bench = Bench()
    seen = await observe.observe(SHOP, bench.ports, bench.desk)

    assert (Status(key=SHOP), None, (), None) == (
        seen.observed.status,
        seen.observed.route,
        seen.observed.replicas,
        seen.observed.wanted,
    )


async def test_everything_is_asked_once() -> None:
    bench = Bench()
    await bench.serving()
    bench.specs.want("shop", builders.wanted())
    bench.desk.rejected[SHOP] = "no port is free"
    bench.desk.blind = "connection refused"
    await bench.store.ask(builders.intent())

    observed = (await observe.observe(SHOP, bench.ports, bench.desk)).observed

    assert observed.route is not None
    assert (1000, 1, "no port is free", "connection refused", ["wish-1"]) == (
        observed.route.weight(NEW),
        len(observed.replicas),
        observed.rejected,
        observed.source_problem,
        [i.id for i in observed.intents],
    )
    assert builders.wanted() == observed.wanted


async def test_a_damaged_spec_is_a_problem_and_no_wish() -> None:
    bench = Bench()
    bench.specs.want("shop", None, "shop.yaml:3: unknown field")
    seen = await observe.observe(SHOP, bench.ports, bench.desk)

    assert (None, "shop.yaml:3: unknown field") == (seen.observed.wanted, seen.observed.problem)


async def test_a_data_plane_that_cannot_be_asked_is_an_observation() -> None:
    bench = Bench()
    await bench.serving()
    bench.platform.dark = "Envoy does not answer"
    observed = (await observe.observe(SHOP, bench.ports, bench.desk)).observed

    assert (None, "Envoy does not answer") == (observed.route, observed.route_problem)


async def test_a_data_plane_that_lags_is_an_observation() -> None:
    bench = Bench()
    await bench.serving()
    bench.platform.lags = "the router does not follow: wanted 5 %"
    observed = (await observe.observe(SHOP, bench.ports, bench.desk)).observed

    assert "the router does not follow: wanted 5 %" == observed.lag


async def test_what_was_written_down_is_remembered_after_a_restart() -> None:
    bench = Bench()
    kept = watch.Watch(release=7, written=5.0)
    await bench.store.record(builders.status(version=0), revisions=(), judge=watch.encode(kept))
    seen = await observe.observe(SHOP, bench.ports, bench.desk)

    assert 7 == seen.measured.watch.release


async def test_what_gates_said_is_observed() -> None:
    bench = Bench()
    answer = GateAnswer("q", Opening.REFUSED, builders.at(3), "2 of 9 failed")
    bench.desk.answers[SHOP] = {"q": answer}
    observed = (await observe.observe(SHOP, bench.ports, bench.desk)).observed

    assert (answer,) == observed.answers


async def test_what_sources_said_is_taken_from_the_desk_once() -> None:
    bench = Bench()
    looks = (QueryCheck("queue", Compared(), "queue"),)
    status = builders.status(release=builders.release(delivery=builders.delivery(looks=looks)))
    await bench.store.record(msgspec.structs.replace(status, version=0))
    bench.desk.samples[SHOP] = [Sample("queue", 5.0, {"stable": 3.0})]

    first = await observe.observe(SHOP, bench.ports, bench.desk)
    second = await observe.observe(SHOP, bench.ports, bench.desk)

    assert [1, 0] == [len(seen.measured.watch.waiting) for seen in (first, second)]
    assert {} == bench.desk.samples


async def test_stable_s_past_is_asked_for_again_when_the_judge_has_accused_somebody() -> None:
    """How often would its own replicas fail the probe? This release counts, too."""
    bench = Bench()
    now = bench.clock.now().timestamp()
    random = Random(1)
    rest = [arrivals.tick(random, now - 600 + 5 * i, weight=0.0) for i in range(60)]
    own = [arrivals.tick(random, now - 300 + 5 * i) for i in range(60)]
    accused, _ = arrivals.until_alarm(arrivals.opened(rest), random, 40, at=now, candidate=0.3)
    status = builders.status(version=0, release=builders.release(test=accused.test))
    kept = watch.Watch(release=7, judge=accused)
    await bench.store.record(status, revisions=(), judge=watch.encode(kept))
    await bench.store.put_ticks(SHOP, None, rest)
    await bench.store.put_ticks(SHOP, 7, own)

    seen = await observe.observe(SHOP, bench.ports, bench.desk)

    assert seen.observed.reading is not None
    assert seen.observed.reading.probes > 0
    assert seen.measured.watch.judge is not None
    found = seen.measured.watch.judge.placebo
    assert found is not None
    assert 10 == found.replicas
    assert found.windows > 600 / found.seconds * 10 - 11  # both halves, but for a window not full


async def test_a_judge_that_accuses_nobody_asks_for_no_past() -> None:
    bench = Bench()
    quiet = arrivals.opened(arrivals.history(Random(2)))
    status = builders.status(version=0, release=builders.release(test=quiet.test))
    kept = watch.Watch(release=7, judge=quiet)
    await bench.store.record(status, revisions=(), judge=watch.encode(kept))

    seen = await observe.observe(SHOP, bench.ports, bench.desk)

    assert seen.measured.watch.judge is not None
    assert seen.measured.watch.judge.placebo is None
    assert seen.observed.reading is not None
    assert 0 == seen.observed.reading.probes
