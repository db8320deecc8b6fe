from math import log

import msgspec
import pytest

from serinus.core.analysis import newlines
from serinus.core.analysis.newlines import NewLines

HALF = (500, 500)


def test_a_kind_that_only_the_candidate_writes_is_new_once_it_came_often_enough() -> None:
    found = newlines.count(NewLines(), {"boom": 2, "late <n>": 1}, {"late <n>": 3}, HALF)
    later = newlines.count(found, {"boom": 1}, {}, HALF)

    assert () == newlines.new(found, 3)
    assert (("boom", 3),) == newlines.new(later, 3)


def test_a_kind_that_stable_writes_later_is_not_new_any_more() -> None:
    found = newlines.count(NewLines(), {"boom": 9}, {}, HALF)
    found = newlines.count(found, {"boom": 9}, {"boom": 1}, HALF)

    assert () == newlines.new(found, 1)


def test_what_stable_wrote_before_is_known() -> None:
    found = newlines.know(NewLines(), ["boom"], 200)
    found = newlines.count(found, {"boom": 9}, None, (50, 0))

    assert () == newlines.new(found, 1)
    assert newlines.judged(found)


def test_without_enough_of_stable_nothing_is_judged() -> None:
    alone = newlines.count(NewLines(), {"boom": 9}, None, (500, 500))
    little = newlines.count(NewLines(), {"boom": 9}, {}, (500, 99))

    assert not newlines.judged(alone)
    assert not newlines.judged(little)
    assert newlines.judged(newlines.count(little, {}, {}, (0, 1)))


def test_the_evidence_of_a_kind_is_how_improbable_its_side_is() -> None:
    tenth = newlines.count(NewLines(), {"boom": 3}, {}, (100, 900))

    assert newlines.evidence(tenth, 3) == pytest.approx(3 * log(10))
    assert 0.0 == newlines.evidence(NewLines(), 3)


def test_the_most_frequent_new_kind_comes_first() -> None:
    found = newlines.count(NewLines(), {"b": 4, "a": 4, "c": 9}, {}, HALF)

    assert (("c", 9), ("a", 4), ("b", 4)) == newlines.new(found, 1)


def test_the_memory_is_bounded_and_says_when_it_is_full() -> None:
    many = {f"{'x' * 500} {i}": 1 for i in range(1000)}
    fresh = newlines.count(NewLines(), many, {}, HALF)
    full = newlines.count(NewLines(), {}, many, HALF)

    assert newlines.FRESH == len(fresh.fresh)
    assert max(len(text) for _, text, _ in fresh.fresh) <= newlines.TEXT
    assert newlines.KNOWN == len(full.known)
    assert newlines.judged(fresh)
    assert not newlines.judged(full)
    assert len(msgspec.json.encode(full)) < 10_000


def test_it_comes_back_bit_for_bit() -> None:
    found = newlines.count(NewLines(), {"boom": 2}, {"late <n>": 3}, HALF)

    assert found == msgspec.json.decode(msgspec.json.encode(found), type=NewLines)
