from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec
import pytest

from serinus.core.analysis import judge, newlines
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.newlines import NewLines
from serinus.core.analysis.sight import Sight
from serinus.core.spec.delivery import Look, NewLinesCheck
from serinus.core.state.verdict import LookReading, Outcome
from tests.core.analysis import arrivals, numbers
from tests.core.analysis.arrivals import ERRORS
from tests.core.analysis.numbers import LIMITED, MEMORY, QUEUE

NEW = NewLinesCheck("new-errors", "ERROR")


def looking(look: Look, **given: Any) -> Judge:
    found = arrivals.opened((), ERRORS, looks=(look,))
    sight = found.looks[0]
    changed = {name: getattr(sight, name) for name in Sight.__struct_fields__} | given
    return msgspec.structs.replace(found, looks=(Sight(**changed),))


def read(look: Look, **given: Any) -> LookReading:
    return judge.reading(looking(look, **given)).looks[0]


def lines(candidate: Mapping[str, int], stable: Mapping[str, int]) -> NewLines:
    return newlines.count(NewLines(), candidate, stable, (100, 900))


def test_a_look_that_nobody_has_had_yet_is_no_data() -> None:
    assert Outcome.NO_DATA is read(QUEUE).outcome is read(LIMITED).outcome
    assert "queue: nobody has looked yet" == read(QUEUE).sentence


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ({"value": 5.0}, Outcome.PASS),
        ({"value": 12.0, "strikes": 1}, Outcome.INCONCLUSIVE),
        ({"value": 12.0, "strikes": 3}, Outcome.FAIL),
        ({"strikes": 3, "trouble": "no data"}, Outcome.FAIL),
        ({"strikes": 1, "trouble": "no data"}, Outcome.NO_DATA),
        ({"trouble": "refused", "failed": True}, Outcome.ERROR),
    ],
)
def test_a_threshold_has_its_outcome(given: dict[str, Any], outcome: Outcome) -> None:
    assert outcome is read(LIMITED, **given).outcome


def test_a_comparison_without_a_number_is_no_data_or_an_error() -> None:
    assert Outcome.NO_DATA is read(QUEUE, trouble="no data for stable").outcome
    assert Outcome.ERROR is read(QUEUE, trouble="refused", failed=True).outcome


def test_a_comparison_of_few_looks_is_inconclusive_and_shows_both_numbers() -> None:
    found = read(MEMORY, value=3 * 2.0**20, stable_value=4 * 2.0**20)

    assert Outcome.INCONCLUSIVE is found.outcome
    assert (3 * 2.0**20, 4 * 2.0**20, 5 * 2.0**20) == (
        found.value,
        found.stable_value,
        found.limit,
    )
    assert "bytes" == found.unit
    assert found.sentence.startswith("memory 3 MiB against 4 MiB on stable, allowed at most 5 MiB")


def test_a_comparison_whose_evidence_speaks_against_a_regression_passes() -> None:
    random = Random(3)
    past = judge.Past(numbers.past(random))
    found = judge.open(
        arrivals.delivery(ERRORS, looks=(QUEUE,)),
        (),
        plan_seconds=600,
        test=arrivals.RUN,
        past=past,
    )
    found = numbers.watched(found, random, numbers.both(random, -5.0), 30)
    said = judge.reading(found).looks[0]

    assert Outcome.PASS is said.outcome
    assert said.evidence < 1.0


def test_lines_are_judged_once_both_are_heard() -> None:
    assert Outcome.NO_DATA is read(NEW).outcome
    assert Outcome.PASS is read(NEW, lines=lines({"a": 1}, {"a": 1})).outcome
    assert Outcome.FAIL is read(NEW, lines=lines({"a": 3}, {})).outcome


def test_lines_of_which_too_little_or_too_much_is_known_are_no_pass() -> None:
    alone = newlines.count(NewLines(), {"a": 9}, None, (100, 0))
    full = lines({"a": 9}, {str(i): 1 for i in range(newlines.KNOWN + 1)})

    assert Outcome.NO_DATA is read(NEW, lines=alone).outcome
    assert Outcome.INCONCLUSIVE is read(NEW, lines=full).outcome
    assert "" == judge.reading(looking(NEW, lines=full)).halted


def test_what_can_never_be_judged_is_said_with_its_name() -> None:
    found = looking(QUEUE, errors=3, trouble="the query is wrong", failed=True)

    assert "queue: the query is wrong" == judge.reading(found).unknown
    assert "" == judge.reading(looking(QUEUE)).unknown
