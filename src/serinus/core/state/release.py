"""
A release: one change going to one environment, with all that must survive a restart.

``Release.delivery`` is frozen when the release begins. ``Progress`` is the planner's whole memory;
the judge's memory is kept beside it in the store, because the planner never looks into it.
Instants are aware UTC.
"""

import enum
from datetime import datetime

import msgspec

from serinus.core.spec.delivery import Delivery
from serinus.core.state.verdict import Test, TestKind


class Phase(enum.StrEnum):
    """Where a release is. The words are the ones that people see."""

    QUEUED = "Queued"
    WAITING = "Waiting"
    STARTING = "Starting"
    ROLLING = "Rolling"
    HOLDING = "Holding"
    PAUSED = "Paused"
    RETREATED = "Retreated"
    PROBING = "Probing"
    TRIAL = "Trial"
    HELD = "Held at 0"
    PROMOTING = "Promoting"
    SETTLING = "Settling"
    ROLLING_BACK = "Rolling back"
    SUCCEEDED = "Succeeded"
    ROLLED_BACK = "Rolled back"
    SUPERSEDED = "Superseded"
    CONCLUDED = "Concluded"
    FAILED = "Failed to start"

    @property
    def ended(self) -> bool:
        """Tell whether nothing more will happen to the release by itself."""
        return self in _ENDED


_ENDED = frozenset(
    {Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.SUPERSEDED, Phase.CONCLUDED, Phase.FAILED}
)


class Wait(msgspec.Struct, frozen=True):
    """Why a release waits, until when at the latest, and what happens then: for people."""

    cause: str = ""
    until: datetime | None = None
    then: str = ""


class Retreat(msgspec.Struct, frozen=True):
    """
    The way back and forth of the current release.

    ``count``: alarms outside a trial; ``probe``: number of the current probe within this episode;
    ``fails``: failed probes of this episode; ``ledger``: log of the product of the evidence of all
    finished tests; ``accused_share``: the share at the alarm; ``accused``: ordinals kept without
    traffic; ``trial_until``: end of the trial. ``wanted``: how many fresh replicas have to fail,
    ``most``: how many alarms there may be, ``chance``: how often bad luck fails a probe, ``luck``:
    how these are known (0: not yet). ``age_s``: how old half of the replicas have to be before they
    are promoted: older than the accused ones were. ``replaced``: how many single replicas were
    replaced because they alone were bad. ``fresh``: what the last alarm was about came from young
    replicas, for the most part. ``young_s``: how old replicas have to be to be judged, where fresh
    ones of both versions fail (0: as the delivery says).
    """

    count: int = 0
    probe: int = 0
    fails: int = 0
    ledger: float = 0.0
    accused_share: int = 0
    probe_share: int = 10
    stream: str = ""
    accused: tuple[int, ...] = ()
    trial_until: datetime | None = None
    wanted: int = 0
    most: int = 0
    luck: str = ""
    chance: float = 0.0
    age_s: float = 0.0
    replaced: int = 0
    fresh: bool = False
    young_s: float = 0.0


class Progress(msgspec.Struct, frozen=True):
    """
    How far a release is: the planner's memory.

    ``step``: index into the delivery's steps; ``step_at``: when the data plane was seen to follow
    it (None: not yet); ``step_requests``, ``step_blocks``: the
    candidate's requests and the blocks of evidence at that moment; ``held_s``: time
    held in this step that counts (not while paused, retreated or probing), up to ``clock_at``
    (None: the clock stands). ``copies``: what a mirror had counted (requests, bad ones) when it
    ended. ``share``: the candidate's wanted share in per mille; ``ordinals``:
    its replicas that may serve; ``spare``: fresh ones that warm up for the next probe.
    ``paused``: who paused it, empty if nobody did. ``skip``: a person asked for the next step.
    ``superseded``: it is taken back because a newer change came. ``pending_since``: since when
    fewer replicas are ready than its share needs. ``test_at``: when the current test began, as far
    as the data plane is concerned. ``approvals`` of this step came at ``approved_at``; ``opened``:
    its gates that were asked and are open; ``overrode``: who went past a closed one, and why;
    ``heard``: who saw new kinds of log lines and went on, and why; ``gate``: the kind of the closed
    one (approval, window, webhook); ``gate_at``: its place among the step's gates, and since when
    it is the one that is waited for.
    ``twins``: fresh replicas of the stable version, beside a probe.
    ``look_at``: since when the candidate gets a little traffic before the first step.
    ``verified``: whether the promotion was shown to be safe (None: not promoted yet).
    ``promoted_by``: who promoted it in spite of what was left to do, and why.
    """

    phase: Phase
    since: datetime
    step: int = 0
    step_at: datetime | None = None
    step_requests: int = 0
    step_blocks: int = 0
    held_s: float = 0.0
    clock_at: datetime | None = None
    share: int = 0
    max_share: int = 0
    exposed: int = 0
    bad: int = 0
    copies: tuple[int, int] = (0, 0)
    ordinals: tuple[int, ...] = ()
    spare: tuple[int, ...] = ()
    twins: tuple[int, ...] = ()
    pending_since: datetime | None = None
    approvals: tuple[str, ...] = ()
    approved_at: tuple[datetime, ...] = ()
    opened: tuple[int, ...] = ()
    overrode: str = ""
    heard: str = ""
    gate: str = ""
    gate_at: tuple[int, datetime] | None = None
    paused: str = ""
    skip: bool = False
    superseded: bool = False
    retreat: Retreat = Retreat()
    test: Test = Test(number=0, kind=TestKind.RUN)
    test_at: datetime | None = None
    look_at: datetime | None = None
    verified: bool | None = None
    promoted_by: str = ""
    wait: Wait = Wait()
    sentence: str = ""


class Release(msgspec.Struct, frozen=True):
    """
    One change of one application in one environment.

    ``number`` counts for each application and environment. ``stable`` is None for the first
    release. ``ended_at`` None: still in flight. ``sentence`` is the headline.
    """

    application: str
    environment: str
    number: int
    candidate: str
    stable: str | None
    version: str
    stable_version: str
    delivery: Delivery
    delivery_hash: str
    replicas: int
    actor: str
    reason: str
    created_at: datetime
    progress: Progress
    ended_at: datetime | None = None

    @property
    def name(self) -> str:
        """``application/environment#number``, as people and logs call it."""
        return f"{self.application}/{self.environment}#{self.number}"
