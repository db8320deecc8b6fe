"""Traefik's names for a Service, by each of its providers."""

import pytest

from serinus.adapters.counters import traefik
from serinus.core.state.meaning import Place, What

SHOP = Place("team", "shop-3f2a9c01d4")


@pytest.mark.parametrize(
    "service",
    [
        "team-shop-3f2a9c01d4-80@kubernetescrd",
        "team-shop-3f2a9c01d4-http-web@kubernetes",
        "httproute-team-shop-gw-infra-gate-ep-web-0-5f2c-svc-team-shop-3f2a9c01d4-1@kubernetesgateway",
        "team-front-shop-3f2a9c01d4-80@kubernetesingressnginx",
        "team-shop-3f2a9c01d4-80@kubernetesingressnginx",
    ],
)
def test_a_service_is_known_by_the_name_that_each_provider_gives_it(service: str) -> None:
    found = traefik.Dialect().meaning(
        "traefik_service_requests_total", {"service": service, "code": "200"}
    )

    assert found is not None
    assert SHOP in found.places


def test_the_canary_of_an_ingress_is_not_its_main_service() -> None:
    labels = {"service": "team-front-shop-3f2a9c01d4-80-canary@kubernetesingressnginx"}
    found = traefik.Dialect().meaning("traefik_service_requests_total", labels)

    assert found is not None
    assert Place("team", "shop-3f2a9c01d4-canary") in found.places
    assert SHOP not in found.places


def test_a_revision_that_is_not_known_counts_for_nobody_else() -> None:
    found = traefik.Dialect().meaning(
        "traefik_service_requests_total", {"service": "team-shop-3f2a9c01d4-80@kubernetescrd"}
    )

    assert found is not None
    assert Place("team", "shop") not in found.places


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("200", What.ENDED),
        ("404", What.ENDED),
        ("499", What.ENDED | What.FAILED),
        ("500", What.ENDED | What.FAILED),
        ("502", What.ENDED | What.FAILED | What.BROKEN),
        ("504", What.ENDED | What.FAILED | What.BROKEN),
        ("0", What.ENDED | What.FAILED),
    ],
)
def test_a_status_says_what_became_of_a_request(code: str, what: What) -> None:
    found = traefik.Dialect().meaning(
        "traefik_service_requests_total", {"service": "team-shop-3f2a9c01d4-80@x", "code": code}
    )

    assert found is not None
    assert what == found.what


def test_seconds_become_milliseconds() -> None:
    labels = {"service": "team-shop-3f2a9c01d4-80@x", "le": "0.3"}
    found = traefik.Dialect().meaning("traefik_service_request_duration_seconds_bucket", labels)

    assert found is not None
    assert 300.0 == found.bound_ms
