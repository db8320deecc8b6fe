"""
Rules of others that a delivery may choose, as they are carried out.

They are thresholds, limits and a rank test as other tools publish them: none bounds how often it is
wrong. What each does is in :mod:`serinus.core.analysis.rules`, and in the docs under
``explanation/rivals-rules``. Shares are fractions, lengths of time are seconds.
"""

import enum

import msgspec


class NoValues(enum.StrEnum):
    """
    What a window without requests is taken for.

    ``WAIT``: nothing, which is what every delivery of Serinus gets: no data holds. ``THEIRS``: what
    the rule itself makes of it (Flagger and Argo Rollouts: a failure; Kayenta: a zero). Only the
    bench asks for that, because it compares what the others do.
    """

    WAIT = "wait"
    THEIRS = "theirs"


class Flagger(msgspec.Struct, frozen=True, tag="flagger"):
    """
    So many failed intervals in all, and the next one rolls back.

    An interval fails when the candidate's share of good requests is below ``min_success``, or when
    more than ``max_slower`` of its requests are slower than ``bound_ms`` (0: no such bound).
    """

    interval_s: float = 60.0
    threshold: int = 5
    min_success: float = 0.99
    bound_ms: int = 0
    max_slower: float = 0.01
    no_values: NoValues = NoValues.WAIT


class What(enum.StrEnum):
    """What a condition is about: a share of the candidate's requests."""

    SUCCESS = "success-rate"
    ERRORS = "error-rate"
    SLOWER = "slower"


class Condition(msgspec.Struct, frozen=True):
    """A share beside a limit; ``bound_ms``: of the requests slower than that."""

    what: What
    sign: str
    limit: float
    bound_ms: int = 0


class Argo(msgspec.Struct, frozen=True, tag="argo"):
    """
    Each interval is a success, a failure, or inconclusive; more failures than ``failure_limit``
    roll back. ``count`` 0: as long as the release goes on. A limit below 0 is off.
    """

    interval_s: float = 60.0
    initial_delay_s: float = 0.0
    count: int = 0
    success: Condition | None = Condition(What.SUCCESS, ">=", 0.99)
    failure: Condition | None = None
    failure_limit: int = 0
    inconclusive_limit: int = 0
    consecutive_error_limit: int = 4
    no_values: NoValues = NoValues.WAIT


class Kayenta(msgspec.Struct, frozen=True, tag="kayenta"):
    """
    Every ``interval_s`` the candidate's points (one each ``point_s``) are compared with stable's by
    a rank test at ``confidence``.

    A metric fails when the lower end of the interval of the shift is above ``tolerance`` times the
    shift itself and the ratio of the means is at least ``increase``. ``passing`` and ``marginal``
    are scores: the share of the metrics (errors, and where ``bound_ms`` is given latency) that
    passed, of 100. ``critical``: errors that fail make the score 0.
    """

    interval_s: float = 300.0
    point_s: float = 60.0
    lookback_s: float = 0.0
    confidence: float = 0.98
    tolerance: float = 0.25
    increase: float = 1.0
    critical: bool = True
    passing: float = 95.0
    marginal: float = 75.0
    bound_ms: int = 0
    no_values: NoValues = NoValues.WAIT


Rule = Flagger | Argo | Kayenta
"""The closed list of rules."""


def name(rule: Rule) -> str:
    """Return the name under which a rule is written and shown."""
    return str(type(rule).__struct_config__.tag)
