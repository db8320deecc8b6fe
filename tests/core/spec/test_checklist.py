from typing import Any

import msgspec
import pytest

from serinus.core.errors import Problem
from serinus.core.spec import checklist, checks
from serinus.core.spec.delivery import (
    AgainstSlo,
    AgainstStable,
    Check,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
    NetworkCheck,
    NewLinesCheck,
)
from serinus.core.spec.limits import Limits
from serinus.core.spec.template import Body


def resolved(*written: dict[str, Any], bounds: tuple[int, ...] = (100, 250)) -> tuple[Check, ...]:
    problems: list[Problem] = []
    given = msgspec.convert(list(written), list[checks.Check])
    found, _ = checklist.resolve(given, 3, Limits(bounds_ms=bounds), problems)
    assert [] == problems
    return found


def wrong(*written: dict[str, Any]) -> list[str]:
    problems: list[Problem] = []
    checklist.resolve(msgspec.convert(list(written), list[checks.Check]), 3, Limits(), problems)
    return [str(problem) for problem in problems]


STABLE = AgainstStable(1.25, 0.0002)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            {"use": "golden-signals"},
            (ErrorsCheck("errors", STABLE), LatencyCheck("latency", STABLE)),
        ),
        (
            {
                "use": "golden-signals",
                "with": {"ratio": "2", "plus": "1%", "latencyBound": "100ms"},
            },
            (
                ErrorsCheck("errors", AgainstStable(2.0, 0.01)),
                LatencyCheck("latency", AgainstStable(2.0, 0.01), (100,)),
            ),
        ),
        ({"errors": {}}, (ErrorsCheck("errors", STABLE, 0.5),)),
        (
            {"errors": {"slo": {"max": "1%", "rollback": True}}, "name": "budget", "weight": 2},
            (ErrorsCheck("budget", AgainstSlo(0.01, rollback=True), 2.0),),
        ),
        (
            {"latency": {"bound": "250ms", "stable": {"ratio": 1.5, "plus": "0.1%"}}},
            (LatencyCheck("latency", AgainstStable(1.5, 0.001), (250,), 0.25),),
        ),
        ({"latency": {}}, (LatencyCheck("latency", STABLE),)),
        (
            {"latency": {"bound": "100ms", "slo": {"max": "5%"}}},
            (LatencyCheck("latency", AgainstSlo(0.05), (100,)),),
        ),
        ({"logs": {"pattern": "ERROR"}}, (LogCheck("logs", STABLE, "ERROR", 0.25),)),
        ({"network": {}}, (NetworkCheck("network", STABLE, 0.25),)),
        (
            {"network": {"slo": {"max": "1%", "over": "7d"}}, "name": "wire"},
            (NetworkCheck("wire", AgainstSlo(0.01, over_s=604_800.0), 0.25),),
        ),
        (
            {"logs": {"pattern": "E", "slo": {"max": "1%"}}, "name": "e", "weight": 3},
            (LogCheck("e", AgainstSlo(0.01), "E", 3.0),),
        ),
    ],
)
def test_a_check_becomes_what_the_judge_compares(
    written: dict[str, Any], expected: tuple[Check, ...]
) -> None:
    assert expected == resolved(written)


def test_a_platform_that_names_no_bounds_counts_at_all_of_them() -> None:
    (found,) = resolved({"latency": {"bound": "123ms"}}, bounds=())

    assert isinstance(found, LatencyCheck)
    assert (123,) == found.bounds_ms


def test_counts_and_looks_come_apart() -> None:
    written = [{"errors": {}}, {"newLines": {"pattern": "ERROR"}}]
    given = msgspec.convert(written, list[checks.Check])

    assert (
        (ErrorsCheck("errors", STABLE, 0.5),),
        (NewLinesCheck("new-lines", "ERROR"),),
    ) == checklist.resolve(given, 3, Limits(), [])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            [{"errors": {}}, {"logs": {"pattern": "x"}, "name": "errors"}],
            "checks[1].name: two checks are called 'errors'; wanted another name",
        ),
        (
            [{"logs": {"pattern": "x"}}, {"errors": {}}, {"logs": {"pattern": "y"}}],
            "checks[2]: two checks are called 'logs'; give this one a name of its own",
        ),
        (
            [{"errors": {}}, {"use": "golden-signals"}],
            "checks[1]: two checks are called 'errors'; give the other one a name of its own",
        ),
        (
            [{"errors": {}, "name": "memory"}, {"resources": {}}],
            "checks[1]: two checks are called 'memory'; give this one a name of its own",
        ),
        (
            [
                {"newLines": {"pattern": "x"}, "name": "new"},
                {"query": {"promql": "up", "max": 1}, "name": "new"},
            ],
            "checks[1].name: two checks are called 'new'; wanted another name",
        ),
    ],
)
def test_a_name_that_is_taken_is_told_at_the_second_check(
    written: list[dict[str, Any]], expected: str
) -> None:
    assert [expected] == wrong(*written)


def test_log_lines_have_no_budget() -> None:
    logs = {"pattern": "E", "slo": {"max": "1%", "over": "7d"}}

    (told,) = wrong({"logs": logs})

    assert told.startswith("checks[0].logs.slo.over: log lines have no budget")


def test_checks_without_end_are_refused() -> None:
    many = [{"errors": {}, "name": f"e{n}"} for n in range(51)]

    assert ["checks: 51 checks; wanted at most 50"] == wrong(*many)


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ({"errors": {"slo": {"max": "2%"}}}, []),
        ({"newLines": {"pattern": "x"}}, []),
        ({"errors": {}}, ["checks[0]"]),
        ({"logs": {"pattern": "x", "stable": {}}}, ["checks[0]"]),
        ({"use": "golden-signals"}, ["checks[0]"]),
    ],
)
def test_an_ab_test_is_not_compared_request_by_request(
    check: dict[str, Any], told: list[str]
) -> None:
    body = {"strategy": "abTest", "plan": [], "checks": [check]}
    found = checklist.fitting(msgspec.convert(body, Body))

    assert told == [problem.path for problem in found]
