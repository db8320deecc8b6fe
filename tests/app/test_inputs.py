from typing import Any

import pytest

from serinus.app import inputs
from serinus.app.level import ABSENT


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("v1", "text", "v1"),
        (3, "integer", "3"),
        (1.25, "number", "1.25"),
        (True, "choice", "true"),
        (None, "text", "-"),
        (["./shop", "--name", "a b"], "words", "./shop --name 'a b'"),
        (["a.txt", "b.txt"], "lines", "a.txt\nb.txt"),
        ({"a": 1}, "text", '{"a":1}'),
    ],
)
def test_a_value_is_shown_as_it_would_be_typed_and_read_back(
    value: Any, kind: str, text: str
) -> None:
    assert text == inputs.shown(value, kind)
    if kind != "choice" and not isinstance(value, dict):
        assert value == inputs.read(text, kind)


def test_nothing_is_shown_as_nothing() -> None:
    assert not inputs.shown(ABSENT)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("5", "percent", "5%"),
        ("5 %", "percent", "5 %"),
        ("many", "percent", "many"),
        ("three", "integer", "three"),
        (" 3 ", "integer", 3),
        ("true", "boolean", True),
        ("./shop 'torn", "words", "./shop 'torn"),
        ("a\r\n\r\n b \r\n", "lines", ["a", "b"]),
    ],
)
def test_what_was_typed_is_read_as_far_as_it_can_be(text: str, kind: str, value: Any) -> None:
    assert value == inputs.read(text, kind)


def test_a_command_that_was_one_text_stays_one() -> None:
    assert "./shop -v" == inputs.read("./shop -v", "words", "./shop")
    assert ["./shop", "-v"] == inputs.read("./shop -v", "words", ["./shop"])


def test_line_ends_and_blanks_of_a_page_are_no_change() -> None:
    assert inputs.same("a\nb", " a\r\nb \r\n")
    assert not inputs.same("a\nb", "a b")
