"""
The application's own metrics, for routers that count nothing.

::

    counts:
      dialect: application
      pods: {port: 9797}                # the page of each pod; or prometheus: prometheus
      settings:
        requests: http_requests_total   # a counter with the status as a label
        durations: http_request_duration_seconds   # a histogram; empty: there is none
        status: status                  # the label: status, code, status_code …
        seconds: true                   # the unit of the histogram; else ms
        pathLabel: path                 # not counted: what only kubelets ask for
        exclude: [healthz, readyz, livez, metrics]

Replicas are told apart, because each says of itself what it did. What never reached a pod is not
seen, and a pod that ends takes its last second with it: liveness speaks for these. Where the
counter has no path, the histogram's may have one: ``http_request_duration_seconds_count``.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec

from serinus.core.errors import Problem
from serinus.core.state import meaning
from serinus.core.state.meaning import Meaning, Place, What

PROBES = ("healthz", "readyz", "livez", "metrics")
"""Paths that kubelets and Prometheus ask for, and no user."""

_METRIC = re.compile("[a-zA-Z_:][a-zA-Z0-9_:]*")
_SECOND = 1000.0
_MILLISECOND = 1.0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """
    What the application calls its metrics.

    ``exclude``: values of the label ``path_label`` that are no requests of users.
    """

    requests: str = "http_requests_total"
    durations: str = "http_request_duration_seconds"
    status: str = "status"
    seconds: bool = True
    path_label: str = "path"
    exclude: list[str] = msgspec.field(default_factory=lambda: list(PROBES))


def review(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with settings of the right form."""
    named = (("requests", settings.requests), ("durations", settings.durations or "none"))
    for field, name in named:
        if not _METRIC.fullmatch(name):
            yield Problem(field, f"{name!r} is no name of a metric; wanted such as http_requests")


class Dialect:
    """Read what pods count; see :class:`serinus.ports.dialect.Dialect`."""

    network = False

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        known = self.settings
        self._bucket = f"{known.durations}_bucket" if known.durations else ""
        self.metrics = f"{known.requests}|{self._bucket}" if self._bucket else known.requests
        self.counted: Mapping[str, str] = {
            "errors": (
                f"the application, each pod: {known.requests}; bad ones have a {known.status} of"
                " 500 and above, 499 or none"
            ),
        }
        if self._bucket:
            unit = "seconds" if known.seconds else "milliseconds"
            self.counted = {
                **self.counted,
                "latency": f"the application, each pod: {self._bucket}, {unit}",
            }
        self.labels = ("namespace", "pod", known.status, known.path_label, "le")

    def matchers(self, namespace: str, application: str) -> tuple[str, ...]:
        """Return the matcher of one application's pods, whatever they are called."""
        del application  # an adopted Deployment has a name of its own
        return (f'namespace="{namespace}"',)

    def meaning(self, metric: str, labels: Mapping[str, str]) -> Meaning | None:
        """Return what a series means."""
        namespace, pod = labels.get("namespace", ""), labels.get("pod", "")
        path = labels.get(self.settings.path_label, "").strip("/")
        if not namespace or not pod or path in self.settings.exclude:
            return None
        place = Place(namespace, pod)
        if metric == self.settings.requests:
            return Meaning(meaning.ended(labels.get(self.settings.status, "")), pod=place)
        if metric == self._bucket:
            unit = _SECOND if self.settings.seconds else _MILLISECOND
            bound = meaning.bound(labels.get("le", ""), unit)
            return Meaning(What.WITHIN, pod=place, bound_ms=bound)
        return None
