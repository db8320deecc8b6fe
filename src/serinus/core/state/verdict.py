"""
What the judge says: five verdicts, the numbers behind them, and the sentence for people.

The judge (``core/analysis``) fills a :class:`Reading`; the planner acts on it and never looks
behind it; CLI, page, event and notice show the same sentences.
"""

import enum

import msgspec


class Outcome(enum.StrEnum):
    """The five verdicts. No evidence is never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    NO_DATA = "no data"
    ERROR = "error"
    INCONCLUSIVE = "inconclusive"


class TestKind(enum.StrEnum):
    """
    What is being tested at the moment.

    A run: the candidate beside stable, with a way to take traffic back and probe. A probe: a fresh
    replica. A takeover: the candidate gets everything, and is compared with what stable did before.
    """

    RUN = "run"
    PROBE = "probe"
    TAKEOVER = "takeover"


class Test(msgspec.Struct, frozen=True):
    """
    One question put to the judge, started anew with fresh evidence.

    ``number`` grows by one with each new test of a release, so that a restarted controller knows
    whether the judge has begun this one already. A probe names the stream that raised the alarm.
    """

    number: int
    kind: TestKind
    accused: str = ""


class StreamReading(msgspec.Struct, frozen=True):
    """
    One check as it stands.

    ``evidence`` is an e-value: how many times likelier the counts are under a regression than
    under "not worse than allowed", payable at any time. Rates and ``limit`` are fractions.
    ``requests``/``bad`` are the candidate's since the release began, ``stable_*`` stable's.
    """

    check: str
    outcome: Outcome
    evidence: float
    requests: int
    bad: int
    stable_requests: int
    stable_bad: int
    limit: float
    verified: bool
    sentence: str
    bounds_ms: tuple[int, ...] = ()
    unguarded: float = 1.0


class Reading(msgspec.Struct, frozen=True):
    """
    All that the planner may know of the evidence.

    ``log_evidence``: natural logarithm of the combined evidence of the current test. ``accused``:
    the stream that carries most of it. ``probe_share``: the smallest share (per mille) at which a
    probe decides in about a minute. ``blocks``: complete blocks of the current test with data in
    both arms (of a takeover: in the candidate's). ``data_at``: end of the last tick with candidate
    requests (epoch seconds), 0 if none. ``slo_violated``: the sentence of a violated objective,
    ``slo_check`` the name of its check. ``regressed``: in a takeover, the sentence that says what
    got worse, once the evidence is enough to go back for good; ``unjudged``: why a takeover could
    not be compared with anything so far. ``smallest``: the smallest regression (fraction of
    requests) that could have been seen so far, None when nothing was measured.
    """

    test: Test
    blocks: int = 0
    log_evidence: float = 0.0
    alarm: bool = False
    accused: str = ""
    probe: Outcome = Outcome.INCONCLUSIVE
    probe_share: int = 10
    slo_violated: str = ""
    slo_check: str = ""
    regressed: str = ""
    unjudged: str = ""
    verified: bool = False
    smallest: float | None = None
    requests: int = 0
    bad: int = 0
    test_requests: int = 0
    test_stable_requests: int = 0
    data_at: float = 0.0
    stable_data_at: float = 0.0
    streams: tuple[StreamReading, ...] = ()
    sentence: str = ""
