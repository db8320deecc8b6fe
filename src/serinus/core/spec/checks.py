"""Checks, as they are written: exactly one of errors, latency, query or use."""

import msgspec

from serinus.core.spec.formats import Duration, Percent
from serinus.core.spec.steps import _Written


class Stable(_Written, frozen=True):
    """Not worse than stable: its rate times ``ratio`` plus ``plus``."""

    ratio: float = 1.25
    plus: Percent = "0.02%"


class Slo(_Written, frozen=True):
    """Not worse than an objective, whatever stable does."""

    max: Percent
    rollback: bool = False


class Errors(_Written, frozen=True):
    """Requests that failed: 5xx, reset, timeout, abandoned."""

    stable: Stable | None = None
    slo: Slo | None = None


class Latency(_Written, frozen=True):
    """Requests slower than a bound; without one the bounds come from stable's history."""

    bound: Duration | None = None
    stable: Stable | None = None
    slo: Slo | None = None


class Query(_Written, frozen=True):
    """A number from a metric source (not on this platform yet)."""

    promql: str
    min: float | None = None
    max: float | None = None


class Check(_Written, frozen=True):
    """One measured rule. ``use: golden-signals`` stands for errors and latency against stable."""

    name: str | None = None
    use: str | None = None
    with_: dict[str, str | float] = msgspec.field(default_factory=dict, name="with")
    errors: Errors | None = None
    latency: Latency | None = None
    query: Query | None = None
    weight: float | None = None


WHAT = ("use", "errors", "latency", "query")
SETS = ("golden-signals",)
