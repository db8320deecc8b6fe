"""What is foreseen of a release: frozen views, which CLI and programs render."""

from typing import NamedTuple

import msgspec

OUTAGE = 1.0
"""All requests are bad."""


class SizeView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    When a regression to a share of bad requests is seen, from when it begins; None: it is not.

    ``decided``: seconds until the release is rolled back for good, without the time that fresh
    replicas take to start. ``bad``, ``decided_bad``: the candidate's bad requests until then.
    """

    share: float
    seconds: float | None = None
    bad: float | None = None
    decided: float | None = None
    decided_bad: float | None = None


class StepView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One step: its number in the plan (0: the first look), and what is seen that begins with it.

    ``smallest``: of the regressions that are there from the beginning, the smallest that is seen by
    the end of the step. ``curve``: (share of bad requests, seconds) of regressions of many sizes.
    """

    number: int
    share: float
    seconds: float
    replicas: int
    sizes: tuple[SizeView, ...]
    smallest: float | None = None
    curve: tuple[tuple[float, float | None], ...] = ()


class CheckForecast(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One check: what stable has, what is allowed, what is seen; ``problem``: why nothing is known.

    ``verified``: seconds until a candidate as good as stable is shown to be so; None: never.
    """

    name: str
    what: str
    problem: str = ""
    base: float | None = None
    limit: float | None = None
    dispersion: float = 1.0
    steps: tuple[StepView, ...] = ()
    verified: float | None = None


class Foresight(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    The forecast of a release.

    ``rate``: requests a second. ``seconds``: of all steps together at this traffic, ``total``:
    until everybody is served. ``verified``: until every check has shown that the candidate is safe.
    ``problem``: why there are no numbers, and what to give.
    """

    problem: str = ""
    origin: str = ""
    rate: float | None = None
    checks: tuple[CheckForecast, ...] = ()
    seconds: float = 0.0
    total: float = 0.0
    verified: float | None = None
    sentences: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Stage(NamedTuple):
    """A stretch of the plan at this traffic; ``short``: requests that it waits for in vain."""

    number: int
    share: int
    seconds: float
    short: int = 0


def count(number: float | None) -> str:
    """Write a number of requests that is expected: at least one is."""
    return f"{max(1, round(number or 0)):,}"
