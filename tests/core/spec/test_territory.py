import msgspec

from serinus.core.spec import territory
from serinus.core.spec.application import EnvironmentSpec

CLUSTER = {"target": {"namespaces": ["shop"]}, "router": {"traefik": {}}, "counts": {}}


def test_a_cluster_has_namespaces_a_router_and_counts() -> None:
    assert [] == list(territory.review(msgspec.convert(CLUSTER, EnvironmentSpec)))


def test_a_machine_has_none_of_them() -> None:
    found = territory.elsewhere(msgspec.convert(CLUSTER, EnvironmentSpec))

    assert ["target", "router", "counts"] == [problem.path for problem in found]


def test_an_environment_of_a_machine_says_nothing_of_it() -> None:
    assert [] == list(territory.elsewhere(EnvironmentSpec()))
    assert [] == list(territory.review(EnvironmentSpec()))
