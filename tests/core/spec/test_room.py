from typing import Any

import msgspec
import pytest

from serinus.core.spec import room
from serinus.core.spec.delivery import Surge
from serinus.core.spec.template import Body

HALF = [{"traffic": {"candidate": "50%"}}]


def written(bound: Any, strategy: str = "canary", plan: list[Any] = HALF) -> Body:
    return msgspec.convert({"strategy": strategy, "plan": plan, "maxSurge": bound}, Body)


@pytest.mark.parametrize(
    ("expected", "bound"),
    [(None, None), (Surge(replicas=2), 2), (Surge(per_mille=250), "25%")],
)
def test_a_bound_is_a_number_of_replicas_or_a_part_of_them(
    expected: Surge | None, bound: int | str | None
) -> None:
    assert expected == room.resolve(written(bound))
    assert [] == list(room.review(written(bound)))


@pytest.mark.parametrize(
    ("expected", "bound"),
    [
        ("0 replicas on top cannot be; wanted 1–1000: the candidate needs one", 0),
        ("1001 replicas on top cannot be; wanted 1–1000: the candidate needs one", 1001),
        ("0% of the replicas on top cannot be; wanted 0.1%–100%", "0%"),
        ("101% of the replicas on top cannot be; wanted 0.1%–100%", "101%"),
        ("2.55% is finer than 0.1%", "2.55%"),
    ],
)
def test_a_bound_has_a_range(expected: str, bound: int | str) -> None:
    (problem,) = room.review(written(bound))

    assert ("maxSurge", expected) == (problem.path, problem.message)


@pytest.mark.parametrize(
    ("expected", "strategy"),
    [
        ("the whole candidate runs beside stable there", "blueGreen"),
        ("its step 'replace' has a maxSurge of its own", "rolling"),
        ("it is for plans whose traffic goes in steps", "another"),
    ],
)
def test_where_nothing_can_be_given_up_a_bound_is_refused(expected: str, strategy: str) -> None:
    (problem,) = room.review(written(1, strategy))

    assert f"'maxSurge' bounds a canary; {expected}" == problem.message


def test_copies_and_a_bound_do_not_go_together() -> None:
    (problem,) = room.review(written(1, plan=[{"mirror": "5%"}, *HALF]))

    assert "copies need replicas beside all that stable serves" in problem.message
