import pytest

from serinus.adapters.memory.metrics import Metrics, Source
from serinus.core.state.sample import Series
from serinus.ports import failures


def rising(query: str, at: float) -> tuple[Series, ...]:
    return (Series({"query": query}, ((at, at / 10),)),)


async def test_a_function_answers_and_questions_are_kept() -> None:
    source = Source(rising)

    found = await source.instant("up", 20.0)

    assert (Series({"query": "up"}, ((20.0, 2.0),)),) == found
    assert [("up", 20.0)] == source.asked


async def test_a_range_is_what_the_function_says_of_each_instant() -> None:
    found = await Source(rising).range("up", 10.0, 30.0, 10.0)

    assert (Series({"query": "up"}, ((10.0, 1.0), (20.0, 2.0), (30.0, 3.0))),) == found


def test_a_source_is_found_in_its_environment_alone() -> None:
    source = Source(rising)
    metrics = Metrics({("local", "prometheus"): source})

    assert source is metrics.source("local", "prometheus")
    with pytest.raises(failures.Rejected, match="known: none"):
        metrics.source("prod", "prometheus")
