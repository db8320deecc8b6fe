from serinus.core.analysis import blocks
from serinus.core.state.counts import Arm, Tick


def tick(at: float, replicas: dict[str, tuple[int, int]], masked: tuple[str, ...] = ()) -> Tick:
    arms = {"candidate": Arm(replicas, sum(n for n, _ in replicas.values()), (2, 1))}
    return Tick(at, 1.0, arms, (100, 500), masked)


def test_a_block_adds_up_its_ticks() -> None:
    block = blocks.join([tick(1, {"a": (10, 1), "b": (5, 0)}), tick(2, {"b": (5, 2), "a": (1, 0)})])
    side = block.sides["candidate"]

    assert (side.requests, side.errors) == (21, 3)
    assert side.replicas == ((11, 1), (10, 2))
    assert (side.timed, side.slower) == (21, (4, 2))
    assert (block.at, block.seconds) == (2, 2.0)


def test_a_masked_replica_is_left_out_and_takes_latency_with_it() -> None:
    side = blocks.join([tick(1, {"a": (10, 1), "b": (5, 5)}, masked=("b",))]).sides["candidate"]

    assert (side.requests, side.errors, side.timed) == (10, 1, 0)


def test_a_masked_replica_without_requests_takes_nothing_away() -> None:
    side = blocks.join([tick(1, {"a": (10, 1), "b": (0, 0)}, masked=("b",))]).sides["candidate"]

    assert side.timed == 10


def test_people_see_masked_replicas_too() -> None:
    ticks = [tick(1, {"a": (10, 1), "b": (5, 5)}, masked=("b",))]

    assert blocks.join(ticks, masked=False).sides["candidate"].requests == 15


def test_bounds_that_change_within_a_block_leave_latency_out() -> None:
    other = Tick(2, 1.0, {"candidate": Arm({"a": (1, 0)}, 1, (0,))}, (250,))
    block = blocks.join([tick(1, {"a": (10, 1)}), other])

    assert block.bounds_ms == ()
    assert block.sides["candidate"].timed == 0
    assert block.sides["candidate"].requests == 11


def test_five_ticks_that_are_a_little_short_are_a_block() -> None:
    assert blocks.full(4.97, 5.0)
    assert not blocks.full(4.0, 5.0)


def test_lines_stand_beside_the_requests_of_the_replicas_that_are_listened_to() -> None:
    lines = {"a": {"log": 3}, "b": {"log": 90}, "gone": {"log": 1}}
    one = Tick(1, 1.0, {"candidate": Arm({"a": (10, 0), "b": (5, 0), "c": (7, 0)}, lines=lines)})
    two = Tick(2, 1.0, {"candidate": Arm({"a": (10, 0), "b": (5, 0)}, lines={"a": {"log": 1}})})

    assert blocks.join([one, two]).sides["candidate"].lines == {"log": ((20, 4), (5, 5))}


def test_the_lines_of_a_masked_replica_are_left_out() -> None:
    arm = Arm({"a": (10, 0), "b": (5, 0)}, lines={"a": {"log": 3}, "b": {"log": 2}})
    masked = Tick(1, 1.0, {"candidate": arm}, masked=("a",))

    assert blocks.join([masked]).sides["candidate"].lines == {"log": ((5, 2),)}
    assert blocks.join([masked], masked=False).sides["candidate"].lines["log"] == ((10, 3), (5, 2))
