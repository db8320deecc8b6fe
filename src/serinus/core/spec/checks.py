"""Checks, as they are written: exactly one of the things that :data:`WHAT` lists."""

from collections.abc import Mapping

import msgspec

from serinus.core.spec.formats import Duration, Percent
from serinus.core.spec.steps import _Written


class Stable(_Written, frozen=True):
    """Not worse than stable: its rate times ``ratio`` plus ``plus``."""

    ratio: float = 1.25
    plus: Percent = "0.02%"


class Burn(_Written, frozen=True):
    """A pair of windows in both of which the budget burns ``rate`` times too fast."""

    long: Duration
    short: Duration
    rate: float


class Slo(_Written, frozen=True):
    """
    Not worse than an objective, whatever stable does.

    ``over``: the length of an error budget of all requests; ``burn``: ``default``, or pairs of
    windows; ``freeze``: nothing begins once the budget is spent.
    """

    max: Percent
    rollback: bool = False
    over: Duration | None = None
    burn: str | list[Burn] | None = None
    freeze: bool = False


class Errors(_Written, frozen=True):
    """Requests that failed: 5xx, reset, timeout, abandoned."""

    stable: Stable | None = None
    slo: Slo | None = None


class Latency(_Written, frozen=True):
    """Requests slower than a bound; without one the bounds come from stable's history."""

    bound: Duration | None = None
    stable: Stable | None = None
    slo: Slo | None = None


class Logs(_Written, frozen=True):
    """Log lines that match a pattern, for each request."""

    pattern: str
    stable: Stable | None = None
    slo: Slo | None = None


class Network(_Written, frozen=True):
    """Requests whose connection broke: refused, reset, timed out, nobody there."""

    stable: Stable | None = None
    slo: Slo | None = None


class NewLines(_Written, frozen=True):
    """Kinds of log lines that only the candidate writes."""

    pattern: str
    times: int = 3


class Beside(_Written, frozen=True):
    """
    Not worse than stable's number at the same moment; ``worse``: higher or lower.

    ``plus`` is in the unit of the number; None: nothing, or what is usual for a resource.
    """

    ratio: float = 1.25
    plus: float | None = None
    worse: str = "higher"


class Query(_Written, frozen=True):
    """A number from a metric source: within limits, or compared with stable's."""

    promql: str
    min: float | None = None
    max: float | None = None
    strikes: int | None = None
    stable: Beside | None = None
    every: Duration = "30s"


class Resources(_Written, frozen=True):
    """What the replicas take of the machine, compared with stable's."""

    only: list[str] | None = None
    stable: Beside | None = None


class Check(_Written, frozen=True):
    """One measured rule. ``use: golden-signals`` stands for errors and latency against stable."""

    name: str | None = None
    use: str | None = None
    with_: dict[str, str | float] = msgspec.field(default_factory=dict, name="with")
    errors: Errors | None = None
    latency: Latency | None = None
    query: Query | None = None
    logs: Logs | None = None
    network: Network | None = None
    new_lines: NewLines | None = None
    resources: Resources | None = None
    weight: float | None = None


WHAT: Mapping[str, str] = {
    "use": "use",
    "errors": "errors",
    "latency": "latency",
    "query": "query",
    "logs": "logs",
    "network": "network",
    "newLines": "new_lines",
    "resources": "resources",
}
"""The keys of which a check has exactly one, each with its field."""

SETS = ("golden-signals",)
