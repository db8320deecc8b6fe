from typing import Any

import pytest

from serinus.adapters.routers.gatewayapi_parts import theirs
from serinus.adapters.routers.kubernetes_parts import guest
from serinus.core.state.traffic import Document
from serinus.ports.failures import Rejected
from tests.adapters.routers.kubernetes_parts.documents import SITE, split


def target(name: str = "shop", **others: Any) -> dict[str, Any]:
    return {"name": name, "port": 80, **others}


def user(*targets: dict[str, Any]) -> Document:
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": {"name": "web", "namespace": "team"},
        "spec": {"rules": [{"backendRefs": list(targets)}]},
    }


def divided(new: int, found: Document) -> Document:
    return guest.divided(SITE, split(new), found, theirs.lists(SITE, found))


def restored(found: Document) -> Document:
    return guest.restored(SITE, found, theirs.lists(SITE, found))


def test_a_target_keeps_its_filters_for_every_revision() -> None:
    found = divided(70, user(target(filters=["theirs"])))

    (rule,) = found["spec"]["rules"]
    assert [930, 70] == [t["weight"] for t in rule["backendRefs"]]
    assert [["theirs"], ["theirs"]] == [t["filters"] for t in rule["backendRefs"]]


@pytest.mark.parametrize(
    "stranger",
    [
        target("admin"),
        target(namespace="other"),
        target(kind="ServiceImport", group="multicluster.x-k8s.io"),
        target(weight=0),
        target(port=9000),
    ],
)
def test_a_route_that_sends_the_application_nothing_is_refused(stranger: dict[str, Any]) -> None:
    with pytest.raises(
        Rejected, match="no rule of HTTPRoute team/web sends requests to Service team/shop"
    ):
        divided(70, user(stranger))


def test_a_route_in_another_namespace_names_the_one_of_the_application() -> None:
    there = user(target(namespace="team"))
    elsewhere = {**there, "metadata": {"name": "web", "namespace": "infra"}}

    (rule,) = divided(70, elsewhere)["spec"]["rules"]

    assert ["team", "team"] == [t["namespace"] for t in rule["backendRefs"]]
