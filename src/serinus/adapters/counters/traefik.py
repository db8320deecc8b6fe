"""
Traefik, by its own metrics (``metrics.prometheus.addServicesLabels``, which is on by default).

::

    counts:
      dialect: traefik
      scrape: http://traefik.traefik.svc:9100/metrics

A Service has a name by the provider that has its route:

===========================  ==================================================
``kubernetescrd``            ``<namespace>-<name>-<port>``
``kubernetes``               ``<namespace>-<name>-<port>``
``kubernetesgateway``        ``httproute-…-svc-<namespace>-<name>-<place>``
``kubernetesingressnginx``   ``<namespace>-<ingress>-<name>-<port>``; whoever
                             the canary is, ``…-<port>-canary``
===========================  ==================================================

A request that ended with 502 or 504 was answered by Traefik itself, because the connection to the
pod could not be made, broke, or took too long, unless the application says 502 for itself. Requests
for a Service without any endpoint are counted for the entry point only, and are not seen here.
"""

import functools
from collections.abc import Iterator, Mapping

import msgspec

from serinus.core.errors import Problem
from serinus.core.state import meaning
from serinus.core.state.meaning import Meaning, Place, What

_REQUESTS = "traefik_service_requests_total"
_BUCKET = "traefik_service_request_duration_seconds_bucket"
_SECOND = 1000.0
_BROKEN = ("502", "504")
_CANARY = "-canary"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Nothing is to be set."""


def review(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with settings of the right form: nothing can be."""
    del settings
    yield from ()


class Dialect:
    """Read what Traefik counts; see :class:`serinus.ports.dialect.Dialect`."""

    metrics = f"{_REQUESTS}|{_BUCKET}"
    network = True
    labels = ("service", "exported_service", "code", "le")

    counted: Mapping[str, str] = {
        "errors": (
            f"Traefik, each Service: {_REQUESTS}; bad ones have a code of 500 and above,"
            " 499 or none"
        ),
        "latency": f"Traefik, each Service: {_BUCKET}, seconds to the end of an answer",
        "network": f"Traefik, each Service: {_REQUESTS}; bad ones have the code 502 or 504",
    }

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()

    def matchers(self, namespace: str, application: str) -> tuple[str, ...]:
        """Return the matcher of one application's Services."""
        pattern = f"(.*-)?{namespace}-(.*-)?{application}-.*"
        return f'service=~"{pattern}"', f'exported_service=~"{pattern}"'

    def meaning(self, metric: str, labels: Mapping[str, str]) -> Meaning | None:
        """Return what a series means."""
        service, _, provider = meaning.own(labels, "service").partition("@")
        found = _read(service, provider)
        if not found:
            return None
        if metric == _REQUESTS:
            return Meaning(meaning.ended(labels.get("code", ""), _BROKEN), found)
        if metric == _BUCKET:
            return Meaning(
                What.WITHIN, found, bound_ms=meaning.bound(labels.get("le", ""), _SECOND)
            )
        return None


@functools.lru_cache(maxsize=16_384)  # a Service has dozens of series, and thousands are watched
def _read(service: str, provider: str) -> tuple[Place, ...]:
    """Return how the name of a Service can be read."""
    return tuple(_places(service, provider))


def _places(service: str, provider: str) -> Iterator[Place]:
    if provider == "kubernetesgateway":
        service = service.rpartition("-svc-")[2]
    canary = _CANARY if provider == "kubernetesingressnginx" and service.endswith(_CANARY) else ""
    for name in meaning.portless(service.removesuffix(canary)):
        found = meaning.places(f"{name}{canary}")
        yield from found
        if provider == "kubernetesingressnginx":
            for namespace, rest in found:
                for place in meaning.places(rest):
                    yield Place(namespace, place.name)
