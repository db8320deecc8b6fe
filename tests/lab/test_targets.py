import msgspec
import pytest

from serinus.lab import targets
from serinus.lab.play import Played
from serinus.lab.targets import State
from tests.lab import results
from tests.lab.results import BACK, HELD, MISSED, PROMOTED


def state(name: str, **runs: list[Played]) -> State:
    found = results.found(**runs)
    return next(one.state for one in found.targets if one.name.startswith(name))


def mixed(bad: int, runs: int, what: Played = BACK) -> list[Played]:
    return [what] * bad + [PROMOTED] * (runs - bad)


@pytest.mark.parametrize(
    ("bad", "runs", "share", "bound"),
    [
        (0, 100, State.TOO_FEW, State.TOO_FEW),
        (1, 100, State.TOO_FEW, State.TOO_FEW),
        (0, 300, State.REACHED, State.REACHED),
        (3, 300, State.REACHED, State.TOO_FEW),
        (20, 2000, State.REACHED, State.REACHED),
        (22, 2000, State.NOT_REACHED, State.NOT_REACHED),
        (10, 100, State.NOT_REACHED, State.NOT_REACHED),
    ],
)
def test_few_runs_show_nothing_good_but_may_show_what_is_bad(
    bad: int, runs: int, share: State, bound: State
) -> None:
    assert (share, bound) == (
        state("false rollback", n=mixed(bad, runs)),
        state("its 95 % upper bound", n=mixed(bad, runs)),
    )


def test_holds_may_be_more_where_pods_misbehave() -> None:
    held = mixed(5, 100, HELD) * 20

    assert State.NOT_REACHED is state("held, worst null without pod faults", n=held)
    assert State.REACHED is state("held, worst null with pod faults", p=held)


def test_ratios_are_held_against_the_oracle() -> None:
    cheap = msgspec.structs.replace(BACK, bad=12, off_s=11.0)

    assert State.REACHED is state("bad requests", a=[BACK] * 100)
    assert State.NOT_REACHED is state("time to no traffic", a=[BACK] * 100)
    assert State.REACHED is state("time to no traffic", a=[cheap] * 100)
    assert State.NOT_REACHED is state("bad requests", a=[MISSED] * 100)
    assert State.TOO_FEW is state("bad requests", a=[BACK] * 99)


def test_what_is_missed_is_held_against_its_mean_and_its_worst() -> None:
    some = [BACK] * 96 + [MISSED] * 4

    assert State.NOT_REACHED is state("missed, mean", a=some)
    assert State.REACHED is state("missed, worst", a=some)


def test_the_delay_is_that_of_the_worst_null_without_pod_faults() -> None:
    late = msgspec.structs.replace(PROMOTED, delay_s=120.0)

    assert State.REACHED is state("mean delay", n=[PROMOTED], p=[late])
    assert State.NOT_REACHED is state("mean delay", n=[late])


def test_what_was_not_played_is_not_measured() -> None:
    assert {State.NOTHING} == {one.state for one in results.found().targets}


def test_a_target_says_where_its_worst_was_found_and_what_it_needs() -> None:
    found = {one.name: one.found for one in results.usual().targets}

    assert "1 % (n); needs 2,000 runs" == found["false rollback, worst null"]
    assert "4.7 % (n); needs 2,000 runs" == found["its 95 % upper bound"]
    assert "2.01" == found["bad requests ÷ oracle, 1 regression"]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.0001, "0.01 %"),
        (0.0123, "1.2 %"),
        (0.01, "1 %"),
        (0.5, "50 %"),
        (1, "100 %"),
    ],
)
def test_shares_are_written_with_the_digits_that_tell_something(share: float, text: str) -> None:
    assert text == targets.percent(share)
