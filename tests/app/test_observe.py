import msgspec

from serinus.app import observe, watch
from serinus.core.spec.delivery import Compared, QueryCheck
from serinus.core.state.gates import GateAnswer, Opening
from serinus.core.state.observed import Status
from serinus.core.state.sample import Sample
from tests import builders
from tests.app.workbench import Bench
from tests.builders import NEW, SHOP


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
