"""Istio's standard metrics, from the view that is chosen."""

from serinus.adapters.counters import istio
from serinus.core.state.meaning import Place, What

REQUESTS = "istio_requests_total"
SHOP = {"destination_workload": "shop-3f2a9c01d4", "destination_workload_namespace": "team"}


def test_only_the_view_that_was_chosen_counts() -> None:
    seen = {**SHOP, "reporter": "destination", "response_code": "200"}

    assert istio.Dialect().meaning(REQUESTS, seen) is None
    assert istio.Dialect(istio.Settings("destination")).meaning(REQUESTS, seen) is not None


def test_the_other_side_tells_pods_apart() -> None:
    seen = {**SHOP, "reporter": "destination", "response_code": "200", "pod": "shop-a"}
    found = istio.Dialect(istio.Settings("destination")).meaning(REQUESTS, seen)

    assert found is not None
    assert Place("team", "shop-a") == found.pod


def test_the_pod_of_a_caller_is_not_the_one_that_answered() -> None:
    seen = {**SHOP, "reporter": "source", "response_code": "200", "pod": "gateway-a"}
    found = istio.Dialect().meaning(REQUESTS, seen)

    assert found is not None
    assert found.pod is None


def test_flags_tell_a_broken_connection() -> None:
    seen = {**SHOP, "reporter": "source", "response_code": "200", "response_flags": "UPE,URX"}
    found = istio.Dialect().meaning(REQUESTS, seen)

    assert found is not None
    assert What.ENDED | What.FAILED | What.BROKEN == found.what


def test_a_view_that_there_is_not_is_told_with_the_nearest_that_there_is() -> None:
    (found,) = istio.review(istio.Settings("sources"))

    assert "reporter: unknown reporter 'sources'; did you mean 'source'?" == str(found)
