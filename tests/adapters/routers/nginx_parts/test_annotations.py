import re

import pytest

from serinus.adapters.routers.nginx_parts import annotations
from serinus.core.spec.requests import Condition, Match, Part

PREFIX = "nginx.ingress.kubernetes.io/canary"
ALLOWED = r"[-._~a-zA-Z0-9/:^$\[\](){}*+?|&=\\]*"
"""What ingress-nginx allows for in a pattern."""


def chosen(condition: Condition) -> dict[str, str]:
    found = annotations.written(0, (Match((condition,)),))
    return {
        name.removeprefix(f"{PREFIX}-by-"): text for name, text in found.items() if "-by-" in name
    }


def test_a_weight_is_one_of_a_thousand() -> None:
    assert {
        PREFIX: "true",
        f"{PREFIX}-weight": "10",
        f"{PREFIX}-weight-total": "1000",
    } == annotations.written(10, ())


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (
            Condition(Part.HEADER, "x-a", "always-1.0"),
            {"header": "x-a", "header-value": "always-1.0"},
        ),
        (
            Condition(Part.HEADER, "x-a", "a; b"),
            {"header": "x-a", "header-pattern": r"^(?:a\x{3B}\x{20}b)$"},
        ),
        (Condition(Part.HEADER, "x-a", ""), {"header": "x-a", "header-pattern": "^(?:)$"}),
        (Condition(Part.HEADER, "x-a"), {"header": "x-a", "header-pattern": "^(?:.*)$"}),
        (
            Condition(Part.HEADER, "x-a", r"a\;[ ,]\d\\!", pattern=True),
            {"header": "x-a", "header-pattern": r"^(?:(?:a\x{3B}[\x{20}\x{2C}]\d\\\x{21}))$"},
        ),
        (
            Condition(Part.COOKIE, "beta", "yes"),
            {
                "header": "cookie",
                "header-pattern": r"(?:^|\x{3B}\x{20}?)beta=yes(?:\x{3B}|$)",
            },
        ),
    ],
)
def test_a_condition_is_written_with_the_characters_that_are_allowed(
    condition: Condition, expected: dict[str, str]
) -> None:
    found = chosen(condition)

    assert expected == found
    assert re.fullmatch(ALLOWED, found.get("header-pattern", ""))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, (0, 1000)),
        ({PREFIX: "false", f"{PREFIX}-weight": "10"}, (0, 1000)),
        ({PREFIX: "true", f"{PREFIX}-weight": "10", f"{PREFIX}-weight-total": "1000"}, (10, 1000)),
        ({PREFIX: "true", f"{PREFIX}-weight": "10"}, (10, 100)),
        ({PREFIX: "true", f"{PREFIX}-weight": "500"}, (100, 100)),
        ({PREFIX: "true", f"{PREFIX}-weight": "ten"}, (0, 100)),
    ],
)
def test_a_weight_is_read_as_the_controller_takes_it(
    found: dict[str, str], expected: tuple[int, int]
) -> None:
    assert expected == annotations.weights(found)
