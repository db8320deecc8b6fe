"""
Envoy, by the counters of its clusters (``/stats/prometheus`` of its admin interface).

::

    counts:
      dialect: envoy
      scrape: http://envoy.projectcontour.svc:8002/stats/prometheus

For Envoys that others configure: Contour (a cluster is ``team/shop-3f2a9c01d4/80/…``), and Istio
without its own extensions (``outbound|80||shop-3f2a9c01d4.team.svc.cluster.local``; a subset is
called by the revision's digits). Envoy takes the first dot in a name for its end, so that the rest
stands in the name of the metric: ``envoy_cluster_team_svc_cluster_local_upstream_rq_xx``.

Requests are ``upstream_rq_xx``, which holds the answers that Envoy gave itself. Broken connections
are told by their causes: no connection, nobody to connect to, a reset, a time-out, an overflow.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec

from serinus.core.errors import Problem
from serinus.core.state import meaning
from serinus.core.state.meaning import Meaning, Place, What

_MILLISECOND = 1.0
_BROKEN = (
    "upstream_rq_pending_failure_eject",
    "upstream_cx_none_healthy",
    "upstream_rq_rx_reset",
    "upstream_rq_timeout",
    "upstream_rq_pending_overflow",
)
_WHAT = {
    "upstream_rq_xx": What.ENDED,
    "upstream_rq_active": What.ACTIVE,
    "upstream_rq_time_bucket": What.WITHIN,
    **dict.fromkeys(_BROKEN, What.BROKEN),
}
_NAME = re.compile(rf"envoy_cluster_(?:(.+?)_)?({'|'.join(_WHAT)})")
_HALVES = ("internal", "external", "canary")  # the same requests once more, by where they came from


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Nothing is to be set."""


def review(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with settings of the right form: nothing can be."""
    del settings
    yield from ()


class Dialect:
    """Read what Envoy counts; see :class:`serinus.ports.dialect.Dialect`."""

    metrics = rf"envoy_cluster_(?:[a-zA-Z0-9_]+_)?(?:{'|'.join(_WHAT)})"
    network = True
    labels = ("envoy_cluster_name", "envoy_response_code_class", "le")

    counted: Mapping[str, str] = {
        "errors": (
            "Envoy, each cluster: envoy_cluster_upstream_rq_xx; bad ones are of the class 5"
        ),
        "latency": (
            "Envoy, each cluster: envoy_cluster_upstream_rq_time_bucket, milliseconds to the end"
            " of an answer"
        ),
        "network": f"Envoy, each cluster: {', '.join(_BROKEN)}",
    }

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()

    def matchers(self, namespace: str, application: str) -> tuple[str, ...]:
        """Return the matcher of one application's clusters."""
        del namespace  # it may stand in the name of the metric
        return (f'envoy_cluster_name=~"(.*[|/])?{application}([-|/.].*)?"',)

    def meaning(self, metric: str, labels: Mapping[str, str]) -> Meaning | None:
        """Return what a series means."""
        found = _NAME.fullmatch(metric)
        cluster = labels.get("envoy_cluster_name", "")
        if found is None or not cluster:
            return None
        rest = found[1] or ""
        if rest.rpartition("_")[2] in _HALVES:
            return None
        places = tuple(_places(cluster, rest))
        if not places:
            return None
        what = _WHAT[found[2]]
        if what is What.WITHIN:
            bound = meaning.bound(labels.get("le", ""), _MILLISECOND)
            return Meaning(what, places, bound_ms=bound)
        if labels.get("envoy_response_code_class") == "5":
            what |= What.FAILED
        return Meaning(what, places)


def _places(cluster: str, rest: str) -> Iterator[Place]:
    """Yield how a cluster's name can be read; ``rest``: what of it is in the metric's name."""
    if cluster.startswith("outbound|"):
        _, _, subset, host = (*cluster.split("|", 3), "", "", "")[:4]
        name, _, more = host.rstrip(";").partition(".")
        namespace = more.partition(".")[0] or rest.partition("_svc_")[0].replace("_", "-")
        if subset:
            yield Place(namespace, f"{name}-{subset}")
        yield Place(namespace, name)
    elif "/" in cluster:
        namespace, name = cluster.split("/")[:2]
        yield Place(namespace, name)
    else:
        for name in meaning.portless(f"{cluster}-0"):
            yield from meaning.places(name)
