from typing import Any

import msgspec
import pytest

from serinus.core.errors import Problem
from serinus.core.spec import checks, looks
from serinus.core.spec.delivery import (
    Compared,
    Look,
    NewLinesCheck,
    QueryCheck,
    Threshold,
    UsageCheck,
)
from serinus.core.spec.limits import Limits


def resolved(written: dict[str, Any]) -> tuple[list[Look], list[str]]:
    problems: list[Problem] = []
    limits = Limits(pattern=lambda text: "not a pattern" if "(" in text else "")
    found = looks.resolve(msgspec.convert(written, checks.Check), 3, limits, "checks[0]", problems)
    return found, [str(problem).removeprefix("checks[0]") for problem in problems]


BOTH = 'rate(sold{revision="$revision"}[$window])'
UP = 'up{application="$application", environment="$environment"}'


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            {"query": {"promql": UP, "min": 1}, "name": "up"},
            [QueryCheck("up", Threshold(1.0, None, 3), UP)],
        ),
        (
            {
                "query": {"promql": UP, "min": 1, "max": 1, "strikes": 5, "every": "1m"},
                "name": "up",
            },
            [QueryCheck("up", Threshold(1.0, 1.0, 5), UP, every_s=60.0)],
        ),
        (
            {
                "query": {"promql": BOTH, "stable": {"worse": "lower", "plus": 2}},
                "name": "sold",
                "weight": 1,
            },
            [QueryCheck("sold", Compared(1.25, 2.0, higher=False), BOTH, weight=1.0)],
        ),
        ({"newLines": {"pattern": "ERROR"}}, [NewLinesCheck("new-lines", "ERROR", 3)]),
        (
            {"newLines": {"pattern": "ERROR", "times": 1}, "name": "fresh"},
            [NewLinesCheck("fresh", "ERROR", 1)],
        ),
        (
            {"resources": {}},
            [
                UsageCheck("memory", Compared(1.25, looks.PLUS["memory"]), "memory"),
                UsageCheck("cpu", Compared(1.25, looks.PLUS["cpu"]), "cpu"),
            ],
        ),
        (
            {"resources": {"only": ["cpu"], "stable": {"ratio": 2, "plus": 0}}, "name": "work"},
            [UsageCheck("work", Compared(2.0, 0.0), "cpu")],
        ),
        ({"errors": {}}, []),
    ],
)
def test_a_look_becomes_what_is_measured(written: dict[str, Any], expected: list[Look]) -> None:
    assert (expected, []) == resolved(written)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"promql": " ", "max": 1}, [".query.promql: it is empty, or longer than 4,000"]),
        ({"promql": "x" * 4001, "max": 1}, [".query.promql: it is empty, or longer than 4,000"]),
        ({"promql": "up"}, [".query: it is compared with 'min' and 'max', or with 'stable'"]),
        (
            {"promql": BOTH, "max": 1, "stable": {}},
            [".query: it is compared with 'min' and 'max', or with 'stable'"],
        ),
        ({"promql": "up", "stable": {}}, [".query.promql: it is the same for both arms"]),
        ({"promql": "up", "min": 2, "max": 1}, [".query.min: 2 is above max, 1"]),
        (
            {"promql": "up", "max": 1, "every": "10ms", "strikes": 0},
            [".query.every: 10ms is too short", ".query.strikes: 0 is out of range"],
        ),
        (
            {"promql": "rate(sold{r=$revision}[5m])", "stable": {}},
            [".query.promql: $revision stands outside of quotes; write it as a text, such as"],
        ),
        (
            {"promql": BOTH, "stable": {}, "strikes": 2},
            [".query.strikes: strikes belong to min and max"],
        ),
        (
            {"promql": BOTH, "stable": {"ratio": 0.5, "plus": -1, "worse": "higer"}},
            [
                ".query.stable.ratio: 0.5 is out of range",
                ".query.stable.plus: -1 is out of range",
                ".query.stable.worse: unknown choice 'higer'; did you mean 'higher'?",
            ],
        ),
        (
            {"promql": 'up{r="$revison"} / $__rate_interval', "max": 1},
            [
                ".query.promql: unknown name 'revison'; did you mean 'revision'?",
                ".query.promql: unknown name '__rate_interval'; known: application,",
            ],
        ),
    ],
)
def test_a_query_that_says_nothing_is_told_why(query: dict[str, Any], told: list[str]) -> None:
    _, found = resolved({"query": query, "name": "q"})

    assert len(told) == len(found)
    assert all(line.startswith(wanted) for line, wanted in zip(found, told, strict=True)), found


def test_a_query_has_a_name() -> None:
    _, found = resolved({"query": {"promql": "up", "max": 1}})

    assert [": a query needs a name, under which people see it: name: checkout-rate"] == found


def test_groups_of_a_regular_expression_are_no_names() -> None:
    promql = 'label_replace(up, "a", "$1$name", "b", "(?P<name>.*)(.)") + foo{a=~"b$"}'

    assert [] == resolved({"query": {"promql": promql, "max": 1}, "name": "q"})[1]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"only": []}, [".resources.only: nothing is left; wanted some of memory, cpu"]),
        (
            {"only": ["cpu", "cpu"]},
            [".resources.only: the same is there twice; wanted some of memory, cpu"],
        ),
        (
            {"only": ["disk"]},
            [".resources.only[0]: unknown resource 'disk'; known: cpu, memory"],
        ),
        (
            {"stable": {"ratio": 0, "worse": "lower"}},
            [
                ".resources.stable.worse: to take more is worse; leave it away",
                ".resources.stable.ratio: 0 is out of range; wanted 1 (as good as stable) to 100",
            ],
        ),
        (
            {"stable": {"plus": 10_000_000}},
            [
                (
                    ".resources.stable.plus: it is bytes of memory and seconds of CPU at once; "
                    "wanted two checks, one with only: [memory] and one with only: [cpu]"
                )
            ],
        ),
    ],
)
def test_what_is_no_resource_is_told(written: dict[str, Any], told: list[str]) -> None:
    assert told == resolved({"resources": written})[1]


def test_two_resources_have_their_own_names() -> None:
    assert [".name: 'name' is for one of them; two checks are called memory and cpu"] == resolved(
        {"resources": {}, "name": "machine"}
    )[1]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"newLines": {"pattern": ""}}, [".newLines.pattern: the pattern is empty"]),
        ({"newLines": {"pattern": "("}}, [".newLines.pattern: not a pattern"]),
        (
            {"newLines": {"pattern": "x" * 4001}},
            [".newLines.pattern: 4001 characters are too many; wanted at most 4000"],
        ),
        (
            {"newLines": {"pattern": "x", "times": 0}, "weight": 1},
            [
                ".weight: 'weight' means nothing beside 'newLines': it holds, and judges nothing",
                ".newLines.times: 0 is out of range; wanted 1–1000",
            ],
        ),
    ],
)
def test_new_lines_need_a_pattern(written: dict[str, Any], told: list[str]) -> None:
    assert told == resolved(written)[1]
