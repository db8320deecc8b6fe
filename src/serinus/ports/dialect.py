"""How one product counts requests: one file for each in ``adapters/counters``. Pure: no I/O."""

from collections.abc import Mapping
from typing import Protocol

from serinus.core.state.meaning import Meaning as Meaning
from serinus.core.state.meaning import Place as Place
from serinus.core.state.meaning import What as What


class Dialect(Protocol):
    """
    Say what the series of one product mean.

    ``metrics``: a pattern (RE2, whole names) of the metrics that are worth reading. ``labels``:
    those by which series are told apart; all others may be added up. ``network``: it tells which
    requests met a broken connection. ``counted``: by the kind of a check, ``errors``, ``latency``
    and (with ``network``) ``network``, what it is counted by, for people who look for themselves.
    Laws, kept by
    ``tests/conformance/test_dialects.py``: what a product was recorded to say adds up to the
    requests that were sent; the order of series and labels does not matter; what is not understood
    has no meaning, and raises nothing.
    """

    metrics: str
    labels: tuple[str, ...]
    network: bool
    counted: Mapping[str, str]

    def matchers(self, namespace: str, application: str) -> tuple[str, ...]:
        """Return label matchers of PromQL, any of which a series of the application meets."""
        ...

    def meaning(self, metric: str, labels: Mapping[str, str]) -> Meaning | None:
        """Return what a series means, None when it counts no requests of a Service or a pod."""
        ...
