"""
Istio, by its standard metrics, which every sidecar and gateway has (``:15020/stats/prometheus``).

::

    counts:
      prometheus: prometheus      # all callers at once; or scrape: the one gateway
      settings:
        reporter: source          # who saw them: source (the caller), destination, waypoint

The caller's side sees connections that cannot be made, so it is the default. The other side tells
pods apart, where Prometheus has the label ``pod`` of whoever was scraped. A revision's workload is
named as its Deployment; a request that reached nobody has no workload, and belongs to the Service
that was asked for. ``response_flags`` tell which requests met a broken connection.
"""

from collections.abc import Iterator, Mapping

import msgspec

from serinus.core.errors import Problem
from serinus.core.spec import checker
from serinus.core.state import meaning
from serinus.core.state.meaning import Meaning, Place, What

_REQUESTS = "istio_requests_total"
_BUCKET = "istio_request_duration_milliseconds_bucket"
_BROKEN = frozenset({"UC", "UT", "UPE", "UR", "LR", "UF", "UO", "UH", "NC", "SI", "DT"})
_REPORTERS = ("source", "destination", "waypoint")
_UNKNOWN = ("", "unknown")
_MILLISECOND = 1.0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Whose view is taken; every request is seen by several."""

    reporter: str = "source"


def review(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with settings of the right form."""
    if settings.reporter not in _REPORTERS:
        yield Problem("reporter", checker.unknown(settings.reporter, _REPORTERS, "reporter"))


class Dialect:
    """Read what Istio counts; see :class:`serinus.ports.dialect.Dialect`."""

    metrics = f"{_REQUESTS}|{_BUCKET}"
    network = True
    labels: tuple[str, ...] = (
        *("reporter", "destination_workload", "destination_workload_namespace"),
        *("destination_service_name", "destination_service_namespace"),
        *("response_code", "response_flags", "le"),
    )

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        who = f"Istio, each workload, as the {self.settings.reporter} saw it"
        self.counted: Mapping[str, str] = {
            "errors": (
                f"{who}: {_REQUESTS}; bad ones have a response_code of 500 and above, 499 or 0, or"
                " a response flag of a broken connection"
            ),
            "latency": f"{who}: {_BUCKET}, milliseconds to the end of an answer",
            "network": (
                f"{who}: {_REQUESTS}; bad ones have a response flag of a broken connection"
            ),
        }
        if self.settings.reporter == "destination":
            self.labels = (*self.labels, "pod")

    def matchers(self, namespace: str, application: str) -> tuple[str, ...]:
        """Return the matchers of one application's workloads and Services."""
        reporter = f'reporter="{self.settings.reporter}"'
        workload = f'destination_workload=~"{application}(-.*)?"'
        home = f'destination_workload_namespace="{namespace}"'
        nobody = f'destination_workload=~"|unknown",destination_service_namespace="{namespace}"'
        return f"{reporter},{home},{workload}", f"{reporter},{nobody}"

    def meaning(self, metric: str, labels: Mapping[str, str]) -> Meaning | None:
        """Return what a series means."""
        if labels.get("reporter") != self.settings.reporter:
            return None
        place = _place(labels, "workload", "workload_namespace") or _place(
            labels, "service_name", "service_namespace"
        )
        if place is None:
            return None
        pod = None
        if self.settings.reporter == "destination" and labels.get("pod"):
            pod = Place(place.namespace, labels["pod"])
        if metric == _REQUESTS:
            what = meaning.ended(labels.get("response_code", ""))
            if _BROKEN & set(labels.get("response_flags", "").split(",")):
                what |= What.FAILED | What.BROKEN
            return Meaning(what, (place,), pod)
        if metric == _BUCKET:
            bound = meaning.bound(labels.get("le", ""), _MILLISECOND)
            return Meaning(What.WITHIN, (place,), pod, bound)
        return None


def _place(labels: Mapping[str, str], name: str, namespace: str) -> Place | None:
    found = labels.get(f"destination_{name}", "")
    home = labels.get(f"destination_{namespace}", "")
    return None if found in _UNKNOWN or home in _UNKNOWN else Place(home, found)
