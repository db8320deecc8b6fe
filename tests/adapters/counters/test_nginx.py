"""The Ingress NGINX Controller: who got a request, the Service of the Ingress or the canary's."""

from serinus.adapters.counters import nginx
from serinus.core.state.meaning import Place

REQUESTS = "nginx_ingress_controller_requests"


def test_a_request_that_the_canary_took_over_is_the_canarys() -> None:
    labels = {"namespace": "team", "service": "shop", "canary": "team-shop-77aa01bc92-http-web"}
    found = nginx.Dialect().meaning(REQUESTS, labels)

    assert found is not None
    assert Place("team", "shop-77aa01bc92") in found.places
    assert Place("team", "shop") not in found.places


def test_prometheus_may_have_renamed_the_labels() -> None:
    labels = {"namespace": "ingress-nginx", "exported_namespace": "team", "service": "shop"}
    found = nginx.Dialect().meaning(REQUESTS, labels)

    assert found is not None
    assert (Place("team", "shop"),) == found.places


def test_a_request_for_nobody_counts_for_nobody() -> None:
    assert nginx.Dialect().meaning(REQUESTS, {"namespace": "-", "service": "-"}) is None
