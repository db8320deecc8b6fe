from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.errors import Problem
from serinus.core.spec import budgets, checks
from serinus.core.spec.delivery import BURNS, AgainstSlo, Burn


def resolved(most: float = 0.001, **written: Any) -> tuple[AgainstSlo, list[str]]:
    problems: list[Problem] = []
    slo = msgspec.convert({"max": "0.1%", **written}, checks.Slo)
    found = budgets.resolve(slo, most, "slo", problems)
    return found, [str(problem) for problem in problems]


def test_an_objective_without_a_length_has_no_budget() -> None:
    assert (AgainstSlo(0.001, rollback=True), []) == resolved(rollback=True)


def test_the_usual_windows_of_thirty_days_are_those_of_the_book() -> None:
    found, problems = resolved(over="30d", burn="default", freeze=True)

    assert [] == problems
    assert AgainstSlo(0.001, over_s=2_592_000.0, burns=BURNS, freeze=True) == found


@given(st.integers(6, 35))
def test_the_usual_windows_spend_the_same_part_of_every_budget(days: int) -> None:
    found, problems = resolved(over=f"{days}d", burn="default")
    parts = [burn.rate * burn.long_s / found.over_s for burn in found.burns]

    assert [] == problems
    assert pytest.approx([0.02, 0.05, 0.1]) == parts
    assert all(60 <= burn.short_s < burn.long_s for burn in found.burns)


def test_windows_of_ones_own_are_kept() -> None:
    found, problems = resolved(over="7d", burn=[{"long": "1h", "short": "5m", "rate": 10}])

    assert ((Burn(3600.0, 300.0, 10.0),), []) == (found.burns, problems)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            {"burn": "default", "freeze": True},
            [
                "slo.burn: 'burn' needs a budget; wanted its length beside it, such as over: 30d",
                (
                    "slo.freeze: 'freeze' needs a budget; wanted its length beside it, such as "
                    "over: 30d"
                ),
            ],
        ),
        ({"over": "36d"}, ["slo.over: 36d is too long; wanted 1h–35d"]),
        (
            {"over": "7d", "burn": "fast"},
            ["slo.burn: unknown choice 'fast'; wanted default, or a list of windows"],
        ),
        (
            {"over": "1d", "burn": "default"},
            [
                (
                    "slo.burn: windows of a budget of 1d would be shorter than a minute; "
                    "wanted a budget of 6d or more, or a list of windows"
                )
            ],
        ),
        ({"over": "7d", "burn": []}, ["slo.burn: 0 pairs of windows; wanted 1–6"]),
        (
            {"over": "7d", "burn": [{"long": "1h", "short": "5m", "rate": 2}] * 7},
            ["slo.burn: 7 pairs of windows; wanted 1–6"],
        ),
        (
            {"over": "1d", "burn": [{"long": "2d", "short": "5s", "rate": 0}]},
            [
                "slo.burn[0].long: 2d is too long; wanted 1m–1d",
                "slo.burn[0].short: 5s is too short; wanted 1m–1d",
                "slo.burn[0].rate: 0 is out of range; wanted more than 0, at most 1000",
            ],
        ),
        (
            {"over": "1d", "burn": [{"long": "5m", "short": "5m", "rate": 2}]},
            ["slo.burn[0].short: 5m is not shorter than 'long', which is 5m"],
        ),
    ],
)
def test_what_is_no_budget_is_told(written: dict[str, Any], told: list[str]) -> None:
    assert told == resolved(**written)[1]


def test_a_rate_that_no_traffic_can_reach_is_refused() -> None:
    burn = [{"long": "1h", "short": "5m", "rate": 14.4}]

    assert [] == resolved(0.05, over="30d", burn=burn)[1]
    assert [
        "slo.burn[0].rate: 14.4 times 10 % is more than all requests; wanted at most 10"
    ] == resolved(0.1, over="30d", burn=burn)[1]
