from typing import Any

import pytest
from msgspec.structs import replace

from serinus.adapters.routers.gatewayapi_parts import rules
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Mirror
from tests.adapters.routers.kubernetes_parts.documents import NEW, SITE, split

GROUP = Match((Condition(Part.HEADER, "x-group", "beta"),))
PREVIEW = Match((Condition(Part.QUERY, "preview"),))


def copied(share: int, *methods: str) -> Mirror:
    return Mirror(NEW, share, methods)


def methods(rule: dict[str, Any]) -> list[str | None]:
    return [match.get("method") for match in rule["matches"]]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(15.0, "15s"), (0.25, "250ms"), (2.5, "2s500ms"), (3600.0, "3600s"), (0.0001, "1ms")],
)
def test_times_are_written_without_fractions(seconds: float, text: str) -> None:
    assert text == rules.duration(seconds)


def test_matched_requests_have_their_own_rule_before_all_others() -> None:
    first, last = rules.http(SITE, replace(split(0), matches=(GROUP, PREVIEW), matched=NEW))

    assert ["shop-9876543210"] == [target["name"] for target in first["backendRefs"]]
    assert 2 == len(first["matches"])
    assert [{"path": {"type": "PathPrefix", "value": "/"}}] == last["matches"]
    assert [1000, 0] == [target["weight"] for target in last["backendRefs"]]


def test_a_match_that_nothing_meets_makes_no_rule() -> None:
    never = Match((Condition(Part.HEADER, "x", "1"), Condition(Part.HEADER, "x", "2")))

    assert 1 == len(rules.http(SITE, replace(split(0), matches=(never,), matched=NEW)))


def test_matches_come_for_each_method_that_is_copied_so_that_no_other_rule_wins() -> None:
    route = replace(split(0), matches=(GROUP,), matched=NEW, mirror=copied(100, "GET", "HEAD"))

    found = rules.http(SITE, route)

    assert [["GET", "HEAD"], [None], ["GET", "HEAD"], [None]] == [methods(r) for r in found]
    assert [True, False, True, False] == ["filters" in r for r in found]


def test_copies_of_all_methods_need_no_second_rule() -> None:
    (found,) = rules.http(SITE, replace(split(0), mirror=copied(125)))

    (copier,) = found["filters"]
    assert {"numerator": 125, "denominator": 1000} == copier["requestMirror"]["fraction"]
    assert "shop-9876543210-copies" == copier["requestMirror"]["backendRef"]["name"]


def test_a_share_of_nothing_copies_nothing_even_where_shares_are_not_understood() -> None:
    (found,) = rules.http(SITE, replace(split(0), mirror=copied(0, "GET")))

    assert "filters" not in found


def test_headers_are_changed_on_the_way_to_one_revision_alone() -> None:
    old, new = split(70).backends
    edited = replace(new, edits=Edits((("x-side", "canary"),), ("x-debug", "x-debug")))

    (found,) = rules.http(SITE, replace(split(70), backends=(old, edited)))

    assert "filters" not in found["backendRefs"][0]
    assert [
        {
            "type": "RequestHeaderModifier",
            "requestHeaderModifier": {
                "set": [{"name": "x-side", "value": "canary"}],
                "remove": ["x-debug"],
            },
        }
    ] == found["backendRefs"][1]["filters"]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (Condition(Part.HEADER, "x", "a b"), ("Exact", "a b")),
        (Condition(Part.HEADER, "x"), ("RegularExpression", "^(?:.*)$")),
        (Condition(Part.HEADER, "x", ""), ("RegularExpression", "^(?:)$")),
        (Condition(Part.HEADER, "x", "a|b", pattern=True), ("RegularExpression", "^(?:a|b)$")),
        (Condition(Part.QUERY, "x", "1"), ("Exact", "1")),
        (
            Condition(Part.QUERY, "x", "a%20b"),
            ("RegularExpression", r"^(?:a(?:\x{25}|%(?i:25))20b|a b)$"),
        ),
    ],
)
def test_a_value_is_compared_as_a_whole(condition: Condition, told: tuple[str, str]) -> None:
    route = replace(split(0), matches=(Match((condition,)),), matched=NEW)

    (match,) = rules.http(SITE, route)[0]["matches"]

    (found,) = match.get("headers") or match["queryParams"]
    assert told == (found["type"], found["value"])


def test_calls_are_matched_by_headers_alone() -> None:
    route = replace(split(70), matches=(GROUP, PREVIEW), matched=NEW)

    first, last = rules.grpc(SITE, route)

    headers = [{"name": "x-group", "type": "Exact", "value": "beta"}]
    assert [{"headers": headers}] == first["matches"]
    assert {"backendRefs"} == set(last)


@pytest.mark.parametrize(("chosen", "copies"), [((), 1), (("POST",), 1), (("GET", "HEAD"), 0)])
def test_calls_are_copied_where_the_method_of_all_calls_is(
    chosen: tuple[str, ...], copies: int
) -> None:
    (found,) = rules.grpc(SITE, replace(split(70), mirror=copied(10, *chosen)))

    assert copies == len(found.get("filters", ()))
