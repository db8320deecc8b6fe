import re
from typing import Any

import msgspec
import pytest

from serinus.core.spec import matching, steps
from serinus.core.spec.limits import Limits
from serinus.core.spec.requests import Condition, Edits, Goal, Match, Part


def broken(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as problem:
        return f"not a pattern: {problem}"
    return ""


def matches(value: Any) -> steps.Match | list[steps.Match]:
    return msgspec.convert(value, steps.Match | list[steps.Match])


def wrong(value: Any) -> list[str]:
    found = matching.review(matches(value), "match", Limits(pattern=broken))
    return [str(problem) for problem in found]


# --- matches ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "condition"),
    [
        ({"header": "X-Canary=Always"}, Condition(Part.HEADER, "x-canary", "Always")),
        ({"header": "x-canary"}, Condition(Part.HEADER, "x-canary")),
        ({"header": "x-a=b=c"}, Condition(Part.HEADER, "x-a", "b=c")),
        ({"header": "user-agent=~.*Fire(fox)?.*"},
         Condition(Part.HEADER, "user-agent", ".*Fire(fox)?.*", pattern=True)),
        ({"cookie": "Beta=yes"}, Condition(Part.COOKIE, "Beta", "yes")),
        ({"query": "a[]=b%20c"}, Condition(Part.QUERY, "a[]", "b%20c")),
        ({"query": "preview"}, Condition(Part.QUERY, "preview")),
    ],
)  # fmt: skip
def test_a_condition_is_a_name_a_value_or_a_pattern(
    written: dict[str, Any], condition: Condition
) -> None:
    assert [] == wrong(written)
    assert (Match((condition,)),) == matching.resolve(matches(written))


def test_all_of_a_match_and_any_of_several() -> None:
    written = [{"header": "x-a", "cookie": "b"}, {"query": "c"}]
    a, b, c = (Condition(part, name) for part, name in zip(Part, ("x-a", "b", "c"), strict=True))

    assert [] == wrong(written)
    assert (Match((a, b)), Match((c,))) == matching.resolve(matches(written))


def test_an_empty_text_says_nothing_and_a_share_of_nothing_draws_nobody() -> None:
    written = {"header": "x-a", "cookie": "", "query": "", "share": "0%"}

    assert [] == wrong(written)
    assert matching.share(matches(written)) is None
    assert (Match((Condition(Part.HEADER, "x-a"),)),) == matching.resolve(matches(written))


def test_a_share_draws_users_and_no_requests() -> None:
    drawn = matches([{"share": "50%"}])

    assert [] == wrong([{"share": "50%"}])
    assert ("50%", ()) == (matching.share(drawn), matching.resolve(drawn))
    assert [("match[0].share", "50%")] == list(matching.shares(drawn, "match"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x a=b", "'x a' is not the name of a header"),
        ("x-a: b", "'x-a: b' is not the name of a header"),
        ("=b", "'' is not the name of a header"),
        (":path=/", "':path' is not the name of a header"),
        ("x-a=b\r\nx-admin: 1", "holds what is not printable ASCII"),
        ("x-ü", "holds what is not printable ASCII"),
        ("x-a=ü", "holds what is not printable ASCII"),
        ("x-a=", "'x-a=' has an empty value; wanted one, or the name alone"),
        ("x-a=~", "'x-a=~' has an empty pattern; wanted one, or the name alone"),
        ("x-a=~.*", "'x-a=~.*' is true of every value; wanted the name alone, 'x-a'"),
        ("x-a=~(", "not a pattern: missing )"),
        ("x-a=b ", "'b ' is never the value of a header"),
        ("Authorization=Bearer geheim", "'authorization' shows who somebody is"),
        ("cookie", "wanted the key 'cookie' instead"),
        ("x" * 1001, "1001 characters are too many; wanted at most 1000"),
    ],
)
def test_what_no_header_can_be_is_refused(text: str, why: str) -> None:
    (problem,) = wrong({"header": text})

    assert problem.startswith("match.header: ")
    assert why in problem
    assert "geheim" not in problem


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"cookie": "a;b"}, "'a;b' is not the name of a cookie"),
        ({"cookie": "a=b;c"}, "'b;c' is never the value of a cookie; cookies hold no spaces"),
        ({"cookie": 'a="b"'}, "is never the value of a cookie"),
        ({"cookie": "a="}, "has an empty value"),
        ({"query": "a&b=1"}, "'a&b' is not the name of a query parameter"),
        ({"query": "a=b&c"}, "'b&c' is never the value of a query parameter; write it as it"),
        ({"query": "a=b c"}, "'b c' is never the value of a query parameter"),
        ({"query": "a="}, "has an empty value"),
    ],
)
def test_what_no_cookie_and_no_query_can_be_is_refused(written: dict[str, Any], why: str) -> None:
    (problem,) = wrong(written)

    assert why in problem


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ({}, ["match"]),
        ({"share": "0%"}, ["match.share"]),
        ([], ["match"]),
        ([{"header": "x"}, {}], ["match[1]"]),
        ({"share": "50%", "header": "x"}, ["match.share"]),
        ([{"share": "50%"}, {"share": "40%"}], ["match[0].share", "match[1].share"]),
        ([{"share": "50%"}, {"header": "x"}], ["match[0].share"]),
        ([{"header": "x y"}] * 10_000, ["match"]),
    ],
)
def test_what_matches_nothing_or_two_kinds_of_things_is_told_where_it_stands(
    written: Any, places: list[str]
) -> None:
    assert places == [line.partition(": ")[0] for line in wrong(written)]


