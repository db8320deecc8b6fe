from typing import Any

import pytest

from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.adapters.routers.nginx_parts import theirs
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Ref
from serinus.ports.failures import Missing, Rejected

WEB = Ref("Ingress", "team/web")
SITE = Site(ref=WEB).of(Key("team/shop", "prod"))
OURS = {"service": {"name": "shop-0123456789", "port": {"number": 80}}}


def backend(name: str) -> dict[str, Any]:
    return {"service": {"name": name, "port": {"name": "web"}}}


def user(**backends: Any) -> Any:
    paths = [{"path": f"/{path}", "backend": b} for path, b in backends.items()]
    return {
        "kind": "Ingress",
        "metadata": {"name": "web", "namespace": "team"},
        "spec": {"rules": [{"host": "a"}, {"host": "b", "http": {"paths": paths}}]},
    }


def backends(document: Any) -> list[Any]:
    return [path["backend"] for path in document["spec"]["rules"][1]["http"]["paths"]]


def test_the_backends_of_the_application_are_changed_alone() -> None:
    before = user(a=backend("shop"), b=backend("shop-static"), c={"resource": {"kind": "Bucket"}})

    taken = theirs.taken(SITE, WEB, before, OURS)

    assert [OURS, backend("shop-static"), {"resource": {"kind": "Bucket"}}] == backends(taken)


def test_what_was_taken_is_put_back() -> None:
    before = user(a=backend("shop"), b=backend("blog"))
    taken = theirs.taken(SITE, WEB, before, OURS)
    again = theirs.taken(SITE, WEB, taken, backend("shop-9876543210"))

    assert before == theirs.restored(SITE, again)


def test_a_path_that_the_user_has_added_since_is_put_back_alike() -> None:
    taken: Any = theirs.taken(SITE, WEB, user(a=backend("shop")), OURS)
    taken["spec"]["rules"][1]["http"]["paths"].append({"path": "/new", "backend": OURS})

    assert [backend("shop")] * 2 == backends(theirs.restored(SITE, taken))


def test_an_object_that_was_never_taken_is_left_as_found() -> None:
    assert user(a=backend("shop")) == theirs.restored(SITE, user(a=backend("shop")))


def test_rules_for_a_canary_are_those_that_lead_to_the_application() -> None:
    found = user(a=backend("shop"), b=backend("blog"))

    assert [{"host": "b", "http": {"paths": [{"path": "/a", "backend": OURS}]}}] == theirs.rules(
        SITE, found, OURS
    )


def test_a_canary_is_for_the_same_controller() -> None:
    found = user(a=backend("shop"))
    found["spec"]["ingressClassName"] = "internal"
    found["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "nginx", "other": "x"}

    assert (
        {"ingressClassName": "internal"},
        {"kubernetes.io/ingress.class": "nginx"},
    ) == theirs.entered(found)
    assert ({}, {}) == theirs.entered(user())


def test_the_services_of_the_application_are_named() -> None:
    found = user(a=backend("shop"), b=OURS, c=backend("shop-static"))

    assert {"shop", "shop-0123456789"} == theirs.named(SITE, found)
    assert set() == theirs.named(SITE, {})


@pytest.mark.parametrize(
    ("ref", "found", "expected", "message"),
    [
        (WEB, None, Missing, r"Ingress team/web, named by route\.ref, is not there"),
        (WEB, user(a=backend("blog")), Rejected, r"Ingress team/web has no path to Service shop"),
        (Ref("HTTPRoute", "team/web"), None, Rejected, r"route\.ref is the HTTPRoute team/web"),
        (Ref("Ingress", "edge/web"), None, Rejected, r"Ingress edge/web is not in the namespace"),
    ],
)
def test_an_object_that_cannot_be_used_is_named(
    ref: Ref, found: Any, expected: type[Exception], message: str
) -> None:
    with pytest.raises(expected, match=message):
        theirs.taken(SITE, ref, found, OURS)
