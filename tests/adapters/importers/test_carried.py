from typing import Any

import pytest

from serinus.adapters.importers import carried
from serinus.adapters.importers.carried import Notes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("success-rate", "success-rate"),
        ("P99 Latency (ms)", "p99-latency-ms"),
        ("---", "metric"),
        (None, "metric"),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_name_is_made_one_and_every_change_is_told(text: object, name: str) -> None:
    notes = Notes()

    assert name == carried.name(text, "metrics[0].name", notes)
    assert (name != text) == bool(notes.found)


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3.0), (0.5, 0.5), (" 4 ", 4.0), ("-1", -1.0), ("4x", None), (True, None), (None, None)],
)
def test_numbers_may_be_written_as_texts(value: object, number: float | None) -> None:
    assert number == carried.number(value)


def test_what_has_not_its_form_is_told_and_left_out() -> None:
    notes = Notes()

    assert {} == carried.mapping([1], "spec", notes)
    assert [] == list(carried.items("all", "metrics", notes))
    assert [("m[1]", {"name": "b"})] == list(carried.items([3, {"name": "b"}], "m", notes))
    assert ["spec", "metrics", "m[0]"] == [note.path for note in notes.found]


def test_keys_that_nobody_knows_are_told_as_well() -> None:
    notes = Notes()
    notes.each({"name": "a", "address": "b", "odd": 1}, "p", ("name",), {"address": "elsewhere"})

    assert [("p.address", "elsewhere"), ("p.odd", "it means nothing here")] == [
        (note.path, note.message) for note in notes.found
    ]


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({"name": "a", "query": {"promql": "up", "min": 1}}, ""),
        ({"name": "a", "query": {"promql": "up"}}, "it is compared with 'min' and 'max'"),
        ({"name": "A a", "query": {"promql": 'up{a="$revisio"}', "min": 1}}, "'revisio'"),
        ({"query": {"promql": "up", "least": 1}}, "unknown field 'least'"),
    ],
)
def test_a_check_that_would_be_refused_is_told_why(check: dict[str, Any], said: str) -> None:
    assert said in carried.wrong(check)
    assert bool(said) == bool(carried.wrong(check))
