"""
The Ingress NGINX Controller, by its own metrics (port 10254).

::

    counts:
      dialect: nginx
      scrape: http://ingress-nginx-controller-metrics.ingress-nginx.svc:10254/metrics

``service`` is the Service of the Ingress that a request came to. Where a canary Ingress took it
over, ``canary`` says so, and names the Service that got it: ``<namespace>-<name>-<port>``. With 502
and 504 the connection to the pod could not be made, broke, or took too long; 499 is written down
when the caller left.
"""

from collections.abc import Iterator, Mapping

import msgspec

from serinus.core.errors import Problem
from serinus.core.state import meaning
from serinus.core.state.meaning import Meaning, Place, What

_REQUESTS = "nginx_ingress_controller_requests"
_BUCKET = "nginx_ingress_controller_request_duration_seconds_bucket"
_SECOND = 1000.0
_BROKEN = ("502", "504")
_NONE = ("", "-")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Nothing is to be set."""


def review(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with settings of the right form: nothing can be."""
    del settings
    yield from ()


class Dialect:
    """Read what the controller counts; see :class:`serinus.ports.dialect.Dialect`."""

    metrics = f"{_REQUESTS}|{_BUCKET}"
    network = True
    labels = (
        *("namespace", "exported_namespace", "service", "exported_service"),
        *("canary", "status", "le"),
    )

    counted: Mapping[str, str] = {
        "errors": (
            f"ingress-nginx, each Service: {_REQUESTS}; bad ones have a status of 500 and above,"
            " 499 or none"
        ),
        "latency": f"ingress-nginx, each Service: {_BUCKET}, seconds to the end of an answer",
        "network": (
            f"ingress-nginx, each Service: {_REQUESTS}; bad ones have the status 502 or 504"
        ),
    }

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()

    def matchers(self, namespace: str, application: str) -> tuple[str, ...]:
        """Return the matchers of a namespace: a user's own Ingress may name any Service."""
        del application
        return f'namespace="{namespace}"', f'exported_namespace="{namespace}"'

    def meaning(self, metric: str, labels: Mapping[str, str]) -> Meaning | None:
        """Return what a series means."""
        canary = labels.get("canary", "")
        namespace, service = meaning.own(labels, "namespace"), meaning.own(labels, "service")
        if canary not in _NONE:
            found = tuple(p for name in meaning.portless(canary) for p in meaning.places(name))
        elif namespace in _NONE or service in _NONE:
            return None
        else:
            found = (Place(namespace, service),)
        if metric == _REQUESTS:
            return Meaning(meaning.ended(labels.get("status", ""), _BROKEN), found)
        if metric == _BUCKET:
            return Meaning(
                What.WITHIN, found, bound_ms=meaning.bound(labels.get("le", ""), _SECOND)
            )
        return None
