from typing import Any

import pytest

from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.adapters.routers.traefik_parts import theirs
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Ref
from serinus.ports.failures import Missing, Rejected

WEB = Ref("IngressRoute", "team/web")
SITE = Site(ref=WEB).of(Key("team/shop", "prod"))
PLAIN = {"name": "shop", "port": 80, "weight": 3, "scheme": "h2c"}
OURS = {"name": "shop", "kind": "TraefikService", "weight": 3}


def user(*entries: Any, namespace: str = "team") -> Any:
    return {
        "kind": "IngressRoute",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {
            "routes": [{"match": f"Path(`/{n}`)", "services": [e]} for n, e in enumerate(entries)]
        },
    }


def entries(document: Any) -> list[Any]:
    return [entry for route in document["spec"]["routes"] for entry in route["services"]]


def test_our_split_takes_the_place_of_the_service_alone() -> None:
    other = {"name": "blog", "port": 80}

    taken = theirs.taken(SITE, WEB, user(PLAIN, other))

    assert [OURS, other] == entries(taken)


def test_what_was_taken_is_put_back() -> None:
    before = user(PLAIN, {"name": "blog", "port": 80})

    taken = theirs.taken(SITE, WEB, before)

    assert before == theirs.restored(SITE, theirs.taken(SITE, WEB, taken))


def test_a_route_that_the_user_has_added_since_is_put_back_alike() -> None:
    taken: Any = theirs.taken(SITE, WEB, user(PLAIN))
    taken["spec"]["routes"].append({"match": "Path(`/new`)", "services": [OURS]})

    assert [PLAIN, PLAIN] == entries(theirs.restored(SITE, taken))


def test_a_user_who_names_our_split_is_left_as_found() -> None:
    before = user(OURS)

    assert before == theirs.taken(SITE, WEB, before)
    assert before == theirs.restored(SITE, before)


def test_services_of_the_same_name_elsewhere_are_not_ours() -> None:
    elsewhere = {"name": "shop", "namespace": "other", "port": 80}

    assert [] == theirs.leading(SITE, user(elsewhere))
    assert [] == theirs.leading(SITE, user(PLAIN, namespace="other"))


def test_a_user_leads_to_us_only_where_no_place_is_left_to_the_service() -> None:
    assert theirs.led(SITE, user(OURS))
    assert not theirs.led(SITE, user(OURS, PLAIN))
    assert not theirs.led(SITE, user({"name": "blog"}))
    assert not theirs.led(SITE, None)


def test_how_pods_are_spoken_to_is_carried_over() -> None:
    taken = theirs.taken(SITE, WEB, user(PLAIN))

    assert {"scheme": "h2c"} == theirs.carried(SITE, taken)
    assert {} == theirs.carried(SITE, user(PLAIN))
    assert {} == theirs.carried(SITE, None)


def test_an_object_that_is_not_there_is_named() -> None:
    with pytest.raises(Missing, match=r"IngressRoute team/web, named by route\.ref, is not there"):
        theirs.taken(SITE, WEB, None)


def test_an_object_that_does_not_lead_to_the_application_is_refused() -> None:
    with pytest.raises(Rejected, match="IngressRoute team/web has no route to Service shop"):
        theirs.taken(SITE, WEB, user({"name": "blog"}))


def test_an_object_of_another_kind_is_refused() -> None:
    with pytest.raises(Rejected, match=r"route\.ref is the Ingress team/web"):
        theirs.taken(SITE, Ref("Ingress", "team/web"), user(PLAIN))
