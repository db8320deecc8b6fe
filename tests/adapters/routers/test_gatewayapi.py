from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from serinus.adapters.routers import gatewayapi
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.traffic import Document, Documents, Feature, Ref, Route
from serinus.ports.failures import Missing, Rejected
from tests.adapters.routers.kubernetes_parts.documents import KEY, apply, split

OURS = Ref("HTTPRoute", "team/shop")
WEB = Ref("HTTPRoute", "team/web")
GATEWAY = gatewayapi.Settings(gatewayapi.Gateway("web"))


def web(*names: str) -> Document:
    rules: list[dict[str, Any]] = [
        {
            "matches": [{"path": {"type": "PathPrefix", "value": f"/{n}"}}],
            "backendRefs": [{"group": "", "kind": "Service", "name": n, "port": 80, "weight": 1}],
        }
        for n in names
    ]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "web", "namespace": "team", "resourceVersion": "7"},
        "spec": {"parentRefs": [{"name": "edge"}], "rules": rules},
    }


def guest() -> gatewayapi.Router:
    return gatewayapi.Router(GATEWAY, Site(ref=Ref("HTTPRoute", "web")))


def delivered(router: gatewayapi.Router, route: Route | None, found: Documents) -> Documents:
    return apply(found, router.render(KEY, route, found))


def changed(found: Documents, ref: Ref, **spec: Any) -> Documents:
    document = msgspec.json.decode(msgspec.json.encode(found[ref]))
    document["spec"] |= spec
    return {**found, ref: document}


def test_a_route_of_ours_is_attached_to_the_gateway() -> None:
    settings = msgspec.convert(
        {"gateway": {"name": "web", "namespace": "infra", "sectionName": "https"}},
        gatewayapi.Settings,
    )

    found = delivered(gatewayapi.Router(settings), split(70), {})

    assert [
        {
            "group": "gateway.networking.k8s.io",
            "kind": "Gateway",
            "namespace": "infra",
            "name": "web",
            "sectionName": "https",
        }
    ] == found[OURS]["spec"]["parentRefs"]


def test_the_host_of_the_site_comes_before_that_of_the_route() -> None:
    outside, inside = Site(host="shop.example.com"), Site()

    names = [
        delivered(gatewayapi.Router(GATEWAY, site), split(70), {})[OURS]["spec"]["hostnames"]
        for site in (outside, inside)
    ]

    assert [["shop.example.com"], ["shop.example.org"]] == names


@pytest.mark.parametrize(
    "drift",
    [
        {"hostnames": ["other.example.org"]},
        {"parentRefs": []},
        {"rules": []},
        {"rules": [{"backendRefs": [{"name": "other", "port": 80}]}]},
    ],
)
def test_a_route_that_somebody_has_changed_is_read_as_another(drift: dict[str, Any]) -> None:
    router = gatewayapi.Router(GATEWAY)
    found = changed(delivered(router, split(70), {}), OURS, **drift)

    read = router.read(KEY, found)

    assert read is not None
    assert split(70) != read
    assert split(70) == router.read(KEY, delivered(router, split(70), found))


def test_weights_that_somebody_has_changed_are_read_as_they_are() -> None:
    router = gatewayapi.Router(GATEWAY)
    half = delivered(router, split(500), {})

    found = {**delivered(router, split(70), {}), OURS: half[OURS]}

    assert split(500) == router.read(KEY, found)


def test_a_route_that_somebody_has_removed_gives_nobody_anything() -> None:
    router = gatewayapi.Router(GATEWAY)
    found = {r: d for r, d in delivered(router, split(70), {}).items() if r != OURS}

    read = router.read(KEY, found)

    assert read is not None
    assert [0, 0] == [b.weight for b in read.backends]


def test_what_newer_versions_fill_in_is_no_drift() -> None:
    router = gatewayapi.Router(GATEWAY)
    found = changed(delivered(router, split(70), {}), OURS, useDefaultGateways="None")

    assert split(70) == router.read(KEY, found)


def test_a_route_of_that_name_that_is_a_users_is_not_overwritten() -> None:
    theirs = {OURS: web("shop")}
    router = gatewayapi.Router(GATEWAY)

    with pytest.raises(Rejected, match="HTTPRoute team/shop is there and was not made by Serinus"):
        router.render(KEY, split(70), theirs)
    assert theirs == delivered(router, None, theirs)


@pytest.mark.parametrize(
    ("settings", "features"),
    [
        (gatewayapi.Settings(), Feature.QUERY),
        (gatewayapi.Settings(mirror=True), Feature.QUERY | Feature.MIRROR),
        (gatewayapi.Settings(route="GRPCRoute"), Feature.NONE),
    ],
)
def test_features_follow_from_what_the_gateway_can_do(
    settings: gatewayapi.Settings, features: Feature
) -> None:
    always = Feature.WEIGHT | Feature.MANY | Feature.EDITS
    matched = Feature.HEADER | Feature.COOKIE | Feature.COMBINED

    assert always | matched | features == gatewayapi.Router(settings).features


def test_in_a_route_of_a_user_there_are_weights_alone() -> None:
    assert Feature.WEIGHT | Feature.MANY == guest().features


def test_a_users_route_is_changed_where_it_names_the_application_and_nowhere_else() -> None:
    before = {WEB: web("admin", "shop", "blog")}

    found = delivered(guest(), split(70), before)

    rules, were = found[WEB]["spec"]["rules"], before[WEB]["spec"]["rules"]
    assert [were[0], were[2]] == [rules[0], rules[2]]
    assert were[1]["matches"] == rules[1]["matches"]
    assert [930, 70] == [t["weight"] for t in rules[1]["backendRefs"]]
    assert split(70) == guest().read(KEY, found)
    assert OURS not in found


def test_a_users_route_is_as_it_was_when_the_application_leaves() -> None:
    before = {WEB: web("admin", "shop")}

    between = delivered(guest(), split(930), delivered(guest(), split(70), before))

    assert before == delivered(guest(), None, between)


def test_a_user_may_put_the_old_rules_back_and_is_divided_again() -> None:
    found = delivered(guest(), split(70), {WEB: web("shop")})
    back = changed(found, WEB, rules=web("admin", "shop")["spec"]["rules"])

    read = guest().read(KEY, back)

    assert read is not None
    assert [1000, 0] == [b.weight for b in read.backends]
    again = delivered(guest(), split(70), back)
    assert split(70) == guest().read(KEY, again)
    assert web("admin", "shop") == delivered(guest(), None, again)[WEB]


def test_a_users_route_that_is_not_there_or_of_another_kind_is_refused() -> None:
    ingress = gatewayapi.Router(GATEWAY, Site(ref=Ref("Ingress", "web")))

    with pytest.raises(Missing, match="HTTPRoute team/web is not there"):
        guest().render(KEY, split(70), {})
    with pytest.raises(Rejected, match="takes part in HTTPRoute or GRPCRoute"):
        ingress.render(KEY, split(70), {})


def test_nothing_is_read_before_anything_was_written() -> None:
    assert guest().read(KEY, {WEB: web("shop")}) is None
    assert replace(split(70), host="") != gatewayapi.Router().read(KEY, {})
