"""
Linkerd, by the metrics of its proxies (port 4191).

::

    counts:
      prometheus: prometheus    # all proxies at once; or scrape: the proxy of the one caller
      settings:
        direction: outbound     # who saw the requests: outbound (the callers), inbound (the pods)

Every proxy counts by the pod that got a request, so that replicas are told apart. The callers see
what never reached a pod, so theirs is the default view. What it says of the pods' side has no
names of its own: Prometheus adds ``namespace``, ``deployment`` and ``pod``, as Linkerd's own
configuration of it does. ``classification`` says what is a failure; a request without a status
broke off. The time is that to the first byte of the answer.
"""

from collections.abc import Iterator, Mapping

import msgspec

from serinus.core.errors import Problem
from serinus.core.spec import checker
from serinus.core.state import meaning
from serinus.core.state.meaning import Meaning, Place, What

_RESPONSES = "response_total"
_BUCKET = "response_latency_ms_bucket"
_BROKEN = ("", "502", "504")
_DIRECTIONS = ("outbound", "inbound")
_MILLISECOND = 1.0


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Whose view is taken; every request is seen from both ends."""

    direction: str = "outbound"


def review(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with settings of the right form."""
    if settings.direction not in _DIRECTIONS:
        yield Problem("direction", checker.unknown(settings.direction, _DIRECTIONS, "direction"))


class Dialect:
    """Read what the proxies count; see :class:`serinus.ports.dialect.Dialect`."""

    metrics = f"{_RESPONSES}|{_BUCKET}"
    network = True

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        who = f"Linkerd, each pod, {self.settings.direction}"
        self.counted: Mapping[str, str] = {
            "errors": (
                f"{who}: {_RESPONSES}; bad ones are classified as failure, or have a status_code"
                " of 500 and above, 499 or none"
            ),
            "latency": f"{who}: {_BUCKET}, milliseconds to the first byte of an answer",
            "network": f"{who}: {_RESPONSES}; bad ones have the status_code 502, 504 or none",
        }
        self._prefix = "dst_" if self.settings.direction == "outbound" else ""
        own = tuple(f"{self._prefix}{name}" for name in ("namespace", "deployment", "pod"))
        self.labels: tuple[str, ...] = (
            *("direction", "classification", "status_code", "le"),
            *own,
        )

    def matchers(self, namespace: str, application: str) -> tuple[str, ...]:
        """Return the matcher of one application's Deployments."""
        home = f'{self._prefix}namespace="{namespace}"'
        deployment = f'{self._prefix}deployment=~"{application}(-.*)?"'
        return (f'direction="{self.settings.direction}",{home},{deployment}',)

    def meaning(self, metric: str, labels: Mapping[str, str]) -> Meaning | None:
        """Return what a series means."""
        if labels.get("direction") != self.settings.direction:
            return None
        namespace, deployment, name = (
            labels.get(f"{self._prefix}{name}", "") for name in ("namespace", "deployment", "pod")
        )
        if not namespace or not deployment:
            return None
        found, pod = (Place(namespace, deployment),), Place(namespace, name) if name else None
        if metric == _RESPONSES:
            what = meaning.ended(labels.get("status_code", ""), _BROKEN)
            if labels.get("classification") == "failure":
                what |= What.FAILED
            return Meaning(what, found, pod)
        if metric == _BUCKET:
            bound = meaning.bound(labels.get("le", ""), _MILLISECOND)
            return Meaning(What.WITHIN, found, pod, bound)
        return None
