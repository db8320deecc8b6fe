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
    replica. A trial: a run after a probe that passed, in which the accusation is remembered. A
    takeover: the candidate gets everything, and is compared with what stable did before.
    """

    RUN = "run"
    TRIAL = "trial"
    PROBE = "probe"
    TAKEOVER = "takeover"


class Test(msgspec.Struct, frozen=True):
    """
    One question put to the judge, started anew with fresh evidence.

    ``number`` grows by one with each new test of a release, so that a restarted controller knows
    whether the judge has begun this one already. A probe names the stream that raised the alarm,
    and the logarithm of the evidence at which it fails (0: the policy's own).
    """

    number: int
    kind: TestKind
    accused: str = ""
    level: float = 0.0


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


class LookReading(msgspec.Struct, frozen=True):
    """
    One check that is no count, as it stands.

    ``value``/``stable_value``: the last numbers (None: no data); ``limit``: what the value may be
    at most, or at least. ``strikes``: how often in a row it was outside of its threshold.
    ``evidence``: as of a stream, where it is compared; its guarantee is approximate. ``unit`` is
    ``bytes``, ``s`` or nothing.
    """

    check: str
    outcome: Outcome
    sentence: str
    value: float | None = None
    stable_value: float | None = None
    limit: float | None = None
    strikes: int = 0
    evidence: float = 1.0
    unit: str = ""


class ReplicaReading(msgspec.Struct, frozen=True):
    """
    One replica of the candidate by one check, as it stands.

    ``requests``/``bad`` and ``evidence`` (odds, as of a check) are those of one test: of the
    current one, or (``current`` False) of the last one in which it served.
    """

    check: str
    name: str
    requests: int
    bad: int
    evidence: float
    current: bool = True


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
    requests) that could have been seen so far, None when nothing was measured. ``struck``: the
    sentence of a threshold that has had all its strikes, ``halted`` the one of what a person should
    look at before anything goes on (a new kind of error in the logs); ``unknown``: why a look that
    can never be judged cannot (its source refuses the query). ``probes``: how many fresh replicas
    have to fail before it is the version, ``alarms``: how many alarms a healthy release may have
    (both 0: not known yet); ``chance``: the chance that a replica of the stable version fails the
    probe by bad luck; ``luck``: how that is known, for people. ``excused``: the probe failed and
    passes all the same, because a fresh replica of the stable version failed in the same way.
    ``suspects``: the replicas that show it by themselves, where others do not; ``carrier``: the one
    replica of several that carries the evidence alone, by name; ``carried``: which of several
    replicas the evidence comes from, empty while there is little of it or one replica. ``doubts``:
    what a person should know because it bears on how far to believe the rest.
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
    probes: int = 0
    alarms: int = 0
    luck: str = ""
    chance: float = 0.0
    excused: bool = False
    requests: int = 0
    bad: int = 0
    test_requests: int = 0
    test_stable_requests: int = 0
    data_at: float = 0.0
    stable_data_at: float = 0.0
    streams: tuple[StreamReading, ...] = ()
    looks: tuple[LookReading, ...] = ()
    struck: str = ""
    halted: str = ""
    unknown: str = ""
    doubts: tuple[str, ...] = ()
    sentence: str = ""
    replicas: tuple[ReplicaReading, ...] = ()
    carried: str = ""
    carrier: str = ""
    suspects: tuple[str, ...] = ()


class BudgetReading(msgspec.Struct, frozen=True):
    """
    An error budget as it stands, of all requests of the application.

    ``spent``: a fraction, above 1 when more was spent than there is. ``burning``: the sentence of
    the pair of windows in which it burns too fast, empty if in none. ``freeze``: spent, and its
    check says that no release begins then.
    """

    check: str
    spent: float
    requests: int
    bad: int
    burning: str = ""
    freeze: bool = False
    sentence: str = ""


class GoalReading(msgspec.Struct, frozen=True):
    """
    One goal of an A/B test; shares and differences are fractions.

    ``low``/``high``: the interval of the difference where users were drawn at random, else None.
    """

    goal: str
    share: float | None
    stable_share: float | None
    difference: float | None
    low: float | None
    high: float | None
    sentence: str


class Report(msgspec.Struct, frozen=True):
    """
    What an A/B test says so far; ``final``: its time is over.

    ``warning``: why the numbers should not be trusted (the sides have not the size that they should
    have), empty when nothing speaks against them.
    """

    users: int
    stable_users: int
    goals: tuple[GoalReading, ...] = ()
    final: bool = False
    warning: str = ""
    sentence: str = ""
