from random import Random

from msgspec.structs import replace

from serinus.core.analysis import doubts, judge
from serinus.core.state import verdict
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from tests.core.analysis import arrivals

CLUMP = 20


def bursts(random: Random, at: float, weight: float, each: float) -> Tick:
    """Every bad request of a replica brings the nineteen next to it; ``each``: bursts a block."""
    arms = {}
    for name, replicas, n in ((CANDIDATE, ("c0",), 500 * weight), (STABLE, arrivals.STABLE, 500.0)):
        arms[name] = Arm(
            {
                one: (round(n), min(round(n), CLUMP * arrivals.poisson(random, each)))
                for one in replicas
            }
        )
    return Tick(at=at, seconds=5.0, arms=arms)


def test_where_nothing_is_odd_there_is_no_doubt() -> None:
    random = Random(1)
    found, _ = arrivals.until_alarm(arrivals.opened(arrivals.history(random)), random, 60)

    assert doubts.doubts(found) == ()


def test_bursts_that_would_be_an_alarm_one_by_one_are_told() -> None:
    random = Random(2)
    past = [bursts(random, 5.0 * i, 0.0, 0.05) for i in range(200)]
    past = [replace(tick, arms={STABLE: tick.arms[STABLE]}) for tick in past]
    found = arrivals.opened(past)
    told: tuple[str, ...] = ()
    for i in range(200):
        found = judge.advance(found, bursts(random, 1005.0 + 5 * i, 1.0, 0.06))
        told = judge.reading(found).doubts or told

    assert told
    assert told[0].startswith("errors: bad requests of the candidate come in bursts. One by one")
    assert told[0].endswith("they are no alarm")
    probe = judge.turn(found, verdict.Test(2, verdict.TestKind.PROBE, "errors"))
    assert doubts.doubts(probe) == ()
