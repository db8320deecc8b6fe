"""How bad requests fall on replicas."""

from serinus.core.state.counts import STABLE, Arm, Tick
from serinus.lab import clumps
from tests.lab.recordings import canary


def ticks(pairs: list[tuple[tuple[int, int], tuple[int, int]]], seconds: float = 5.0) -> list[Tick]:
    return [
        Tick(1000.0 + seconds * place, seconds, {STABLE: Arm({"a-0": a, "a-1": b})})
        for place, (a, b) in enumerate(pairs)
    ]


def test_ticks_are_joined_to_blocks() -> None:
    found = clumps.spread(ticks([((50, 1), (50, 1))] * 24), 60.0)

    assert (60.0, 2, 48) == (found.seconds, found.blocks, found.bad)


def test_what_fell_on_one_replica_is_a_clump() -> None:
    one_sided = [((50, 10), (50, 0)), ((50, 0), (50, 10))] * 20

    phi = clumps.spread(ticks(one_sided), 5.0).phi

    assert phi is not None
    assert phi > 8


def test_ticks_longer_than_a_block_say_nothing_about_it() -> None:
    found = clumps.spread(ticks([((50, 1), (50, 1))] * 5, seconds=60.0), 5.0)

    assert (None, 0, 0) == (found.phi, found.blocks, found.bad)


def test_one_replica_alone_is_no_comparison() -> None:
    alone = [Tick(1005.0, 5.0, {STABLE: Arm({"a-0": (100, 5)})})]

    assert clumps.spread(alone, 5.0).phi is None


def test_probes_are_asked_about_what_is_worse_than_allowed_alone() -> None:
    bad = ticks([((500, 25), (500, 25))] * 100)

    assert [0.2] == [one.theta for one in clumps.luck(canary(), bad)]
    assert [] == clumps.luck(canary(checks=()), bad)


def test_the_more_failures_clump_the_later_a_regression_is_seen() -> None:
    policy = canary(50, 250, hold_s=600)

    found = clumps.detection(policy, 100.0, 0.001, (2.0, 8.0))

    assert [0.01, 0.05, 0.2] == [one.theta for one in found]
    first = found[0]
    assert first.independent_s is not None
    assert first.judged_s is not None
    assert first.guarded_s is not None
    assert first.independent_s < first.judged_s < first.guarded_s
    assert [] == clumps.detection(policy, 0.0, 0.001, (1.0, 1.0))
