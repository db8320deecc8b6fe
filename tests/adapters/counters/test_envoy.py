"""The clusters of Envoys that others configure."""

import pytest

from serinus.adapters.counters import envoy
from serinus.core.state.meaning import Place, What

DOTS = "envoy_cluster_my_team_svc_cluster_local_upstream_rq_xx"


@pytest.mark.parametrize(
    ("metric", "cluster", "place"),
    [
        (DOTS, "outbound|80||shop-3f2a9c01d4", Place("my-team", "shop-3f2a9c01d4")),
        (DOTS, "outbound|80|3f2a9c01d4|shop", Place("my-team", "shop-3f2a9c01d4")),
        (
            "envoy_cluster_upstream_rq_xx",
            "outbound|80||shop-3f2a9c01d4.my-team.svc.cluster.local;",
            Place("my-team", "shop-3f2a9c01d4"),
        ),
        (
            "envoy_cluster_upstream_rq_xx",
            "team/shop-3f2a9c01d4/80/da39a3ee5e",
            Place("team", "shop-3f2a9c01d4"),
        ),
        (
            "envoy_cluster_upstream_rq_xx",
            "team-shop-3f2a9c01d4-80",
            Place("team", "shop-3f2a9c01d4"),
        ),
    ],
)
def test_a_cluster_is_known_by_the_name_that_its_maker_gives_it(
    metric: str, cluster: str, place: Place
) -> None:
    labels = {"envoy_cluster_name": cluster, "envoy_response_code_class": "5"}
    found = envoy.Dialect().meaning(metric, labels)

    assert found is not None
    assert place == found.places[0] or place in found.places
    assert What.ENDED | What.FAILED == found.what


def test_the_same_requests_by_where_they_came_from_are_not_counted_twice() -> None:
    labels = {"envoy_cluster_name": "team/shop-3f2a9c01d4/80/x"}

    assert envoy.Dialect().meaning("envoy_cluster_external_upstream_rq_xx", labels) is None
    assert envoy.Dialect().meaning("envoy_cluster_a_svc_internal_upstream_rq_xx", labels) is None


def test_a_cluster_that_can_be_no_service_counts_for_nobody() -> None:
    labels = {"envoy_cluster_name": "admin"}

    assert envoy.Dialect().meaning("envoy_cluster_upstream_rq_xx", labels) is None


def test_what_is_active_is_a_gauge() -> None:
    labels = {"envoy_cluster_name": "team/shop-3f2a9c01d4/80/x"}
    found = envoy.Dialect().meaning("envoy_cluster_upstream_rq_active", labels)

    assert found is not None
    assert What.ACTIVE == found.what
