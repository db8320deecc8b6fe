"""
The judge, as it is written: another tool's rule in the place of Serinus' own evidence.

::

    judge:
      flagger: {interval: 1m, threshold: 5, successRate: 99%}

:mod:`serinus.core.spec.judging` reviews it and turns it into a
:data:`~serinus.core.spec.rules.Rule`.
"""

from collections.abc import Mapping

import msgspec

from serinus.core.spec.formats import Duration, Percent
from serinus.core.spec.steps import _Written


class FlaggerRule(_Written, frozen=True):
    """
    Static limits, and a count of the intervals that broke them.

    ``latency``: 99 of 100 requests have to be as fast.
    """

    interval: Duration = "1m"
    threshold: int = 5
    success_rate: Percent = "99%"
    latency: Duration | None = None


class ArgoRule(_Written, frozen=True):
    """
    Conditions on each interval, and limits to how many may come out badly.

    A condition is such as ``success-rate >= 99%``, ``error-rate < 1%`` or ``p99 <= 500ms``.
    """

    interval: Duration = "1m"
    initial_delay: Duration = "0s"
    count: int | None = None
    success_condition: str | None = None
    failure_condition: str | None = None
    failure_limit: int = 0
    inconclusive_limit: int = 0


class KayentaRule(_Written, frozen=True):
    """
    A rank test of points of time against stable's.

    ``lookback``: only so much of the past counts; ``increase``: by so much the mean must be larger;
    ``latency``: the share of slower requests is a second metric; ``pass`` and ``marginal`` are
    scores of 100.
    """

    interval: Duration = "5m"
    point: Duration = "1m"
    lookback: Duration | None = None
    confidence: Percent = "98%"
    tolerance: float = 0.25
    increase: float = 1.0
    critical: bool = True
    pass_: float = msgspec.field(default=95.0, name="pass")
    marginal: float = 75.0
    latency: Duration | None = None


class Judge(_Written, frozen=True):
    """Whose rule judges: exactly one of them."""

    flagger: FlaggerRule | None = None
    argo: ArgoRule | None = None
    kayenta: KayentaRule | None = None


WHOSE: Mapping[str, str] = {
    "flagger": "Flagger",
    "argo": "Argo Rollouts",
    "kayenta": "Kayenta",
}
"""The keys of which a judge has exactly one, each with the name of the tool."""
