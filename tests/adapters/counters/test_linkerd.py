"""Linkerd's proxies, from the view that is chosen."""

from serinus.adapters.counters import linkerd
from serinus.core.state.meaning import Place, What


def test_the_pods_own_view_goes_by_the_names_that_prometheus_adds() -> None:
    made = linkerd.Dialect(linkerd.Settings("inbound"))
    labels = {
        "direction": "inbound",
        "namespace": "team",
        "deployment": "shop-3f2a9c01d4",
        "pod": "shop-3f2a9c01d4-6c9d8-aaaaa",
        "status_code": "200",
        "classification": "success",
    }
    found = made.meaning("response_total", labels)

    assert found is not None
    assert (Place("team", "shop-3f2a9c01d4"),) == found.places
    assert Place("team", "shop-3f2a9c01d4-6c9d8-aaaaa") == found.pod
    assert "pod" in made.labels


def test_a_failure_of_grpc_is_a_failure() -> None:
    labels = {
        "direction": "outbound",
        "dst_namespace": "team",
        "dst_deployment": "shop-3f2a9c01d4",
        "status_code": "200",
        "classification": "failure",
    }
    found = linkerd.Dialect().meaning("response_total", labels)

    assert found is not None
    assert What.ENDED | What.FAILED == found.what
    assert found.pod is None


def test_an_end_that_there_is_not_is_told() -> None:
    (found,) = linkerd.review(linkerd.Settings("sideways"))

    assert "direction: unknown direction 'sideways'; known: inbound, outbound" == str(found)
