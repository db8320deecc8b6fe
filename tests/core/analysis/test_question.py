import math
from typing import Any

import pytest

from serinus.core.analysis import question
from serinus.core.analysis.question import Answer, Question
from serinus.core.spec.delivery import QueryCheck, Threshold
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.sample import EVERYBODY, Sample, Series
from tests import builders
from tests.builders import NEW, OLD

PER_ARM = 'sum(rate(failed{revision="$revision"}[$window]))'


def check(query: str = PER_ARM, **given: Any) -> QueryCheck:
    return QueryCheck(name="failed", against=Threshold(max=1.0), query=query, **given)


# --- questions ----------------------------------------------------------------------------------


def test_each_arm_is_asked_for_by_the_short_id_of_its_revision() -> None:
    found = question.questions(check(every_s=90.0), builders.release())

    assert (
        Question(CANDIDATE, f'sum(rate(failed{{revision="{NEW[:10]}"}}[1m30s]))'),
        Question(STABLE, f'sum(rate(failed{{revision="{OLD[:10]}"}}[1m30s]))'),
    ) == found


def test_a_query_that_names_no_arm_is_asked_once_for_everybody() -> None:
    query = 'queue_length{app="$application", env="$environment"} # of $revision'

    found = question.questions(check(query), builders.release())

    expected = 'queue_length{app="shop", env="local"} # of $revision'
    assert (Question(EVERYBODY, expected),) == found


def test_the_version_of_each_arm_is_its_own() -> None:
    found = question.questions(check('x{v="$version"}'), builders.release())

    assert ['x{v="v2"}', 'x{v="v1"}'] == [one.query for one in found]


def test_a_first_release_has_no_stable_to_ask_for() -> None:
    found = question.questions(check(), builders.release(stable=None))

    assert [CANDIDATE] == [one.arm for one in found]


# --- answers ------------------------------------------------------------------------------------


def series(*values: float, **labels: str) -> Series:
    return Series(labels, tuple((float(at), value) for at, value in enumerate(values)))


def test_one_series_with_one_value_is_the_number() -> None:
    assert Answer(value=0.25) == question.number((series(0.25, pod="a"),))


def test_no_series_is_no_data() -> None:
    assert Answer() == question.number(())
    assert Answer() == question.number((series(),))


def test_several_series_are_told_with_what_sets_them_apart() -> None:
    found = question.number((series(1, pod="a", job="x"), series(2, pod="b", job="x")))

    assert found.value is None
    assert found.problem == (
        "2 series (they differ by pod), where one number is wanted; "
        "make one of them, as with sum(…), avg(…) or max(…)"
    )


def test_of_many_labels_that_differ_a_few_are_told() -> None:
    found = question.number((series(1), series(2, a="1", b="2", c="3", d="4")))

    assert "differ by a, b, c, …)" in found.problem


def test_a_range_is_told_to_be_made_one_number() -> None:
    assert "3 values of one series" in question.number((series(1, 2, 3),)).problem


@pytest.mark.parametrize(
    ("value", "said"), [(math.nan, "NaN"), (math.inf, "+Inf"), (-math.inf, "-Inf")]
)
def test_what_is_no_number_is_a_problem_that_is_named(value: float, said: str) -> None:
    found = question.number((series(value),))

    assert found.value is None
    assert f"the answer is {said}" in found.problem


@pytest.mark.parametrize("value", [1.1e50, -1e300, 1.7e308])
def test_a_number_whose_square_nobody_can_write_is_a_problem_that_is_named(value: float) -> None:
    found = question.number((series(value),))

    assert found.value is None
    assert f"the answer is {value:.3g}; wanted a number of at most 1e+50" == found.problem


def test_a_number_whose_square_is_nothing_is_nothing() -> None:
    assert Answer(value=0.0) == question.number((series(-1e-200),))
    assert Answer(value=-1e-50) == question.number((series(-1e-50),))


def test_the_name_of_a_label_is_told_on_one_line_and_not_at_length() -> None:
    long = {"x" * 100_000 + "\n": "1", "\x1b[31m\n": "2"}

    found = question.number((Series(long, ((0.0, 1.0),)), series(1, a="1")))

    assert len(found.problem) < 300
    assert found.problem.isprintable()


# --- samples ------------------------------------------------------------------------------------


def test_a_sample_has_the_values_of_the_arms_that_have_one() -> None:
    found = question.sample("x", 5.0, {CANDIDATE: Answer(value=1.5), STABLE: Answer()})

    assert Sample("x", 5.0, {CANDIDATE: 1.5}) == found


def test_a_problem_of_one_arm_is_told_as_its_own() -> None:
    found = question.sample("x", 5.0, {CANDIDATE: Answer(problem="NaN"), STABLE: Answer(value=1)})

    assert Sample("x", 5.0, {STABLE: 1}, "candidate: NaN") == found


def test_a_problem_of_all_arms_is_told_once() -> None:
    away = Answer(problem="nobody listens there")

    found = question.sample("x", 5.0, {CANDIDATE: away, STABLE: away})

    assert Sample("x", 5.0, {}, "nobody listens there") == found


def test_a_problem_of_everybody_names_no_arm() -> None:
    found = question.sample("x", 5.0, {EVERYBODY: Answer(problem="wrong", final=True)})

    assert Sample("x", 5.0, {}, "wrong", final=True) == found


def test_different_problems_are_all_told() -> None:
    answers = {STABLE: Answer(problem="b"), CANDIDATE: Answer(problem="a")}

    assert "candidate: a; stable: b" == question.sample("x", 5.0, answers).problem
