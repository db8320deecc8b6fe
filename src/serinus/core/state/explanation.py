"""
Why the verdict of a release is what it is: every number behind it, and the sentences for people.

An explanation is made from the judge's memory (:mod:`serinus.core.analysis.explain`), and one is
kept for each decision. It is printed as it stands, so its fields are part of what programs read:
names in camel case, shares as fractions of one, evidence as odds (12.5 is 12.5:1), lengths of time
in seconds. A field is null where the number does not exist, and not where it is 0.
"""

from datetime import datetime

import msgspec

from serinus.core.state.verdict import ReplicaReading


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """
    One question that was put to somebody, word for word.

    ``of``: stable, candidate, or everybody; ``source``: who was asked (``prometheus``, the router).
    """

    of: str
    source: str
    text: str


class Forecast(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    What would change the verdict, at the traffic of this moment.

    ``event``: ``alarm``, ``rolledBack``, ``violated``, ``verified``, ``probeFails``,
    ``probePasses``.
    ``share``: the share of bad requests that it takes, None where everything stays as it is;
    ``seconds``: how long that has to last, None: longer than anybody looked ahead.
    """

    event: str
    share: float | None
    seconds: float | None
    sentence: str


class CheckExplained(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One check that counts.

    ``kind``: errors, latency, logs, network; ``against``: stable or slo; ``weight``: its part of
    all checks. ``requests``, ``bad`` and the ``stable…`` ones are since the release began,
    ``judged`` and ``stableJudged`` are the requests that were used as evidence. The candidate may
    have ``ratio`` × stable's share + ``plus``, which is ``limit`` now; what is shown to be below
    ``margin`` (``marginRatio``, ``marginPlus``) is verified.

    ``evidence`` of a regression, ``unguarded`` the same without φ̂, of which nothing follows;
    ``needed``: what this check needs alone for what ``threshold`` says (alarm, give up, objective,
    probe). ``safety`` is the evidence that it is not worse than the margin, ``safetyNeeded`` what
    makes it verified. ``dispersion``: φ̂, by which all evidence (its logarithm) is divided.
    """

    name: str
    kind: str
    against: str
    outcome: str
    sentence: str
    weight: float
    bound_ms: int | None = None
    requests: int = 0
    bad: int = 0
    stable_requests: int = 0
    stable_bad: int = 0
    judged: float = 0.0
    stable_judged: float = 0.0
    rate: float | None = None
    stable_rate: float | None = None
    ratio: float = 0.0
    plus: float = 0.0
    limit: float | None = None
    margin_ratio: float = 0.0
    margin_plus: float = 0.0
    margin: float | None = None
    evidence: float | None = None
    unguarded: float | None = None
    needed: float | None = None
    threshold: str = ""
    safety: float | None = None
    safety_needed: float | None = None
    verified: bool = False
    dispersion: float | None = None
    asked: tuple[Asked, ...] = ()
    forecasts: tuple[Forecast, ...] = ()


class LookExplained(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One check that looks at a number (or for new lines): its guarantee is approximate, or none.

    ``count``: numbers that were compared in this test; ``strikes`` of ``strikesNeeded``, where it
    has a threshold; ``trouble``: why the last look brought no number.
    """

    name: str
    kind: str
    outcome: str
    sentence: str
    value: float | None = None
    stable_value: float | None = None
    limit: float | None = None
    unit: str = ""
    count: int | None = None
    evidence: float | None = None
    needed: float | None = None
    strikes: int | None = None
    strikes_needed: int | None = None
    trouble: str = ""
    asked: tuple[Asked, ...] = ()
    forecasts: tuple[Forecast, ...] = ()


class Explanation(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    The verdict of one test, at one moment.

    ``reason`` and ``decision``: of the decision that was made at this moment, empty while nothing
    was decided. ``test``: run, probe, trial or takeover, ``number`` of this release. ``rate``:
    requests each second, of all; ``share``: the candidate's. ``evidence`` of all checks together,
    ``needed`` for what ``threshold`` says. ``accused``: the check that carries most of it,
    ``carried``: which of several replicas do. ``smallest``: the smallest regression that could have
    been seen. ``missing``: what nothing can be said of, and why.
    """

    at: datetime | None
    reason: str = ""
    decision: str = ""
    test: str = ""
    number: int = 0
    rate: float = 0.0
    share: float | None = None
    evidence: float | None = None
    needed: float | None = None
    threshold: str = ""
    accused: str = ""
    alarmed: bool = False
    verified: bool = False
    requests: int = 0
    bad: int = 0
    test_requests: int = 0
    test_stable_requests: int = 0
    smallest: float | None = None
    sentence: str = ""
    carried: str = ""
    checks: tuple[CheckExplained, ...] = ()
    looks: tuple[LookExplained, ...] = ()
    replicas: tuple[ReplicaReading, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    missing: tuple[str, ...] = ()
