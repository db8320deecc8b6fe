import msgspec
import pytest

from serinus.lab import policy, subject
from serinus.lab.cases import Case
from serinus.lab.expected import Expect
from tests.lab import recordings
from tests.lab.test_simulate import setting


def simulated(outcome: str, *faults: str, name: str = "one") -> Case:
    given = setting(*faults)
    return Case(
        name=name,
        file="one.yaml",
        subject=given.subject,
        seeds=(1, 2),
        expects=(("expect", Expect(outcome=outcome)),),
        setting=given,
    )


def replayed(outcome: str) -> Case:
    found = subject.of("canary", recordings.canary())
    expects = (("expect", Expect(outcome=outcome)),)
    return Case("two", "two.yaml", found, (3,), expects, recording=recordings.drawn())


def test_cases_are_played_and_judged_each_by_its_own_runs() -> None:
    steps = []
    cases = [
        simulated("failed to start", "crash"),
        replayed("traffic taken away"),
        simulated("promoted", "crash", name="other"),
    ]

    found = policy.play(cases, step=lambda: steps.append(1))

    assert [True, True, False] == [result.passed for result in found]
    assert [[1, 2], [3], [1, 2]] == [[run.seed for run in result.runs] for result in found]
    assert 5 == len(steps)
    assert found[1].runs[0].off_s is not None
    assert "in 0 of 2 runs; the others: 2 × failed to start" == found[2].expectations[0].found


def test_the_run_to_look_at_is_the_first_that_was_otherwise() -> None:
    case = simulated("failed to start", "crash")
    first, second = policy.play([case])[0].runs

    other = msgspec.structs.replace(second, outcome="promoted")

    assert 1 == policy.judge(case, (first, second)).look
    assert 2 == policy.judge(case, (first, other)).look


def test_a_film_of_either_kind_has_a_line_for_each_event() -> None:
    assert policy.film(simulated("held", "crash"), 1)[0].startswith("0:00:00  release  Started")
    assert any("%" in line for line in policy.film(replayed("held"), 3))


def test_a_case_without_a_fixture_cannot_be_played() -> None:
    with pytest.raises(ValueError, match="two has no recording"):
        policy.play([msgspec.structs.replace(replayed("held"), recording=None)])
