from typing import Any

from serinus.adapters.routers.envoy_parts import names, table
from serinus.core.spec.requests import Condition, Edits, Match, Part
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Mirror, Route, Sticky

KEY = Key("shop", "local")
ONE, TWO = "1" * 64, "2" * 64
CLUSTER_ONE, CLUSTER_TWO = names.cluster_name(KEY, ONE), names.cluster_name(KEY, TWO)
CANARY = Match((Condition(Part.HEADER, "x-canary"),))
STICKY = Sticky("who", 3600.0)


def host(**changes: Any) -> dict[str, Any]:
    backends = (Backend(ONE, 900), Backend(TWO, 100))
    return table.virtual_host(
        KEY, Route("shop", "local", "shop.localhost", **({"backends": backends} | changes))
    )


def kinds(found: dict[str, Any]) -> list[str]:
    """Return what each route looks at."""
    return [" ".join(sorted(route["match"].keys() - {"prefix"})) for route in found["routes"]]


def test_matches_come_before_users_and_users_before_newcomers() -> None:
    found = host(matches=(CANARY, CANARY), matched=TWO, sticky=STICKY)

    assert ["headers", "headers", "cookies", ""] == kinds(found)
    assert [[1000], [1000], [900, 100], [900, 100]] == [
        [w["weight"] for w in route["route"]["weighted_clusters"]["clusters"]]
        for route in found["routes"]
    ]


def test_only_newcomers_get_a_cookie() -> None:
    known, new = host(sticky=STICKY)["routes"]

    assert "response_headers_to_add" not in known
    (added,) = new["response_headers_to_add"]
    assert {
        "key": "set-cookie",
        "value": "who=%DYNAMIC_METADATA(serinus.dev:user)%; "
        "Path=/; Max-Age=3600; HttpOnly; SameSite=Lax",
    } == added["header"]


def test_a_cookie_lives_at_least_a_second() -> None:
    (added,) = host(sticky=Sticky("a%b", 0.1))["routes"][1]["response_headers_to_add"]

    assert added["header"]["value"].startswith("a%%b=")
    assert "; Max-Age=1;" in added["header"]["value"]


def test_methods_of_a_mirror_come_first_and_matched_requests_are_not_copied() -> None:
    found = host(matches=(CANARY,), matched=TWO, sticky=STICKY, mirror=Mirror(TWO, 5, ("GET",)))
    copied = [bool(r["route"].get("request_mirror_policies")) for r in found["routes"]]

    assert ["headers", "cookies headers", "cookies", "headers", ""] == kinds(found)
    assert [False, True, False, True, False] == copied


def test_a_share_of_copies_is_exact_to_a_per_mille() -> None:
    (route,) = host(mirror=Mirror(TWO, 5))["routes"]
    (policy,) = route["route"]["request_mirror_policies"]

    assert {"numerator": 50, "denominator": "TEN_THOUSAND"} == (
        policy["runtime_fraction"]["default_value"]
    )


def test_what_answers_users_is_needed_and_what_is_copied_to_is_named_too() -> None:
    found = host(
        backends=(Backend(ONE, 1000), Backend(TWO, 0)),
        matches=(CANARY,),
        matched=TWO,
        mirror=Mirror(TWO, 100),
    )
    unmatched = host(backends=(Backend(ONE, 1000), Backend(TWO, 0)))

    assert {CLUSTER_ONE, CLUSTER_TWO} == table.needed(found)
    assert {CLUSTER_ONE} == table.needed(unmatched)
    assert [CLUSTER_ONE, CLUSTER_TWO, f"{CLUSTER_TWO}~mirror"] == table.named(found)


def test_edits_hold_wherever_the_revision_answers_and_nowhere_else() -> None:
    changes = Edits(set=(("x-a", "50 %"),), remove=("x-b",))
    found = host(
        backends=(Backend(ONE, 900), Backend(TWO, 100, edits=changes)),
        matches=(CANARY,),
        matched=TWO,
    )
    by_name = [
        (w["name"], w.get("request_headers_to_remove"))
        for route in found["routes"]
        for w in route["route"]["weighted_clusters"]["clusters"]
    ]

    assert [(CLUSTER_TWO, ["x-b"]), (CLUSTER_ONE, None), (CLUSTER_TWO, ["x-b"])] == by_name
    (added,) = table.weights(found)[1]["request_headers_to_add"]
    assert {"key": "x-a", "value": "50 %%"} == added["header"]


def test_nothing_is_noted_unless_it_is_asked_for() -> None:
    plain, noted = host(), host(visits=True)

    assert "typed_per_filter_config" not in plain["routes"][0]
    (rule,) = noted["routes"][0]["typed_per_filter_config"]["user"]["request_rules"]
    assert (":method", "visit") == (rule["header"], rule["on_header_present"]["key"])
