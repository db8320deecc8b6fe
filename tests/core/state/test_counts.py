from serinus.core.state.counts import CANDIDATE, STABLE, TWIN, Arm, Tick, parted

LINES = {"s0": {"panics": 1}, "s9": {"panics": 7}}
SEEN = Tick(
    at=10.0,
    seconds=5.0,
    arms={
        STABLE: Arm({"s0": (90, 1), "s9": (30, 3)}, 120, (40, 2), LINES, {"panics": {"oops": 8}}),
        CANDIDATE: Arm({"c0": (10, 5)}),
    },
    bounds_ms=(100, 500),
)


def test_twins_are_an_arm_of_their_own() -> None:
    found = parted(SEEN, {"s9"})

    assert {"s0": (90, 1)} == found.arms[STABLE].replicas
    assert Arm({"s9": (30, 3)}, lines={"s9": {"panics": 7}}) == found.arms[TWIN]
    assert SEEN.arms[CANDIDATE] == found.arms[CANDIDATE]
    assert {"s0": {"panics": 1}} == found.arms[STABLE].lines


def test_what_is_counted_for_a_version_stays_with_the_version() -> None:
    """Latency and kinds of lines are not told apart by replicas."""
    stable = parted(SEEN, {"s9"}).arms[STABLE]

    assert (120, (40, 2), {"panics": {"oops": 8}}) == (stable.timed, stable.slower, stable.kinds)


def test_without_twins_a_tick_is_what_it_was() -> None:
    alone = Tick(at=5.0, seconds=5.0, arms={CANDIDATE: SEEN.arms[CANDIDATE]})

    assert parted(SEEN, ()) is SEEN
    assert parted(SEEN, {"s7", "c0"}) is SEEN
    assert parted(alone, {"s9"}) is alone


def test_an_arm_adds_up_its_replicas() -> None:
    arm = Arm({"a-0": (90, 1), "a-1": (10, 2)})

    assert (100, 3) == (arm.requests, arm.errors)


def test_an_arm_without_replicas_did_nothing() -> None:
    assert (0, 0) == (Arm({}).requests, Arm({}).errors)
