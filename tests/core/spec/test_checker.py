import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
import pytest

from serinus.core.spec import checker
from serinus.core.spec.formats import Duration, Percent


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    length: Duration = "1s"


class Outer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    count: int = 0
    ratio: float = 1.0
    on: bool = False
    inner: Inner = Inner()
    either: str | Inner | None = None
    words: list[str] = []
    pairs: dict[str, int] = {}
    mixed: int | list[str] | dict[str, str] = 0
    free: Any = None
    protocol: Literal["http", "tcp"] = "http"


QUOTES = "; put it in quotes"
DAY = dt.date(26, 1, 1)
GOOD: dict[str, Any] = {"name": "x"}


def told(**given: Any) -> list[str]:
    found, problems = checker.check({**GOOD, **given}, Outer)
    assert (found is None) == bool(problems)
    return [str(problem) for problem in problems]


class Copies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    share: Percent


class Mirrors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mirror: Copies | Percent


@pytest.mark.parametrize(
    ("mirror", "expected"),
    [
        (10, "mirror: '10' is not a percentage; wanted a number with %, such as 5% or 0.1%"),
        ("10", "mirror: '10' is not a percentage; wanted a number with %, such as 5% or 0.1%"),
        ({"share": "x"}, "mirror.share: 'x' is not a percentage; wanted a number with %, such as"),
        ([], "mirror: [] is not a mapping or a text"),
    ],
)
def test_what_may_be_a_text_of_a_format_is_told_what_is_wrong_with_it(
    mirror: Any, expected: str
) -> None:
    (problem,) = checker.check({"mirror": mirror}, Mirrors)[1]

    assert str(problem).startswith(expected)


def test_a_name_that_differs_in_its_case_is_the_nearest() -> None:
    assert "unknown method 'get'; did you mean 'GET'?" == checker.unknown(
        "get", ["SET", "GET"], "method"
    )


def test_what_fits_becomes_the_type() -> None:
    data = {"name": "x", "ratio": 2, "either": {"length": "5m"}, "words": ["a"], "pairs": {"a": 1}}

    assert [] == told(**data, free={"a": [1, None, "x", 1.5, True]})
    assert Outer("x", ratio=2.0) == checker.check({"name": "x", "ratio": 2}, Outer)[0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": None}, "name: nothing is not a text"),
        ({"name": 1.5}, 'name: 1.5 is not a text; put it in quotes: "1.5"'),
        ({"name": True}, 'name: true is not a text; put it in quotes: "true"'),
        ({"name": "a\0"}, "name: 'a\\x00' holds a character that cannot be written"),
        ({"name": "\ud800"}, "name: '\\ud800' holds a character that cannot be written"),
        ({"count": "3"}, "count: '3' is not a whole number; leave the quotes away"),
        ({"count": True}, "count: true is not a whole number"),
        ({"count": 2**53 + 1}, "count: 9007199254740993 is beyond every reason"),
        ({"count": 10**5000}, "count: a int is beyond every reason"),
        ({"ratio": float("inf")}, "ratio: inf is not a number to reckon with"),
        ({"ratio": 1e300}, "ratio: 1e+300 is beyond every reason"),
        ({"ratio": "high"}, "ratio: 'high' is not a number"),
        ({"on": "yes"}, "on: 'yes' is not true or false"),
        ({"on": 1}, "on: 1 is not true or false"),
        ({"inner": []}, "inner: [] is not a mapping"),
        ({"inner": {"lengt": 1}}, "inner.lengt: unknown field 'lengt'; did you mean 'length'?"),
        ({"inner": {"zzz": 1}}, "inner.zzz: unknown field 'zzz'; known: length"),
        ({"inner": {3: 1}}, "inner: the key 3 is not a text; put it in quotes"),
        ({"either": 3}, "either: 3 is not a text or a mapping"),
        ({"either": {"length": True}}, f'either.length: true is not a text{QUOTES}: "true"'),
        ({"words": "a"}, "words: 'a' is not a list"),
        ({"words": ["a", 1]}, 'words[1]: 1 is not a text; put it in quotes: "1"'),
        ({"pairs": [1]}, "pairs: [1] is not a mapping"),
        ({"pairs": {None: 1}}, "pairs: the key nothing is not a text; put it in quotes"),
        ({"pairs": {"\0": 1}}, "pairs: the key '\\x00' holds a character that cannot be written"),
        ({"pairs": {"a b": []}}, 'pairs["a b"]: [] is not a whole number'),
        ({"mixed": 1.5}, "mixed: 1.5 is not a whole number or a list or a mapping"),
        ({"free": [dt.date(26, 1, 1)]}, f'free[0]: the date {DAY} is not a text{QUOTES}: "{DAY}"'),
        ({"free": {(1, 2): 1}}, "free: the key [1,2] is not a text; put it in quotes"),
        ({"free": object()}, "free: a object is not a text"),
    ],
)
def test_what_does_not_fit_is_told_with_its_path(given: dict[str, Any], expected: str) -> None:
    assert [expected] == told(**given)


def test_a_bare_number_where_a_unit_is_wanted_needs_the_unit() -> None:
    assert "'10' is not a duration; wanted a number with ms" in told(inner={"length": 10})[0]


def test_everything_is_told_at_once() -> None:
    found = checker.check({"count": "x", "words": [1], "extra": 1}, Outer)[1]

    assert {"extra", "name", "count", "words[0]"} == {p.path for p in found}
    assert "'name' is missing; wanted a text" in [p.message for p in found]


def test_what_the_walk_misses_is_told_in_the_words_of_the_library() -> None:
    short = Annotated[str, msgspec.Meta(max_length=1)]
    found, problems = checker.check("abc", short)

    assert found is None
    assert ["at: Expected `str` of length <= 1"] == [f"at: {p.message}" for p in problems]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x" * 99, f"'{'x' * 56}…"),
        (float("nan"), "nan"),
        ({"a": (1, 2)}, '{"a":[1,2]}'),
        ({(1,): 2}, "a dict"),
        (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "the date 2026-01-01 00:00:00+00:00"),
    ],
)
def test_a_value_is_shown_in_a_line(value: Any, text: str) -> None:
    assert text == checker.shown(value)


def test_names_that_nobody_knows_are_told_with_the_nearest() -> None:
    assert "unknown fruit 'aple'; did you mean 'apple'?" == checker.unknown(
        "aple", ["apple"], "fruit"
    )
    assert "unknown fruit 'x'; known: none" == checker.unknown("x", [], "fruit")


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("tcp", []),
        ("htp", ["protocol: unknown word 'htp'; did you mean 'http'?"]),
        ("udp-lite", ["protocol: unknown word 'udp-lite'; known: http, tcp"]),
        (1, ['protocol: 1 is not a text; put it in quotes: "1"']),
    ],
)
def test_one_of_a_few_words_is_wanted_where_a_type_lists_them(
    written: object, wrong: list[str]
) -> None:
    assert wrong == told(protocol=written)


class _Ports(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: tuple[str, ...] = ()


def test_a_list_is_taken_where_a_value_that_never_changes_holds_it() -> None:
    found, wrong = checker.check({"names": ["web", "mesh"]}, _Ports)

    assert (_Ports(("web", "mesh")), ()) == (found, wrong)


def test_each_entry_of_such_a_list_is_looked_at() -> None:
    _, wrong = checker.check({"names": ["web", 7]}, _Ports)
    _, none = checker.check({"names": "web"}, _Ports)

    assert ["names[1]"] == [one.path for one in wrong]
    assert ["'web' is not a list"] == [one.message for one in none]
