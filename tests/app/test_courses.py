from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import anyio
import pytest

from serinus.adapters.memory.metrics import Metrics, Source
from serinus.app import courses
from serinus.app.courses import Courses
from serinus.core.spec.delivery import QueryCheck, Threshold
from serinus.core.state.release import Release
from serinus.core.state.sample import Series
from serinus.core.state.verdict import LookReading, Outcome
from serinus.ports import failures
from tests import builders
from tests.builders import NEW, SHOP

pytestmark = pytest.mark.anyio
RATE = QueryCheck(name="rate", against=Threshold(min=3.0), query='rate{revision="$revision"}')


def release(*checks: QueryCheck, **given: Any) -> Release:
    return builders.release(delivery=builders.delivery(looks=checks or (RATE,)), **given)


def say(query: str, at: float) -> tuple[Series, ...]:
    return (Series({}, ((at, 2.0 if NEW[:10] in query else 4.0),)),)


def asked(source: Source) -> Courses:
    return Courses(Metrics({("local", "prometheus"): source}))


def limits(limit: float) -> Any:
    look = LookReading("rate", Outcome.PASS, "fine", limit=limit)
    return builders.reading(looks=(look,))


async def test_a_line_begins_before_the_release_and_has_both_versions_and_the_limit() -> None:
    (line,) = await asked(Source(say)).of(SHOP, release(), limits(3.0), builders.at(4))

    assert ("rate", "query", 30, 3.0) == (line.check, line.kind, line.seconds, line.limit)
    assert builders.at(-30).timestamp() == line.points[0].at
    assert {(4.0, 2.0)} == {(point.stable, point.candidate) for point in line.points}


async def test_the_last_hours_reach_before_the_release_and_end_with_it() -> None:
    kept = asked(Source(say))
    (now,) = await kept.of(SHOP, release(), None, builders.at(4), timedelta(hours=3))
    ended = release(number=8, ended_at=builders.at(60))
    (then,) = await kept.of(SHOP, ended, None, builders.at(600), timedelta(minutes=15))

    assert courses.MOST + 1 >= len(now.points)
    assert builders.at(4 - 180).timestamp() == pytest.approx(now.points[0].at, abs=now.seconds)
    assert (builders.at(45).timestamp(), builders.at(60).timestamp()) == (
        then.points[0].at,
        then.points[-1].at,
    )


async def test_many_who_look_cost_the_source_as_much_as_one() -> None:
    source = Source(say)
    kept = asked(source)
    await kept.of(SHOP, release(), None, builders.at(4))
    before = len(source.asked)
    await kept.of(SHOP, release(), None, builders.at(4, 5))
    again = len(source.asked)
    await kept.of(SHOP, release(), None, builders.at(5))

    assert before == again < len(source.asked)


async def test_only_some_releases_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courses, "REMEMBERED", 1)
    source = Source(say)
    kept = asked(source)
    asked_for = []
    for number in (1, 2, 1):
        await kept.of(SHOP, release(number=number), None, builders.at(4))
        asked_for.append(len(source.asked))

    assert [1, 2, 3] == [count // asked_for[0] for count in asked_for]


async def test_a_source_that_refuses_or_is_not_there_leaves_no_line() -> None:
    def refuse(query: str, at: float) -> tuple[Series, ...]:
        del query, at
        raise failures.Unavailable("nobody answers")

    assert () == await asked(Source(refuse)).of(SHOP, release(), None, builders.at(4))
    assert () == await Courses(Metrics({})).of(SHOP, release(), None, builders.at(4))


async def test_a_source_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Deaf(Source):
        async def range(
            self, query: str, start: float, end: float, step_s: float
        ) -> tuple[Series, ...]:
            del query, start, end, step_s
            await anyio.sleep_forever()
            return ()

    monkeypatch.setattr(courses, "PATIENCE_S", 0.01)

    assert () == await asked(Deaf(say)).of(SHOP, release(), None, builders.at(4))


@pytest.mark.parametrize(
    "answer",
    [(), (Series({"a": "1"}, ((1.0, 1.0),)), Series({"a": "2"}, ((1.0, 1.0),)))],
)
async def test_no_series_and_several_are_no_points(answer: tuple[Series, ...]) -> None:
    (line,) = await asked(Source(lambda *_: answer)).of(SHOP, release(), None, builders.at(4))

    assert () == line.points


async def test_what_is_no_number_is_a_gap() -> None:
    def odd(query: str, at: float) -> tuple[Series, ...]:
        del query
        return (Series({}, ((at, float("nan")),)),)

    (line,) = await asked(Source(odd)).of(SHOP, release(), None, builders.at(4))

    assert () == line.points


async def test_a_wrong_query_and_a_release_without_one_ask_nothing() -> None:
    source = Source(say)
    wrong = QueryCheck(name="x", against=Threshold(min=1.0), query="rate + $revision")

    assert () == await asked(source).of(SHOP, release(wrong), None, builders.at(4))
    assert () == await asked(source).of(SHOP, builders.release(), None, builders.at(4))
    assert [] == source.asked


async def test_a_question_for_everybody_is_one_line() -> None:
    check = QueryCheck(name="all", against=Threshold(min=1.0), query="sum(rate)")
    (line,) = await asked(Source(say)).of(SHOP, release(check), None, builders.at(4))
    values: set[Mapping[str, float] | tuple[float | None, ...]] = {
        (point.stable, point.candidate) for point in line.points
    }

    assert {(4.0, None)} == values
