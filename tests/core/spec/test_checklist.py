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
)
from serinus.core.spec.limits import Limits


def resolved(*written: dict[str, Any], bounds: tuple[int, ...] = (100, 250)) -> tuple[Check, ...]:
    problems: list[Problem] = []
    given = msgspec.convert(list(written), list[checks.Check])
    found = checklist.resolve(given, Limits(bounds_ms=bounds), problems)
    assert [] == problems
    return found


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
