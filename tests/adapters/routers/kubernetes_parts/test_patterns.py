import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.routers.kubernetes_parts import patterns
from serinus.core.spec.requests import Condition, Part


def python(expression: str) -> str:
    """Write it as Python does, which knows no braces after ``\\x``."""
    return re.sub(r"\\x\{([0-9A-F]+)\}", lambda found: f"\\U{int(found[1], 16):08x}", expression)


@given(st.text())
def test_a_quoted_text_matches_itself_alone(text: str) -> None:
    assert re.fullmatch(python(patterns.quoted(text)), text)
    assert not re.fullmatch(python(patterns.quoted(text)), text + "x")


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (Condition(Part.HEADER, "x", "a.b"), "a.b", True),
        (Condition(Part.HEADER, "x", "a.b"), "aXb", False),
        (Condition(Part.HEADER, "x", "a|b", pattern=True), "b", True),
        (Condition(Part.HEADER, "x", "a|b", pattern=True), "bb", False),
        (Condition(Part.HEADER, "x"), "", True),
    ],
)
def test_the_whole_of_a_header_is_compared(
    condition: Condition, value: str, *, expected: bool
) -> None:
    assert expected == bool(re.search(python(patterns.header(condition)), value))


@pytest.mark.parametrize(
    ("condition", "sent", "expected"),
    [
        (Condition(Part.COOKIE, "beta", "yes"), "beta=yes", True),
        (Condition(Part.COOKIE, "beta", "yes"), "a=1; beta=yes; c=2", True),
        (Condition(Part.COOKIE, "beta", "yes"), "a=1;beta=yes", True),
        (Condition(Part.COOKIE, "beta", "yes"), "beta=yesterday", False),
        (Condition(Part.COOKIE, "beta", "yes"), "alphabeta=yes", False),
        (Condition(Part.COOKIE, "beta", "yes"), "a=beta=yes", False),
        (Condition(Part.COOKIE, "beta"), "a=1; beta=", True),
        (Condition(Part.COOKIE, "beta"), "a=1", False),
        (Condition(Part.COOKIE, "beta", "[0-9]+", pattern=True), "beta=12; a=b", True),
        (Condition(Part.COOKIE, "beta", "[0-9]+", pattern=True), "beta=12a; a=b", False),
    ],
)
def test_a_cookie_is_found_by_its_whole_name(
    condition: Condition, sent: str, *, expected: bool
) -> None:
    assert expected == bool(re.search(python(patterns.cookie(condition)), sent))
