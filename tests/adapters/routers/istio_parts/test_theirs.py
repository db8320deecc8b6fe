from typing import Any

import pytest

from serinus.adapters.routers.istio_parts import theirs
from serinus.adapters.routers.kubernetes_parts import guest
from serinus.core.state.traffic import Document
from serinus.ports.failures import Rejected
from tests.adapters.routers.kubernetes_parts.documents import SITE, split

OLD = "shop-0123456789.team.svc.cluster.local"
NEW = "shop-9876543210.team.svc.cluster.local"


def target(host: str = "shop", **others: Any) -> dict[str, Any]:
    return {"destination": {"host": host}, **others}


def user(field: str, *targets: dict[str, Any]) -> Document:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "web", "namespace": "team"},
        "spec": {field: [{"name": "all", "route": list(targets)}]},
    }


def divided(found: Document) -> Document:
    return guest.divided(SITE, split(70), found, theirs.lists(SITE, "cluster.local", found))


def restored(found: Document) -> Document:
    return guest.restored(SITE, found, theirs.lists(SITE, "cluster.local", found))


@pytest.mark.parametrize("field", ["http", "tcp", "tls"])
def test_routes_of_every_protocol_are_divided_and_put_back(field: str) -> None:
    before = user(field, target(headers="theirs"))

    found = divided(before)

    (rule,) = found["spec"][field]
    assert [(OLD, 930), (NEW, 70)] == [
        (t["destination"]["host"], t["weight"]) for t in rule["route"]
    ]
    assert ["theirs", "theirs"] == [t["headers"] for t in rule["route"]]
    assert before == restored(found)


def test_subsets_of_the_application_become_its_revisions() -> None:
    subsets = [
        {"destination": {"host": "shop", "subset": name}, "weight": weight}
        for name, weight in (("v1", 80), ("v2", 10))
    ]
    before = user("http", *subsets, target("legacy", weight=10))

    (rule,) = divided(before)["spec"]["http"]

    assert [(OLD, 837), (NEW, 63), ("legacy", 100)] == [
        (t["destination"]["host"], t["weight"]) for t in rule["route"]
    ]
    assert before == restored(divided(before))


@pytest.mark.parametrize(
    "stranger",
    [
        target("admin"),
        target("shop.other.svc.cluster.local"),
        target(weight=0),
        {"destination": {"host": "shop", "port": {"number": 9000}}},
    ],
)
def test_an_object_that_sends_the_application_nothing_is_refused(stranger: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="no rule of VirtualService team/web sends requests to"):
        divided(user("http", stranger))


def test_a_route_that_hands_requests_on_is_left_alone() -> None:
    found = user("http", target())
    handing = {"name": "api", "delegate": {"name": "api", "namespace": "team"}}
    found["spec"]["http"].insert(0, handing)

    assert handing == divided(found)["spec"]["http"][0]