# --- mirrors ------------------------------------------------------------------------------------


def mirror(value: Any) -> list[str]:
    written = msgspec.convert(value, steps.Mirror | str)
    return [str(problem) for problem in matching.review_mirror(written, "mirror")]


def test_a_mirror_copies_what_only_reads() -> None:
    every = msgspec.convert({"share": "10%"}, steps.Mirror)

    assert [] == mirror("10%")
    assert ("10%", matching.SAFE) == matching.mirror("10%") == matching.mirror(every)
    assert ("mirror", "10%") == matching.copied("10%", "mirror")
    assert ("mirror.share", "10%") == matching.copied(every, "mirror")


def test_a_mirror_of_requests_that_change_things_is_warned_of() -> None:
    (warning,) = mirror({"share": "10%", "methods": ["POST", "GET", "DELETE", "POST"]})

    assert warning.startswith("mirror.methods: warning: a copy of POST or DELETE changes things")
    written = steps.Mirror("10%", ["GET", "POST", "GET"])
    assert ("10%", ("GET", "POST")) == matching.mirror(written)


def test_methods_that_are_none_are_told() -> None:
    assert [
        "mirror.methods[0]: unknown method 'get'; did you mean 'GET'?",
        (
            "mirror.methods[1]: unknown method 'BREW'; known: DELETE, GET, HEAD, OPTIONS, PATCH, "
            "POST, PUT"
        ),
    ] == mirror({"share": "10%", "methods": ["get", "BREW"]})
    (problem,) = mirror({"share": "10%", "methods": []})
    assert problem.startswith("mirror.methods: no method is left; wanted some of GET, HEAD")
    assert 1 == len(mirror({"share": "10%", "methods": ["x"] * 10_000}))


# --- headers ------------------------------------------------------------------------------------


def headers(value: Any) -> list[str]:
    found = matching.review_headers(msgspec.convert(value, steps.Headers))
    return [str(problem) for problem in found]


def test_headers_are_set_and_removed() -> None:
    written = {"set": {"X-Version": "v2", "x-a": ""}, "remove": ["X-Debug", "x-debug", "cookie"]}

    assert [] == headers(written)
    assert Edits((("x-a", ""), ("x-version", "v2")), ("cookie", "x-debug")) == matching.edits(
        msgspec.convert(written, steps.Headers)
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"set": {"Host": "x"}}, "headers.set.Host: 'Host' belongs to the request itself"),
        ({"set": {"x y": "1"}}, "headers.set[\"x y\"]: 'x y' is not the name of a header"),
        ({"set": {"X-Envoy-Upstream": "1"}}, "headers.set.X-Envoy-Upstream: 'X-Envoy-Upstream' be"),
        ({"set": {"X-A": "1", "x-a": "2"}}, "headers.set.x-a: 'x-a' is set twice"),
        ({"set": {"x-a": "a\r\nb: c"}}, "headers.set.x-a: 'a\\r\\nb: c' cannot be a header's"),
        ({"set": {"x-a": "ü"}}, "headers.set.x-a: 'ü' cannot be a header's value"),
        ({"set": {"Authorization": "geheim"}}, "headers.set.Authorization: 'authorization' shows"),
        ({"set": {"cookie": "geheim"}}, "headers.set.cookie: 'cookie' shows who somebody is"),
        ({"set": {"x-a": "1"}, "remove": ["X-A"]}, "headers.remove[0]: 'X-A' is set and removed"),
        ({"remove": ["content-length"]}, "headers.remove[0]: 'content-length' belongs to the"),
        ({"remove": ["x"] * 21}, "headers: 21 edits; wanted at most 20"),
    ],
)
def test_what_breaks_a_request_is_not_edited(written: dict[str, Any], expected: str) -> None:
    (problem,) = headers(written)

    assert problem.startswith(expected)
    assert "geheim" not in problem


# --- goals --------------------------------------------------------------------------------------


def goals(*written: dict[str, Any], strategy: str = "abTest") -> list[str]:
    found = matching.review_goals(msgspec.convert(list(written), list[steps.Goal]), strategy)
    return [str(problem) for problem in found]


def test_goals_are_paths_and_methods() -> None:
    written: list[dict[str, Any]] = [
        {"name": "paid", "path": "/thanks"},
        {"name": "order", "path": "/orders/*", "methods": ["POST", "POST"]},
    ]

    assert [] == goals(*written)
    assert (Goal("paid", "/thanks"), Goal("order", "/orders/*", ("POST",))) == matching.goals(
        msgspec.convert(written, list[steps.Goal])
    )
    assert ["goals: goals are what an abTest measures; canary has none"] == goals(
        *written, strategy="canary"
    )


@pytest.mark.parametrize(
    "path", ["", "thanks", "/a*b", "/**", "/a?b=1", "/a#b", "/a b", "/ü", "/\n", "/" * 1001, "*"]
)
def test_what_no_request_asks_for_is_no_goal(path: str) -> None:
    (problem,) = goals({"name": "g", "path": path})

    assert problem.startswith("goals[0].path: ")
    assert "is not a path; wanted one without its query, such as /checkout" in problem


def test_goals_have_names_of_their_own_and_an_end() -> None:
    goal = {"name": "g", "path": "/"}

    assert ["goals[1].name: two goals are called 'g'"] == goals(goal, goal)
    assert ["goals: 1000 goals; wanted at most 20"] == goals(*[goal] * 1000)
    assert ["goals[0].methods[0]: unknown method 'post'; did you mean 'POST'?"] == goals(
        {**goal, "methods": ["post"]}
    )
