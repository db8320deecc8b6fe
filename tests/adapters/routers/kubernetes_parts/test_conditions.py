import pytest
import re2  # type: ignore[import-untyped]  # the wheel has no types

from serinus.adapters.routers.kubernetes_parts import conditions
from serinus.core.spec.requests import Condition, Match, Part


def match(*found: Condition) -> Match:
    return Match(found)


def header(name: str, value: str | None = None, *, pattern: bool = False) -> Condition:
    return Condition(Part.HEADER, name, value, pattern)


def cookie(name: str, value: str | None = None, *, pattern: bool = False) -> Condition:
    return Condition(Part.COOKIE, name, value, pattern)


def regex(*cookies: Condition) -> str:
    folded = conditions.folded(match(*cookies))

    assert folded is not None
    (found,) = folded
    assert (Part.HEADER, "cookie", True) == (found.part, found.name, found.pattern)
    assert found.value is not None
    return found.value


@pytest.mark.parametrize(
    ("found", "folded"),
    [
        ([header("x")], header("x")),
        ([header("x"), header("x", "1")], header("x", "1")),
        ([header("x", "1"), header("x", "1")], header("x", "1")),
        ([header("x", "1"), header("x", "[0-9]", pattern=True)], header("x", "1")),
        ([header("x", "[0-9]", pattern=True), header("x")], header("x", "[0-9]", pattern=True)),
    ],
)
def test_conditions_on_one_name_become_one(found: list[Condition], folded: Condition) -> None:
    assert (folded,) == conditions.folded(match(*found))


@pytest.mark.parametrize(
    "found",
    [
        [header("x", "1"), header("x", "2")],
        [header("x", "1"), header("x", "[a-z]", pattern=True)],
        [header("x", "1.*", pattern=True), header("x", ".*2", pattern=True)],
        [header("cookie", "a=1"), cookie("a", "1")],
        [header("x", "1"), header("x", "[", pattern=True)],
    ],
)
def test_what_nothing_matches_or_nobody_can_say_is_left_out(found: list[Condition]) -> None:
    assert conditions.folded(match(*found)) is None


def test_headers_and_parameters_of_the_same_name_are_two() -> None:
    found = (header("x", "1"), Condition(Part.QUERY, "x", "2"))

    assert found == conditions.folded(Match(found))


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("beta=yes", True),
        ("a=1; beta=yes", True),
        ("a=1;beta=yes;b=2", True),
        ("beta=yesterday", False),
        ("alphabeta=yes", False),
        ("a=beta=yes", False),
        ("beta=no", False),
    ],
)
def test_a_cookie_is_found_among_others_by_its_whole_name_and_value(
    *, sent: str, found: bool
) -> None:
    assert found is (re2.fullmatch(regex(cookie("beta", "yes")), sent) is not None)


@pytest.mark.parametrize("sent", ["a=1; b=2; c=3", "c=3; x=9; b=2; a=1", "b=2;c=3;a=1;z=0"])
def test_cookies_are_found_in_any_order(sent: str) -> None:
    found = regex(cookie("a", "1"), cookie("b"), cookie("c", "[0-9]", pattern=True))

    assert re2.fullmatch(found, sent) is not None
    assert re2.fullmatch(found, sent.replace("a=1", "a=2")) is None
    assert re2.fullmatch(found, sent.replace("b=2", "d=2")) is None


@pytest.mark.parametrize(
    "pattern", [".*beta", r"[^x]*beta", r"\S*.\S*beta", r"(?:\W|\w|\D)*beta", r"[^]]*beta"]
)
def test_a_pattern_for_a_cookie_does_not_run_into_the_next(pattern: str) -> None:
    found = regex(cookie("group", pattern, pattern=True))

    assert re2.fullmatch(found, "group=a-beta; other=1") is not None
    assert re2.fullmatch(found, "group=a; other=beta") is None


@pytest.mark.parametrize("pattern", [r"a\.b", r"\Qa.b\E", "[.]?a[.]b", r"[[:alpha:].]+"])
def test_a_pattern_without_wild_cards_stays_as_it_is(pattern: str) -> None:
    found = regex(cookie("group", pattern, pattern=True))

    assert f"group=(?:{pattern})" in found
    assert re2.fullmatch(rf"group=(?:{pattern})", "group=a.b") is not None


def test_a_quotation_that_is_left_open_ends_with_the_pattern() -> None:
    found = regex(cookie("group", r"\Qa.b", pattern=True))

    assert re2.fullmatch(found, "x=1; group=a.b") is not None


@pytest.mark.parametrize("text", ["a.b", "1+1", "(x)", "[y]", "a|b", "^$", "back\\slash", "{2}"])
def test_a_quoted_text_matches_itself_alone(text: str) -> None:
    assert re2.fullmatch(conditions.quoted(text), text) is not None
    assert re2.fullmatch(conditions.quoted(text), f"{text}x") is None


def test_a_parameter_is_plain_where_nobody_encodes_it() -> None:
    assert conditions.plain(Condition(Part.QUERY, "preview", "v1.2_a~b-c"))
    assert not conditions.plain(Condition(Part.QUERY, "preview", "a/b"))
    assert conditions.plain(header("x", "a/b"))
    assert not conditions.plain(header("x", ""))


def test_the_pattern_of_a_parameter_matches_it_encoded_or_not() -> None:
    found = conditions.regex(Condition(Part.QUERY, "path", "a/b"))

    assert re2.fullmatch(found, "a/b") is not None
    assert re2.fullmatch(found, "a%2Fb") is not None
    assert re2.fullmatch(found, "a.b") is None


def test_a_name_alone_means_any_value() -> None:
    assert ".*" == conditions.regex(header("x"))
