from typing import Any

from serinus.adapters.routers.envoy_parts import clusters
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Endpoint, Mirror

KEY = Key("shop", "local")
REVISION = "0123456789abcdef" * 4
ENDPOINTS = (("a-0", "127.0.0.1:20000", True), ("a-1", "127.0.0.1:20001", False))


def limits(cluster: dict[str, Any]) -> dict[str, int]:
    (found,) = cluster["circuit_breakers"]["thresholds"]
    return dict(found)


def test_draining_endpoints_are_told_from_those_that_take_requests() -> None:
    assigned = clusters.assignment("a", ENDPOINTS)

    assert ENDPOINTS == clusters.endpoints_of(assigned)
    assert (Endpoint("a-0", "127.0.0.1:20000"),) == clusters.read(assigned)


def test_copies_have_a_cluster_of_their_own_with_narrower_limits() -> None:
    answering = clusters.cluster(KEY, Backend(REVISION, 1000))
    copying = clusters.mirror(KEY, Mirror(REVISION, 100))

    assert f"{answering['name']}~mirror" == copying["name"]
    for name, limit in limits(copying).items():
        assert limit * 64 <= limits(answering)[name]


def test_a_clusters_settings_depend_on_its_revision_and_its_health_alone() -> None:
    endpoints = (Endpoint("a-0", "127.0.0.1:20000"),)

    assert clusters.cluster(KEY, Backend(REVISION, 1)) == clusters.cluster(
        KEY, Backend(REVISION, 1000, endpoints)
    )
    assert clusters.mirror(KEY, Mirror(REVISION, 1)) == clusters.mirror(
        KEY, Mirror(REVISION, 1000, ("GET",), endpoints)
    )
    assert clusters.cluster(KEY, Backend(REVISION, 1)) != clusters.cluster(
        KEY, Backend(REVISION, 1, health_path="/")
    )
