import pytest

from serinus.core.errors import Problem
from serinus.core.spec import placeholder

BODY = {
    "plan": [{"traffic": {"candidate": "${start}"}, "hold": None}, "as it is", 5],
    "warmup": "${bake}",
}


def test_whole_values_are_filled_and_kept_in_mind() -> None:
    filled = placeholder.fill(BODY, {"start": "1%", "bake": "5m"}, {"start", "bake"})

    assert {
        "plan": [{"traffic": {"candidate": "1%"}}, "as it is", 5],
        "warmup": "5m",
    } == filled.value
    assert {("plan", 0, "traffic", "candidate"): "start", ("warmup",): "bake"} == filled.used
    assert filled.whole
    assert () == filled.problems


def test_a_value_keeps_its_type() -> None:
    filled = placeholder.fill({"minSamples": "${count}"}, {"count": 500}, {"count"})

    assert {"minSamples": 500} == filled.value


def test_a_declared_parameter_without_a_value_leaves_a_hole_and_no_problem() -> None:
    filled = placeholder.fill(BODY, {"start": "1%"}, {"start", "bake"})

    assert () == filled.problems
    assert not filled.whole


def test_an_undeclared_parameter_is_told_where_it_stands() -> None:
    filled = placeholder.fill(BODY, {"bake": "5m"}, {"bake"})
    message = "unknown parameter 'start'; known: bake"

    assert (Problem("plan[0].traffic.candidate", message),) == filled.problems
    assert not filled.whole


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", ""),
        ("$5 {x}", ""),
        ("${start}", ""),
        ("${start", "'${start' is not closed; wanted a placeholder such as '${start}'"),
        ("a} ${b", "'a} ${b' is not closed; wanted a placeholder such as '${start}'"),
        ("a${b}", "'a${b}' is no placeholder; a placeholder is a whole value such as '${start}'"),
        ("${a b}", "'${a b}' is no placeholder; a placeholder is a whole value such as '${start}'"),
    ],
)
def test_what_looks_like_a_placeholder_and_is_none_is_named(text: str, wrong: str) -> None:
    assert wrong == placeholder.wrong(text)


def test_only_texts_are_placeholders() -> None:
    assert placeholder.name(5) is None
