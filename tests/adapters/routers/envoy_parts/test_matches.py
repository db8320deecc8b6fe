"""How conditions are written down; that Envoy reads them so is counted in tests/e2e."""

from urllib.parse import quote, quote_plus

import pytest
import re2  # type: ignore[import-untyped]  # the wheel has no types
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.routers.envoy_parts import matches
from serinus.core.spec.requests import Condition, Match, Part

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def test_the_conditions_of_all_parts_stand_beside_each_other() -> None:
    found = matches.match(
        Match(
            (
                Condition(Part.HEADER, "x-canary", "always"),
                Condition(Part.COOKIE, "beta", "a.*", pattern=True),
                Condition(Part.QUERY, "beta"),
                Condition(Part.HEADER, "x-tester"),
            )
        )
    )

    assert {
        "prefix": "/",
        "headers": [
            {"name": "x-canary", "string_match": {"exact": "always"}},
            {"name": "x-tester", "present_match": True},
        ],
        "cookies": [{"name": "beta", "string_match": {"safe_regex": {"regex": "a.*"}}}],
        "query_parameters": [{"name": "beta", "present_match": True}],
    } == found


@given(text=TEXTS, other=TEXTS)
def test_a_quoted_text_matches_itself_alone(text: str, other: str) -> None:
    pattern = re2.compile(matches.quoted(text))

    assert pattern.fullmatch(text)
    assert (text == other) == bool(pattern.fullmatch(other))


@given(text=TEXTS, other=TEXTS)
def test_an_encoded_text_matches_however_it_is_encoded(text: str, other: str) -> None:
    pattern = re2.compile(matches.encoded(text))

    assert all(pattern.fullmatch(form) for form in (text, quote(text), quote_plus(text)))
    assert pattern.fullmatch(quote(text, safe="").lower() if text.isascii() else text) or (
        text.lower() != text
    )
    if other not in {text, quote(text), quote_plus(text)} and "%" not in other:
        assert bool(pattern.fullmatch(quote(other, safe=""))) == (text == other)


@pytest.mark.parametrize("value", ["on", "A-b_c.d~1", ""])
def test_a_plain_value_of_a_query_is_compared_as_it_is(value: str) -> None:
    found = matches.match(Match((Condition(Part.QUERY, "beta", value),)))

    assert [{"name": "beta", "string_match": {"exact": value}}] == found["query_parameters"]


@given(data=st.binary(max_size=20))
def test_anything_matches_bytes_that_are_no_text(data: bytes) -> None:
    assert re2.compile(matches.ANYTHING).fullmatch(data)


def test_methods_match_whole() -> None:
    (found,) = matches.methods(("GET", "M-SEARCH"))
    pattern = re2.compile(found["string_match"]["safe_regex"]["regex"])

    assert ":method" == found["name"]
    assert ["GET", "M-SEARCH"] == [
        m for m in ("GET", "GETS", "GE", "M-SEARCH", "M.SEARCH") if pattern.fullmatch(m)
    ]
