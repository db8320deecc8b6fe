"""A controller that dies between any two ticks, whatever is being tested: nothing is read anew."""

from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.core.analysis import judge
from serinus.core.analysis.memory import Judge
from serinus.core.state import verdict
from serinus.core.state.sample import Sample
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import ERRORS, LATENCY, LOGS, OBJECTIVE, TAILS
from tests.core.analysis.numbers import QUEUE

KINDS = st.sampled_from(list(verdict.TestKind))
WORLD = st.fixed_dictionaries(
    {
        "seconds": st.sampled_from([1.0, 2.5, 5.0, 15.0]),
        "weight": st.sampled_from([0.0, 0.05, 0.5, 1.0]),
        "candidate": st.sampled_from([0.0, 0.001, 0.05, 0.4, 1.0]),
        "stable": st.sampled_from([0.0, 0.001, 0.2, 1.0]),
        "masked": st.sampled_from([(), ("c0",)]),
        "tails": st.sampled_from([(), TAILS]),
        "written": st.sampled_from([None, 0.1]),
    }
)
EVENTS = st.lists(st.tuples(WORLD, st.none() | KINDS), min_size=1, max_size=20)


def stored(found: Judge) -> Judge:
    """Write it down and read it back, as the store does and as an export does."""
    found = msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Judge)
    return msgspec.json.decode(msgspec.json.encode(found), type=Judge)


@settings(max_examples=30)
@given(EVENTS, st.integers(0, 2**20), st.sampled_from(["errors", "latency", "queue", ""]))
def test_runs_probes_and_takeovers_read_the_same_after_a_restart_at_every_tick(
    events: list[tuple[dict[str, object], verdict.TestKind | None]], seed: int, accused: str
) -> None:
    random, at, number = Random(seed), 1000.0, 1
    past = arrivals.history(random, 10, tails=TAILS)
    once = arrivals.opened(past, ERRORS, LATENCY, OBJECTIVE, LOGS, looks=(QUEUE,))
    again = stored(once)
    for world, kind in events:
        if kind is not None:
            number += 1
            test = verdict.Test(number, kind, accused if kind is verdict.TestKind.PROBE else "")
            once, again = judge.turn(once, test), judge.turn(again, test)
        at += float(str(world["seconds"]))
        tick = arrivals.tick(random, at, **world)
        samples = [Sample("queue", at, {"candidate": random.random(), "stable": 0.5})]
        once = judge.look(judge.advance(once, tick), samples)
        again = judge.look(judge.advance(stored(again), tick), samples)

        assert judge.reading(stored(again)) == judge.reading(once)
    assert stored(again) == stored(once)
