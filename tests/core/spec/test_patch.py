from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.core.spec import patch

# The examples of RFC 7396, appendix A.
EXAMPLES: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
VALUES = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


@pytest.mark.parametrize(("value", "change", "expected"), EXAMPLES)
def test_merging_obeys_the_examples_of_rfc_7396(value: Any, change: Any, expected: Any) -> None:
    assert expected == patch.merge(value, change)


@given(VALUES, VALUES)
def test_merging_twice_changes_nothing_more(value: Any, change: Any) -> None:
    once = patch.merge(value, change)

    assert once == patch.merge(once, change)


@given(VALUES, VALUES)
def test_merging_leaves_its_arguments_as_they_are(value: Any, change: Any) -> None:
    before = repr((value, change))
    patch.merge(value, change)

    assert before == repr((value, change))


def test_the_leaves_of_a_patch_are_what_it_changes() -> None:
    change: Any = {
        "onFail": {"quarantine": False, "x": {}},
        "plan": [{"switch": {}}],
        "drain": None,
    }
    expected = (("onFail", "quarantine"), ("onFail", "x"), ("plan",), ("drain",))

    assert expected == patch.leaves(change)


@pytest.mark.parametrize(
    ("one", "other", "touching"),
    [
        (("a",), ("a", "b"), True),
        (("a", "b"), ("a",), True),
        (("a", "b"), ("a", "c"), False),
        ((), ("a",), True),
    ],
)
def test_places_touch_where_one_stands_above_the_other(
    one: tuple[str, ...], other: tuple[str, ...], *, touching: bool
) -> None:
    assert touching == patch.touches(one, other)


@pytest.mark.parametrize(
    ("path", "value", "name", "after"),
    [
        (("a",), 2, "", {"a": 2, "b": [1, {"c": 3}]}),
        (("b", 1, "c"), 4, "", {"a": 1, "b": [1, {"c": 4}]}),
        (("b", 2), 4, "", {"a": 1, "b": [1, {"c": 3}, 4]}),
        (("b", 2, "d"), 4, "", {"a": 1, "b": [1, {"c": 3}, {"d": 4}]}),
        (("b", 0), msgspec.UNSET, "", {"a": 1, "b": [{"c": 3}]}),
        (("a", "x"), 4, "", {"a": {"x": 4}, "b": [1, {"c": 3}]}),
        (("a",), msgspec.UNSET, "z", {"z": 1, "b": [1, {"c": 3}]}),
        (("n", "m"), 4, "", {"a": 1, "b": [1, {"c": 3}], "n": {"m": 4}}),
    ],
)
def test_one_place_is_changed_and_the_argument_stays(
    path: tuple[str | int, ...], value: Any, name: str, after: Any
) -> None:
    data = {"a": 1, "b": [1, {"c": 3}]}

    assert after == patch.changed(data, path, value, name)
    assert {"a": 1, "b": [1, {"c": 3}]} == data


def test_what_is_not_there_cannot_be_taken_away() -> None:
    with pytest.raises(KeyError):
        patch.changed({}, ("a",))
    with pytest.raises(IndexError):
        patch.changed({"a": []}, ("a", 3), 1)
