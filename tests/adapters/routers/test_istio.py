from typing import Any

import msgspec
import pytest

from serinus.adapters.routers import istio
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.traffic import Document, Documents, Feature, Ref, Route
from serinus.ports.failures import Missing, Rejected
from tests.adapters.routers.kubernetes_parts.documents import KEY, apply, split

OURS = Ref("VirtualService", "team/shop")
WEB = Ref("VirtualService", "team/web")
RULE = Ref("DestinationRule", "team/shop")
NEW = Ref("DestinationRule", "team/shop-9876543210")
INSIDE = "shop.team.svc.cluster.local"


def settings(**written: Any) -> istio.Settings:
    return msgspec.convert(written, istio.Settings)


def web(*hosts: str) -> Document:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "web", "namespace": "team", "resourceVersion": "7"},
        "spec": {
            "hosts": ["example.org"],
            "http": [
                {"match": [{"uri": {"prefix": f"/{h}"}}], "route": [{"destination": {"host": h}}]}
                for h in hosts
            ],
        },
    }


def rule(limit: int) -> Document:
    policy = {"outlierDetection": {"consecutive5xxErrors": limit}}
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": {"name": "shop", "namespace": "team"},
        "spec": {"host": "shop", "trafficPolicy": policy},
    }


def guest() -> istio.Router:
    return istio.Router(site=Site(ref=Ref("VirtualService", "web")))


def delivered(router: istio.Router, route: Route | None, found: Documents) -> Documents:
    return apply(found, router.render(KEY, route, found))


def changed(found: Documents, ref: Ref, **spec: Any) -> Documents:
    document = msgspec.json.decode(msgspec.json.encode(found[ref]))
    document["spec"] |= spec
    return {**found, ref: document}


@pytest.mark.parametrize(
    ("gateways", "hosts"),
    [
        (["mesh"], [INSIDE]),
        (["infra/web"], ["shop.example.org"]),
        (["mesh", "infra/web"], [INSIDE, "shop.example.org"]),
    ],
)
def test_in_the_mesh_it_is_called_by_its_service_and_at_gateways_by_its_host(
    gateways: list[str], hosts: list[str]
) -> None:
    found = delivered(istio.Router(settings(gateways=gateways)), split(70), {})[OURS]["spec"]

    assert (hosts, gateways) == (found["hosts"], found["gateways"])


def test_what_is_handed_requests_has_neither_hosts_nor_gateways() -> None:
    found = delivered(istio.Router(settings(delegate=True)), split(70), {})

    assert {"http"} == set(found[OURS]["spec"])


@pytest.mark.parametrize(
    "drift",
    [
        {"hosts": ["other.example.org"]},
        {"http": []},
        {"http": [{"route": [{"destination": {"host": "other"}, "weight": 1000}]}]},
        {"gateways": ["mesh", "infra/web"]},
    ],
)
def test_an_object_that_somebody_has_changed_is_read_as_another(drift: dict[str, Any]) -> None:
    router = istio.Router()
    found = changed(delivered(router, split(70), {}), OURS, **drift)

    read = router.read(KEY, found)

    assert read is not None
    assert split(70) != read
    assert split(70) == router.read(KEY, delivered(router, split(70), found))


def test_weights_that_somebody_has_changed_are_read_as_they_are() -> None:
    router = istio.Router()
    half = delivered(router, split(500), {})

    found = {**delivered(router, split(70), {}), OURS: half[OURS]}

    assert split(500) == router.read(KEY, found)


@pytest.mark.parametrize("ref", [None, Ref("VirtualService", "web")])
def test_a_policy_of_a_users_that_changes_is_carried_to_the_revisions(ref: Ref | None) -> None:
    router = istio.Router(settings(destinationRule="shop"), Site(ref=ref))
    there = {} if ref is None else {WEB: web("shop")}
    found = delivered(router, split(70), {**there, RULE: rule(7)})
    stricter = {**found, RULE: rule(3)}

    read = router.read(KEY, stricter)

    assert split(70) == router.read(KEY, found)
    assert split(70) != read
    again = delivered(router, split(70), stricter)
    assert 3 == again[NEW]["spec"]["trafficPolicy"]["outlierDetection"]["consecutive5xxErrors"]
    assert {**there, RULE: rule(3)} == delivered(router, None, again)


def test_a_policy_of_a_users_that_is_taken_away_is_taken_from_the_revisions() -> None:
    router = istio.Router(settings(destinationRule="shop"))
    found = delivered(router, split(70), {RULE: rule(7)})
    bare = changed(found, RULE, trafficPolicy=None)

    assert split(70) != router.read(KEY, bare)
    assert NEW not in delivered(router, split(70), bare)


def test_every_document_that_is_written_is_asked_for() -> None:
    router = istio.Router(settings(destinationRule="shop"))

    found = delivered(router, split(70), {RULE: rule(7)})

    assert [] == [ref for ref in found if not any(r.covers(ref) for r in router.refs(KEY))]


def test_an_object_of_that_name_that_is_a_users_is_not_overwritten() -> None:
    theirs = {OURS: web("shop")}

    with pytest.raises(Rejected, match="VirtualService team/shop is there and was not made by"):
        istio.Router().render(KEY, split(70), theirs)
    assert theirs == delivered(istio.Router(), None, theirs)


def test_connections_and_objects_of_users_have_weights_alone() -> None:
    weights = Feature.WEIGHT | Feature.MANY

    assert weights == guest().features
    assert weights == istio.Router(settings(protocol="tcp")).features
    assert Feature.MIRROR in istio.Router().features


def test_a_users_object_is_changed_where_it_names_the_application_and_nowhere_else() -> None:
    before = {WEB: web("admin", "shop", "blog")}

    found = delivered(guest(), split(70), before)

    routes, were = found[WEB]["spec"]["http"], before[WEB]["spec"]["http"]
    assert [were[0], were[2]] == [routes[0], routes[2]]
    assert were[1]["match"] == routes[1]["match"]
    assert [930, 70] == [t["weight"] for t in routes[1]["route"]]
    assert split(70) == guest().read(KEY, found)
    assert OURS not in found


def test_a_users_object_is_as_it_was_when_the_application_leaves() -> None:
    before = {WEB: web("admin", "shop")}

    between = delivered(guest(), split(930), delivered(guest(), split(70), before))

    assert before == delivered(guest(), None, between)


def test_a_users_object_that_is_not_there_or_of_another_kind_is_refused() -> None:
    ingress = istio.Router(site=Site(ref=Ref("Ingress", "web")))

    with pytest.raises(Missing, match="VirtualService team/web is not there"):
        guest().render(KEY, split(70), {})
    with pytest.raises(Rejected, match="this router takes part in VirtualService"):
        ingress.render(KEY, split(70), {})


def test_nothing_is_read_before_anything_was_written() -> None:
    assert guest().read(KEY, {WEB: web("shop")}) is None
