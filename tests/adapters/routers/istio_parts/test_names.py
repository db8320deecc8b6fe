import pytest

from serinus.adapters.routers.istio_parts import names
from tests.adapters.routers.kubernetes_parts.documents import SITE


@pytest.mark.parametrize(
    ("named", "home", "service"),
    [
        ("shop", "team", "shop"),
        ("shop", "infra", None),
        ("shop.team", "infra", "shop"),
        ("shop.team.svc", "infra", "shop"),
        ("shop.team.svc.cluster.local", "infra", "shop"),
        ("shop.team.svc.cluster.other", "team", None),
        ("shop.infra", "team", None),
        ("shop.example.org", "team", None),
    ],
)
def test_a_host_means_a_service_of_the_namespace_or_nothing(
    named: str, home: str, service: str | None
) -> None:
    assert service == names.service(SITE, "cluster.local", named, home)


def test_a_service_is_called_by_its_full_name_and_its_port() -> None:
    assert {
        "host": "shop-0123456789.team.svc.cluster.local",
        "port": {"number": 80},
    } == names.destination(SITE, "cluster.local", "shop-0123456789")
