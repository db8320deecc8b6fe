import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.analysis import placebo
from serinus.core.analysis.placebo import Design, Placebo
from serinus.core.spec.delivery import AgainstStable, ErrorsCheck, LogCheck
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick

PLAN_S = 1800.0
LINE = (1.25, 0.0002)
DESIGN = Design(0.3, 0.001, LINE, 1.0, requests=25.0, block_s=5.0, level=10.0)
Block = dict[str, tuple[int, int]]


def quiet(number: int, replicas: int = 5) -> list[Block]:
    return [{f"s{i}": (100, 0) for i in range(replicas)} for _ in range(number)]


def hiccups(number: int, every: int, replicas: int = 5) -> list[Block]:
    """One replica after the other fails a third of its requests for two blocks."""
    blocks = quiet(number, replicas)
    for place, block in enumerate(blocks):
        if place % every < 2:
            block[f"s{place // every % replicas}"] = (100, 33)
    return blocks


def test_replicas_that_never_fail_fail_no_placebo_probe() -> None:
    found = placebo.look(quiet(240), DESIGN)

    assert Placebo(windows=50, crossed=0, strong=0, seconds=120.0, replicas=5) == found


def test_replicas_with_hiccups_fail_those_probes_in_which_they_have_them() -> None:
    found = placebo.look(hiccups(240, 24), DESIGN)

    assert 50 == found.windows
    assert 8 <= found.crossed <= 10
    assert found.strong == found.crossed


def test_a_burst_hits_a_probe_as_a_whole_or_not_at_all() -> None:
    """Half of the requests of the replica are left out, and with them half of the bursts."""
    design = Design(0.3, 0.001, LINE, 1.0, requests=10.0, block_s=5.0, level=10.0)
    found = placebo.look(hiccups(2400, 24), design)

    assert found.windows * 0.1 < found.crossed <= found.windows * 0.2


def test_a_replica_without_requests_is_no_window() -> None:
    blocks = [{"s0": (100, 0), "s1": (0, 0)} for _ in range(24)]

    assert 0 == placebo.look(blocks, DESIGN).windows  # nobody is left to compare the other with


def test_less_than_a_window_of_the_past_tells_nothing() -> None:
    found = placebo.look(quiet(23), DESIGN)

    assert Placebo(seconds=120.0, replicas=5) == found


def test_a_quiet_service_needs_one_failed_probe_and_one_that_is_hardly_known_three() -> None:
    assert 1 == placebo.probes(Placebo(windows=300), PLAN_S, 1)
    assert 3 == placebo.probes(Placebo(), PLAN_S, 1)


def test_a_service_with_hiccups_needs_more_and_more() -> None:
    wanted = [placebo.probes(Placebo(300, n, n), PLAN_S, 1) for n in (0, 3, 30, 90, 200)]

    assert wanted == sorted(wanted)
    assert 1 == wanted[0]
    assert wanted[-1] > 5


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 50), st.floats(60, 86_400))
def test_what_is_needed_is_never_less_where_more_went_wrong(
    windows: int, crossed: int, replicas: int, plan_s: float
) -> None:
    crossed = min(crossed, windows)
    found = Placebo(windows, crossed, crossed // 2)
    worse = Placebo(windows, min(windows, crossed + 1), crossed // 2)

    assert 1 <= placebo.probes(found, plan_s, replicas) <= placebo.probes(worse, plan_s, replicas)
    assert placebo.probes(found, plan_s, replicas) <= placebo.probes(found, plan_s, replicas + 1)
    assert 1 <= placebo.alarms(found, plan_s, replicas, 1)


def test_the_smallest_number_of_probes_keeps_the_promise() -> None:
    found = Placebo(300, 20, 5)
    number = placebo.probes(found, PLAN_S, 2)
    expected = found.expected(PLAN_S, 2)

    assert expected * found.chance**number <= placebo.REPEATS
    assert expected * found.chance ** (number - 1) > placebo.REPEATS


def test_a_quiet_service_may_have_one_alarm_and_a_restless_one_more() -> None:
    assert 1 == placebo.alarms(Placebo(windows=300), PLAN_S, 1, 1)
    assert 6 <= placebo.alarms(Placebo(300, 90, 60), PLAN_S, 1, 1) <= 12


def test_blocks_are_made_of_stables_ticks_and_young_replicas_are_left_out() -> None:
    arms = {STABLE: Arm({"s0": (10, 1), "s1": (10, 0)}), CANDIDATE: Arm({"c0": (10, 10)})}
    ticks = [Tick(float(at), 1.0, arms, masked=("s1",) if at < 5 else ()) for at in range(10)]
    check = ErrorsCheck("errors", AgainstStable())

    blocks = placebo.past(ticks, check, 5.0)

    assert [{"s0": (50, 5)}, {"s0": (50, 5), "s1": (50, 0)}] == blocks


def test_lines_of_logs_are_counted_where_the_check_counts_them() -> None:
    arms = {STABLE: Arm({"s0": (10, 1)}, lines={"s0": {"panics": 30}})}
    check = LogCheck("panics", AgainstStable(), "panic")

    assert [{"s0": (10, 10)}] == placebo.past([Tick(5.0, 5.0, arms)], check, 5.0)


@pytest.mark.parametrize("whole", [False, True])
def test_thinning_is_the_same_each_time_and_right_in_the_mean(*, whole: bool) -> None:
    kept = [placebo._thinned(10, 0.3, seed, whole=whole) for seed in range(4000)]

    assert kept == [placebo._thinned(10, 0.3, seed, whole=whole) for seed in range(4000)]
    assert 2.8 < sum(kept) / len(kept) < 3.2
    assert whole is (set(kept) == {0, 10})


def test_little_past_grants_no_alarms_that_nobody_has_seen() -> None:
    assert 3 == placebo.alarms(Placebo(), PLAN_S, 5, 1)
    assert 3 < placebo.alarms(Placebo(50, 12, 12), PLAN_S, 5, 1)


@given(st.floats(60.0, 86_400.0), st.integers(24, 2000), st.integers(0, 50))
def test_counts_of_all_replicas_together_show_no_luck_and_need_two_probes_at_least(
    plan_s: float, blocks: int, bad: int
) -> None:
    """A router that counts by Service has one name for all: nobody is left to compare it with."""
    found = placebo.look([{"3f2a9c01d4-all": (500, bad)} for _ in range(blocks)], DESIGN)

    assert (0, 1) == (found.windows, found.replicas)
    assert 2 <= placebo.probes(found, plan_s, 1)
