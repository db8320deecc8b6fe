"""A number of a metric source in whole releases: it takes traffic away, and it lets it be."""

from collections.abc import Callable
from random import Random

from serinus.adapters.memory.platform import Behaviour, Circumstance
from serinus.boot.simulation import Film
from serinus.core.spec.delivery import (
    AgainstStable,
    Compared,
    Delivery,
    ErrorsCheck,
    Hold,
    QueryCheck,
    Strategy,
    TrafficStep,
)
from serinus.core.state.release import Phase, Release
from serinus.core.state.sample import Sample

DELIVERY = Delivery(
    strategy=Strategy.CANARY,
    steps=(TrafficStep(100, Hold(for_s=600)),),
    checks=(ErrorsCheck("errors", AgainstStable()),),
    looks=(QueryCheck("queue", Compared(ratio=1.1), "queue", every_s=5.0),),
)


def well(_: Circumstance) -> Behaviour:
    return Behaviour(errors=0.001)


async def released(candidate: Callable[[float], float], seconds: float = 1200.0) -> Release:
    """Release v2 while a source tells a number of both versions every five seconds."""
    film, random = Film(well, DELIVERY, tick_s=5.0), Random(1)
    film.deploy("v1")
    await film.finish()
    film.deploy("v2")
    for _ in range(int(seconds / film.tick_s)):
        at = film.clock.now().timestamp()
        since = (film.clock.now() - film.began).total_seconds()
        values = {
            "stable": random.gauss(100, 2),
            "candidate": random.gauss(candidate(since), 2),
        }
        film.desk.samples[film.key] = [Sample("queue", at, values)]
        await film.run(0.0)
        film.clock.move(film.tick_s)
        release = (await film.status()).release
        if release is not None and release.number == 2 and release.ended_at is not None:
            break
    found = (await film.status()).release
    assert found is not None
    return found


async def test_a_candidate_whose_number_is_much_worse_is_rolled_back_by_its_probes() -> None:
    release = await released(lambda _: 150.0)

    assert Phase.ROLLED_BACK is release.progress.phase
    assert release.progress.sentence.startswith("Rolled back: queue 1")
    assert "approximate" in release.progress.sentence
    assert 2 <= release.progress.retreat.fails


async def test_a_candidate_whose_number_is_as_large_is_promoted() -> None:
    release = await released(lambda _: 100.0)

    assert Phase.SUCCEEDED is release.progress.phase
    assert 0 == release.progress.retreat.count
