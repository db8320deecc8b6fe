"""What became of a recording under a policy: values that the command line, tests and JSON show."""

import enum

import msgspec


class Outcome(enum.StrEnum):
    """What the policy did, as far as the recording tells."""

    TAKEN_AWAY = "traffic taken away"
    ROLLED_BACK = "rolled back"
    HELD = "held"
    PROMOTED = "promoted"
    UNDECIDED = "undecided"


class Crossing(msgspec.Struct, frozen=True):
    """When the evidence of a check first was at a level. Seconds since the candidate's traffic."""

    level: float
    after_s: float
    evidence: float


class CheckLine(msgspec.Struct, frozen=True):
    """One check: the largest evidence against the candidate, when, and what it crossed."""

    check: str
    evidence: float
    after_s: float
    crossings: tuple[Crossing, ...]
    sentence: str


class Moment(msgspec.Struct, frozen=True):
    """What happened: when, at which share from then on (a fraction), in one sentence."""

    after_s: float
    share: float
    reason: str
    sentence: str


class Sample(msgspec.Struct, frozen=True):
    """The evidence of each check at one time, for a chart."""

    after_s: float
    share: float
    evidence: tuple[float, ...]


class Recorded(msgspec.Struct, frozen=True):
    """What the release did that was recorded, for comparison."""

    name: str
    version: str
    stable_version: str
    policy: str
    phase: str
    sentence: str
    seconds: float
    requests: int
    bad: int
    off_s: float | None


class Replayed(msgspec.Struct, frozen=True):
    """
    What became of a recording under a policy. Times are seconds since the candidate had traffic.

    ``off_s``: when traffic was first taken away (None: never); ``share``: at which share.
    ``promoted_s``: when the candidate got everything. ``requests``, ``bad``: what the candidate
    would have answered, and failed, by the recorded rates at the policy's shares. ``judged``,
    ``judged_bad``: what of the recording the judge got to see. ``final``: the outcome is that of
    the whole release, and not only its first reaction. ``short_s``: for how long the policy would
    have given clearly more than was recorded.
    """

    policy: str
    outcome: Outcome
    final: bool
    sentence: str
    reason: str
    off_s: float | None
    share: float
    promoted_s: float | None
    verified: bool | None
    seconds: float
    requests: int
    bad: int
    judged: int
    judged_bad: int
    short_s: float
    recorded: Recorded
    checks: tuple[CheckLine, ...]
    timeline: tuple[Moment, ...]
    samples: tuple[Sample, ...]
    assumed: tuple[str, ...]

    @property
    def caught(self) -> bool:
        """Tell whether the policy took the traffic away before it gave everything."""
        return self.off_s is not None
