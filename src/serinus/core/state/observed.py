"""Observed: the whole input of one decision, ``now`` included."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from serinus.core.spec.calendar import Window
from serinus.core.spec.delivery import Delivery
from serinus.core.state.gates import GateAnswer
from serinus.core.state.intent import Intent
from serinus.core.state.notice import Key
from serinus.core.state.release import Release
from serinus.core.state.traffic import Route
from serinus.core.state.verdict import BudgetReading, Reading, Report
from serinus.core.state.workload import Replica, Revision


class Freeze(msgspec.Struct, frozen=True):
    """Nothing new begins: why, and until when (None: until the environment says otherwise)."""

    reason: str
    until: datetime | None = None


class Wanted(msgspec.Struct, frozen=True):
    """
    What the specs ask for, resolved: the revision that should serve, and how to get there.

    ``actor``/``reason``: who changed it and why, as far as the store knows. ``windows``: of the
    environment; releases begin while all of them are open. ``roles``: who has which, by name.
    """

    revision: Revision
    replicas: int
    host: str
    delivery: Delivery
    delivery_hash: str
    actor: str = ""
    reason: str = ""
    timeout_s: float = 15.0
    windows: tuple[Window, ...] = ()
    freeze: Freeze | None = None
    roles: Mapping[str, tuple[str, ...]] = {}


class Status(msgspec.Struct, frozen=True):
    """
    What the controller knows of one application in one environment between decisions.

    ``stable`` is the revision that serves (None: none yet). ``stable_ordinals`` are its replicas.
    ``quarantine`` holds the revisions of failed changes: they are not tried again until the spec
    changes or ``retry`` is asked. ``concluded``: the revision and the hash of the delivery of a
    test that is over and promoted nobody; the same again is not begun. ``previous`` is the
    revision before stable, kept for the way back until ``previous_until``. ``served``: revisions
    that were stable once, the last ones; to go back to one of them is never forbidden. ``deleted``
    means: drain, stop and forget.
    """

    key: Key
    stable: str | None = None
    stable_version: str = ""
    stable_ordinals: tuple[int, ...] = ()
    next_ordinal: int = 0
    host: str = ""
    timeout_s: float = 15.0
    drain_s: float = 10.0
    previous: str | None = None
    previous_ordinals: tuple[int, ...] = ()
    previous_until: datetime | None = None
    kept: str | None = None
    kept_ordinals: tuple[int, ...] = ()
    kept_until: datetime | None = None
    quarantine: tuple[str, ...] = ()
    concluded: tuple[str, str] = ("", "")
    served: tuple[str, ...] = ()
    release: Release | None = None
    releases: int = 0
    deleted: bool = False
    version: int = 0


LAGS = "the router does not follow"
"""How every sentence begins that says what a router should do, and what it was seen to do."""


class Observed(msgspec.Struct, frozen=True):
    """
    Everything that one decision sees. Nothing else is asked.

    ``wanted`` is None when no spec asks for the application (a removed file stops nothing) or when
    the spec is damaged (``problem`` says so). ``route`` is what the data plane was *seen* to carry
    out (None: nothing yet, or it cannot be asked), not what was last written. ``replicas`` are all
    that the platform has of this application. ``reading`` is the judge's, None when nothing is
    judged. ``source_problem`` says why counts could not be read, ``route_problem`` why the data
    plane could not be asked, ``lag`` (begins with :data:`LAGS`) that it was asked and does not do
    what it was told, ``rejected`` what the platform will never do ("the command … does not exist").
    ``answers``: what came back from gates that ask; ``budgets``: of the application; ``report``: of
    the A/B test in flight.
    """

    now: datetime
    status: Status
    wanted: Wanted | None = None
    problem: str = ""
    route: Route | None = None
    replicas: tuple[Replica, ...] = ()
    reading: Reading | None = None
    source_problem: str = ""
    route_problem: str = ""
    lag: str = ""
    rejected: str = ""
    intents: tuple[Intent, ...] = ()
    answers: tuple[GateAnswer, ...] = ()
    budgets: tuple[BudgetReading, ...] = ()
    report: Report | None = None
