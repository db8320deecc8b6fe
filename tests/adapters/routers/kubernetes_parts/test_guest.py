from typing import Any

import pytest

from serinus.adapters.routers.gatewayapi_parts import theirs
from serinus.adapters.routers.kubernetes_parts import guest
from serinus.core.state import labels
from serinus.core.state.traffic import Document
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


def test_dividing_again_divides_what_was_there_before() -> None:
    before = user(target(weight=3), target("legacy", weight=1))

    once = divided(70, before)

    assert divided(5, before) == divided(5, once)
    assert before == restored(once)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"rules": [1]}'])
def test_a_memory_that_nobody_can_read_is_none(text: str) -> None:
    once = divided(70, user(target()))
    spoiled = {**once, "metadata": {**once["metadata"], "annotations": {labels.ORIGINAL: text}}}

    left = restored(spoiled)

    assert "annotations" not in left["metadata"]
    assert [1000] == [t["weight"] for t in left["spec"]["rules"][0]["backendRefs"]]


def test_the_weights_of_a_rule_that_was_changed_by_hand_are_what_is_read() -> None:
    once = divided(70, user(target()))
    once["spec"]["rules"][0]["backendRefs"][1]["weight"] = 500

    found = guest.weights(SITE, split(70), once, theirs.lists(SITE, once))

    assert {"shop-0123456789": 930, "shop-9876543210": 500} == found
