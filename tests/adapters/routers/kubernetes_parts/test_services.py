from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from serinus.adapters.routers.kubernetes_parts import services
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.state import labels
from serinus.core.state.traffic import Backend, Endpoint, Feature, Mirror, Ref
from tests.adapters.routers.kubernetes_parts.documents import (
    NEW,
    NEWS,
    OLD,
    OLDS,
    ROOT,
    SITE,
    apply,
    split,
    theirs,
)


def selector(document: Any) -> Any:
    return document["spec"]["selector"]


def test_each_backend_has_a_service_that_says_whom_it_stands_for() -> None:
    wanted = services.wanted(SITE, split(100), {})

    assert {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "shop-9876543210",
            "namespace": "team",
            "labels": {
                "app.kubernetes.io/managed-by": "serinus",
                "serinus.dev/application": "shop",
                "serinus.dev/revision": "9876543210",
            },
            "annotations": {
                "serinus.dev/endpoints": (
                    '{"revision":"' + NEW + '","endpoints":[{"replica":"9876543210-0",'
                    '"address":"10.0.0.2:9090"}],"healthPath":"/ready"}'
                )
            },
        },
        "spec": {
            "type": "ClusterIP",
            "selector": {
                "serinus.dev/application": "shop",
                "serinus.dev/revision": "9876543210",
                "serinus.dev/serving": "true",
            },
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 9090}],
        },
    } == wanted[NEWS]
    assert [OLDS, NEWS, ROOT] == list(wanted)


def test_a_revision_without_endpoints_is_reached_at_the_port_of_the_site() -> None:
    route = replace(split(0), backends=(Backend(OLD, 1000),))

    document: Any = services.wanted(SITE, route, {})[OLDS]

    assert 8080 == document["spec"]["ports"][0]["targetPort"]


def test_copies_have_a_service_of_their_own() -> None:
    mirror = Mirror(NEW, 100, endpoints=(Endpoint("9876543210-0", "10.0.0.2:9090"),))
    route = replace(split(0), mirror=mirror)
    ref = Ref("Service", "team/shop-9876543210-copies")

    wanted = services.wanted(SITE, route, {})

    assert services.Backing(NEW, mirror.endpoints) == services.backing(wanted[ref])
    assert selector(wanted[NEWS]) == selector(wanted[ref])


def test_the_root_follows_stable_while_the_traffic_is_split_and_then_who_gets_all() -> None:
    assert [OLD, OLD, OLD, NEW] == [services.called(split(n)) for n in (0, 10, 999, 1000)]


def test_the_root_follows_the_largest_when_the_first_has_nothing() -> None:
    backends = (Backend("c", 0), Backend(OLD, 400), Backend(NEW, 600))

    assert NEW == services.called(replace(split(0), backends=backends))


def test_of_a_users_service_the_selector_alone_is_changed() -> None:
    before = theirs()

    after: Any = services.wanted(SITE, split(10), {ROOT: before})[ROOT]

    assert {"app": "shop"} == selector(before)
    assert services.selected(SITE, OLD) == selector(after)
    assert {**before["spec"], "selector": None} == {**after["spec"], "selector": None}
    assert before["metadata"]["labels"] == after["metadata"]["labels"]
    assert {
        "example.org/owner",
        labels.ROUTE,
        labels.ORIGINAL,
    } == after["metadata"]["annotations"].keys()


def test_a_users_service_is_put_back_as_it_was() -> None:
    before = {ROOT: theirs()}
    during = apply(before, services.wanted(SITE, split(10), before))
    later = apply(during, services.wanted(SITE, split(1000), during))

    assert before == apply(later, services.unneeded(SITE, None, later))


def test_a_users_service_without_a_selector_has_none_afterwards() -> None:
    spec = {n: v for n, v in theirs()["spec"].items() if n != "selector"}
    before = {ROOT: {**theirs(), "spec": spec}}
    during = apply(before, services.wanted(SITE, split(10), before))

    assert before == apply(during, services.unneeded(SITE, None, during))


def test_a_selector_that_git_has_changed_since_is_the_one_put_back() -> None:
    before = {ROOT: theirs()}
    during: Any = apply(before, services.wanted(SITE, split(10), before))
    during[ROOT]["spec"]["selector"] = {"app": "shop", "tier": "web"}

    again = apply(during, services.wanted(SITE, split(10), during))
    after: Any = apply(again, services.unneeded(SITE, None, again))
    at_once: Any = apply(during, services.unneeded(SITE, None, during))

    assert services.selected(SITE, OLD) == selector(again[ROOT])
    assert {"app": "shop", "tier": "web"} == selector(after[ROOT])
    assert after == at_once


def test_services_of_revisions_that_are_gone_are_removed() -> None:
    found = apply({}, services.wanted(SITE, split(10), {}))
    only = replace(split(0), backends=split(0).backends[:1])

    assert {NEWS: None} == services.unneeded(SITE, only, found)


def test_services_of_an_application_whose_name_begins_alike_are_left() -> None:
    other = replace(SITE, name="shop-blue")
    found = apply({}, services.wanted(other, split(10), {}))
    user = {Ref("Service", "team/shop-web"): theirs()}

    assert {} == services.unneeded(SITE, None, found | user)


def test_everything_of_ours_goes_with_the_route() -> None:
    found = apply({}, services.wanted(SITE, split(10), {}))

    assert {} == apply(found, services.unneeded(SITE, None, found))


def test_what_a_service_stands_for_survives_the_wire() -> None:
    stood = services.Backing(
        NEW, (Endpoint("9876543210-0", "10.0.0.2:80"),), "/", ("9876543210-0",), 91
    )
    text = msgspec.json.encode(stood).decode()

    assert stood == services.backing({"metadata": {"annotations": {labels.ENDPOINTS: text}}})


def test_what_nobody_can_read_stands_for_nothing() -> None:
    assert services.backing(None) is None
    assert services.backing({}) is None
    assert services.backing({"metadata": {"annotations": {labels.ENDPOINTS: "?"}}}) is None


def test_a_route_beyond_the_features_of_a_router_is_refused() -> None:
    route = replace(split(10), visits=True, mirror=Mirror(NEW, 10))

    with pytest.raises(ValueError, match="route team/shop: this router cannot do: mirror, visits"):
        services.demand(route, Feature.WEIGHT)


def test_a_route_that_is_no_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="the weights sum to 900, want 1000"):
        services.demand(replace(split(100), backends=split(100).backends[:1]), ~Feature.NONE)


def test_a_match_for_nobody_is_refused() -> None:
    match = Match((Condition(Part.HEADER, "x-canary"),))

    with pytest.raises(ValueError, match="'' is matched and is no backend"):
        services.demand(replace(split(0), matches=(match,)), ~Feature.NONE)


@pytest.mark.parametrize(
    ("port", "spoken"),
    [
        (
            {"port": 80, "name": "grpc", "appProtocol": "kubernetes.io/h2c"},
            "grpc kubernetes.io/h2c",
        ),
        ({"port": 80}, ""),
        ({"port": 81, "name": "metrics"}, "http"),
    ],
)
def test_revisions_speak_what_the_port_of_a_users_service_says(
    port: dict[str, Any], spoken: str
) -> None:
    theirs_ = {**theirs(), "spec": {**theirs()["spec"], "ports": [port]}}

    found = services.wanted(SITE, split(70), {ROOT: theirs_})[NEWS]

    assert found is not None
    (made,) = found["spec"]["ports"]
    assert spoken == " ".join(made[w] for w in ("name", "appProtocol") if w in made)
    assert (80, "TCP", 9090) == (made["port"], made["protocol"], made["targetPort"])
