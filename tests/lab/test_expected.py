from typing import Any

import msgspec
import pytest

from serinus.lab import expected
from serinus.lab.expected import REPLAYED, SIMULATED, Expect, Exposure, Seen

BACK = Seen(
    seed=1,
    outcome="rolled back",
    end_s=300.0,
    off_s=240.0,
    requests=1000,
    bad=40,
    slow=3,
    verified=False,
    sentence="",
)
GOOD = msgspec.structs.replace(BACK, outcome="promoted", off_s=None, verified=True)


def met(expect: Expect, *runs: Seen) -> tuple[bool, str]:
    found = expected.judge(expect, runs)
    return found.met, found.found


def test_an_outcome_is_expected_of_every_run() -> None:
    found = expected.judge(Expect(outcome="rolled back"), [BACK, GOOD])

    assert (False, "rolled back in every run") == (found.met, found.expected)
    assert "in 1 of 2 runs; the others: 1 × promoted" == found.found
    assert (1,) == found.failed
    assert (True, "in 2 of 2 runs") == met(Expect(outcome=["rolled back", "promoted"]), BACK, GOOD)


@pytest.mark.parametrize(("good", "passed"), [(19, True), (18, False)])
def test_a_part_of_the_runs_is_enough_where_a_part_is_expected(good: int, *, passed: bool) -> None:
    runs = [*[BACK] * good, *[GOOD] * (20 - good)]

    found = expected.judge(Expect(outcome="rolled back", in_="95% of runs"), runs)

    assert passed == found.met
    assert "rolled back in 95 % of the runs" == found.expected


@pytest.mark.parametrize(
    ("expect", "run", "why"),
    [
        (Expect(within="4m"), BACK, "rolled back after 5m"),
        (Expect(within="5m"), BACK, ""),
        (Expect(taken_away="3m"), BACK, "traffic taken away after 4m"),
        (Expect(taken_away="4m"), BACK, ""),
        (Expect(taken_away="4m"), GOOD, "traffic never taken away"),
        (Expect(taken_away="never"), BACK, "traffic taken away after 4m"),
        (Expect(taken_away="never"), GOOD, ""),
        (Expect(verified=True), BACK, "not verified"),
        (Expect(verified=False), GOOD, "verified"),
        (Expect(exposure=Exposure(bad="< 40")), BACK, "40 bad requests"),
        (Expect(exposure=Exposure(bad=40)), BACK, ""),
        (Expect(exposure=Exposure(requests=">= 1001")), BACK, "1,000 requests"),
        (Expect(exposure=Exposure(slow="> 2", requests="<= 1000")), BACK, ""),
    ],
)
def test_a_run_is_otherwise_for_a_reason(expect: Expect, run: Seen, why: str) -> None:
    passed, found = met(expect, run)

    assert (not why) == passed
    assert why in found


def test_what_is_expected_is_told_in_words() -> None:
    expect = Expect(
        outcome=["rolled back", "held"],
        within="10m",
        taken_away="5m",
        verified=False,
        exposure=Exposure(requests=">= 10", bad="< 50", slow=7),
    )

    assert (
        "rolled back or held, ended within 10m, traffic taken away within 5m, not verified, "
        ">= 10 requests, < 50 bad requests, <= 7 slow requests in every run"
    ) == expected.judge(expect, [BACK]).expected
    never = Expect(taken_away="never", verified=True)
    assert (
        "traffic never taken away, verified in every run" == expected.judge(never, [GOOD]).expected
    )


def test_many_ways_of_being_otherwise_are_not_all_listed() -> None:
    runs = [msgspec.structs.replace(BACK, bad=number) for number in range(1, 7)]

    _, found = met(Expect(exposure=Exposure(bad=0)), *runs)

    assert found.endswith("1 × 4 bad requests, and 2 other ways")
    assert met(Expect(exposure=Exposure(bad=0)), *runs[1:])[1].endswith("and another way")


@pytest.mark.parametrize(
    ("given", "path", "said"),
    [
        ({"outcome": "rolledback"}, "e.outcome", "did you mean 'rolled back'?"),
        ({"outcome": ["held", "gone"]}, "e.outcome", "unknown outcome 'gone'"),
        ({"taken_away": "soon"}, "e.takenAway", "such as 90s or 5m, or never"),
        ({"exposure": Exposure(bad="few")}, "e.exposure.bad", "'few' is no bound"),
        ({"within": "1m", "in_": "most"}, "e.in", "'most' is no part of the runs"),
        ({"within": "1m", "in_": "0%"}, "e.in", "'0%' is no part of the runs"),
        ({}, "e", "nothing is expected"),
    ],
)
def test_what_cannot_be_expected_is_told(given: dict[str, Any], path: str, said: str) -> None:
    (problem,) = expected.review(Expect(**given), "e", SIMULATED)

    assert path == problem.path
    assert said in problem.message


def test_outcomes_of_replays_are_others() -> None:
    assert not list(expected.review(Expect(outcome="traffic taken away"), "e", REPLAYED))
    assert list(expected.review(Expect(outcome="traffic taken away"), "e", SIMULATED))
