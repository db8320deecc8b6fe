from typing import Any

import pytest

from serinus.adapters.routers.gatewayapi_parts import theirs
from serinus.core.state import labels
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


def test_a_target_keeps_its_filters_for_every_revision() -> None:
    found = theirs.divided(SITE, split(70), user(target(filters=["theirs"])))

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
    ],
)
def test_a_route_that_sends_the_application_nothing_is_refused(stranger: dict[str, Any]) -> None:
    with pytest.raises(Rejected, match="no rule of HTTPRoute team/web sends requests to Service"):
        theirs.divided(SITE, split(70), user(stranger))


def test_dividing_again_divides_what_was_there_before() -> None:
    before = user(target(weight=3), target("legacy", weight=1))

    once = theirs.divided(SITE, split(70), before)

    assert theirs.divided(SITE, split(5), before) == theirs.divided(SITE, split(5), once)
    assert before == theirs.restored(SITE, once)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"rules": [1]}'])
def test_a_memory_that_nobody_can_read_is_none(text: str) -> None:
    once = theirs.divided(SITE, split(70), user(target()))
    spoiled = {**once, "metadata": {**once["metadata"], "annotations": {labels.ORIGINAL: text}}}

    left = theirs.restored(SITE, spoiled)

    assert "annotations" not in left["metadata"]
    assert [1000] == [t["weight"] for t in left["spec"]["rules"][0]["backendRefs"]]


def test_the_weights_of_a_rule_that_was_changed_by_hand_are_what_is_read() -> None:
    once = theirs.divided(SITE, split(70), user(target()))
    once["spec"]["rules"][0]["backendRefs"][1]["weight"] = 500

    found = theirs.weights(SITE, split(70), once)

    assert {"shop-0123456789": 930, "shop-9876543210": 500} == found
