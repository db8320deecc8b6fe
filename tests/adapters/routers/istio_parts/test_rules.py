from typing import Any

import pytest
from msgspec.structs import replace

from serinus.adapters.routers.istio_parts import rules
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.traffic import Mirror, Route
from tests.adapters.routers.kubernetes_parts.documents import NEW, SITE, split

GROUP = Match((Condition(Part.HEADER, "x-group", "beta"),))
DOMAIN = "cluster.local"


def http(route: Route) -> list[dict[str, Any]]:
    return rules.http(SITE, DOMAIN, route)


def weights(rule: dict[str, Any]) -> list[int]:
    return [target["weight"] for target in rule["route"]]


def test_weights_are_per_mille() -> None:
    (found,) = http(split(7))

    assert [993, 7] == weights(found)
    assert "match" not in found
    assert "15.000s" == found["timeout"]


def test_only_what_no_replica_has_seen_is_tried_again() -> None:
    (found,) = http(split(7))

    assert "connect-failure,refused-stream" == found["retries"]["retryOn"]


def test_matched_requests_come_first() -> None:
    first, last = http(replace(split(0), matches=(GROUP,), matched=NEW))

    assert [{"headers": {"x-group": {"exact": "beta"}}}] == first["match"]
    assert [1000] == weights(first)
    assert [1000, 0] == weights(last)


def test_a_match_that_nothing_meets_makes_no_route() -> None:
    never = Match((Condition(Part.HEADER, "x", "1"), Condition(Part.HEADER, "x", "2")))

    assert 1 == len(http(replace(split(0), matches=(never,), matched=NEW)))


def test_copies_of_some_methods_come_before_the_same_without() -> None:
    mirror = Mirror(NEW, 125, ("GET", "HEAD"))

    found = http(replace(split(0), matches=(GROUP,), matched=NEW, mirror=mirror))

    assert ["GET|HEAD", None, "GET|HEAD", None] == [
        r.get("match", [{}])[0].get("method", {}).get("regex") for r in found
    ]
    assert [12.5, None, 12.5, None] == [
        r["mirrors"][0]["percentage"]["value"] if "mirrors" in r else None for r in found
    ]


@pytest.mark.parametrize(("share", "copies"), [(0, 0), (1, 1)])
def test_copies_of_all_methods_need_no_second_route(share: int, copies: int) -> None:
    (found,) = http(replace(split(0), mirror=Mirror(NEW, share)))

    assert copies == len(found.get("mirrors", ()))


def test_headers_are_set_as_they_are_written() -> None:
    old, new = split(70).backends
    edited = replace(new, edits=Edits((("x-side", "100% canary"),), ("x-debug",)))

    (found,) = http(replace(split(70), backends=(old, edited)))

    assert "headers" not in found["route"][0]
    assert {"set": {"x-side": "100%% canary"}, "remove": ["x-debug"]} == found["route"][1][
        "headers"
    ]["request"]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (Condition(Part.HEADER, "x", "a b"), {"exact": "a b"}),
        (Condition(Part.HEADER, "x"), {}),
        (Condition(Part.HEADER, "x", ""), {"regex": "^$"}),
        (Condition(Part.QUERY, "x", "a|b", pattern=True), {"regex": "a|b"}),
        (Condition(Part.QUERY, "x", "a b"), {"regex": r"a(?:\x{20}|%(?i:20)|\+)b"}),
    ],
)
def test_a_value_is_compared_as_a_whole(condition: Condition, told: dict[str, str]) -> None:
    first, _ = http(replace(split(0), matches=(Match((condition,)),), matched=NEW))

    (match,) = first["match"]
    (place,) = match.values()
    assert {"x": told} == place


def test_of_connections_only_the_weights_are_told() -> None:
    (found,) = rules.tcp(SITE, DOMAIN, split(7))

    assert {"route"} == set(found)
    assert [993, 7] == weights(found)
