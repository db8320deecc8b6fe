"""
The values that people see, one for each table, page and JSON answer.

JSON has the names of the fields in camel case; shares and rates are fractions of one, instants are
ISO 8601 in UTC. Sentences come from the core, word for word.
"""

from datetime import datetime

import msgspec

from serinus.app.lanes import Lane
from serinus.app.progress import StepView
from serinus.app.whys import Why
from serinus.core.state.command import Command


class Row(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One application in one environment, in one line.

    ``state`` is the phase of its last release, or what there is to say without one. ``note`` is
    what a person should know besides: a damaged spec, a change in quarantine; ``next``
    holds what can be done about it.
    """

    application: str
    environment: str
    state: str
    version: str = ""
    stable_version: str = ""
    release: int | None = None
    in_flight: bool = False
    needs_you: bool = False
    share: float | None = None
    seen_share: float | None = None
    step: int | None = None
    steps: int | None = None
    sentence: str = ""
    note: str = ""
    since: datetime | None = None
    host: str = ""
    next: tuple[Command, ...] = ()


class CheckView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One check as it stands; rates and limit are fractions, None where nothing was counted.

    A check that looks at a number has ``value`` and ``stable_value`` instead of rates, and no
    evidence to speak of; ``limit`` is then in the number's own unit.
    """

    name: str
    outcome: str
    sentence: str
    evidence: float | None = None
    rate: float | None = None
    stable_rate: float | None = None
    limit: float | None = None
    requests: int = 0
    bad: int = 0
    stable_requests: int = 0
    stable_bad: int = 0
    verified: bool = False
    bounds_ms: tuple[int, ...] = ()
    value: float | None = None
    stable_value: float | None = None
    strikes: int = 0
    unit: str = ""


class GoalView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One goal of an A/B test; shares and differences are fractions.

    ``low`` and ``high`` are None where users were not drawn by chance.
    """

    name: str
    share: float | None
    stable_share: float | None
    difference: float | None
    low: float | None
    high: float | None
    sentence: str


class ReportView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What an A/B test says; ``warning``: why it should not be believed, empty if nothing is."""

    users: int
    stable_users: int
    goals: tuple[GoalView, ...]
    final: bool
    warning: str
    sentence: str


class BudgetView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An error budget: how much of it is spent (a fraction), and whether it burns too fast."""

    check: str
    spent: float
    requests: int
    bad: int
    burning: str
    freezes: bool
    sentence: str


class ReplicaView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One replica. ``role``: stable, candidate, or what else it is kept for.

    What it takes, None where that is unknown, and its limits, None where it has none: ``memory`` in
    bytes, ``cpu`` in CPUs, ``files`` open in the process that has the most.
    """

    name: str
    role: str
    state: str
    ordinal: int
    restarts: int = 0
    address: str = ""
    started_at: datetime
    note: str = ""
    memory: int | None = None
    memory_limit: int | None = None
    cpu: float | None = None
    cpu_limit: float | None = None
    files: int | None = None
    files_limit: int | None = None


class WaitView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """Why it waits, until when at the latest, and what happens then."""

    cause: str
    until: datetime | None = None
    then: str = ""


class RetreatView(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """The way back and forth: how often, and what the probes said so far."""

    count: int
    probe: int
    fails: int
    probes: int
    evidence: float
    accused: tuple[str, ...] = ()
    trial_until: datetime | None = None


class Decision(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One line of the log of decisions."""

    sequence: int
    at: datetime
    kind: str
    reason: str
    sentence: str


class View(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One release, whole.

    ``share`` is wanted, ``seen_share`` was seen at the data plane (None: nobody could look),
    ``seen_at`` is when the controller looked. ``gate``: the kind of the one that it waits at.
    ``next`` are the commands that make sense now. ``doubts``: what bears on how far to
    believe the checks, one sentence each. ``lanes``: requests that reach the candidate whatever its
    share is, and copies.
    """

    application: str
    environment: str
    number: int
    state: str
    sentence: str
    version: str
    stable_version: str
    candidate: str
    stable: str | None
    strategy: str
    template: str
    actor: str
    reason: str
    created_at: datetime
    ended_at: datetime | None
    in_flight: bool
    needs_you: bool
    share: float
    seen_share: float | None
    max_share: float
    exposed: int
    bad: int
    verified: bool | None
    step: int
    steps: tuple[StepView, ...]
    checks: tuple[CheckView, ...]
    judged: str
    wait: WaitView | None
    retreat: RetreatView | None
    replicas: tuple[ReplicaView, ...]
    decisions: tuple[Decision, ...]
    next: tuple[Command, ...]
    note: str
    host: str
    seen_at: datetime | None
    gate: str = ""
    report: ReportView | None = None
    budgets: tuple[BudgetView, ...] = ()
    doubts: tuple[str, ...] = ()
    lanes: tuple[Lane, ...] = ()
    why: Why | None = None


class Past(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """One release in the history."""

    application: str
    environment: str
    number: int
    state: str
    version: str
    stable_version: str
    created_at: datetime
    ended_at: datetime | None
    max_share: float
    exposed: int
    bad: int
    actor: str
    reason: str
    sentence: str
