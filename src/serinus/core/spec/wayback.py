"""
What a delivery does when a release is not what was hoped for: numbers of the way back.

A part of :mod:`serinus.core.spec.delivery`: alarms and probes, the want of data, and what counts as
shown to be safe, with what follows when it was not shown.
"""

import enum

import msgspec

RESTLESS = 0.04
"""
Where replicas of stable fail a probe more often than this, they have bad luck of their own.

Independent failures alone let three in a hundred windows look so at most.
"""


class Unverified(enum.StrEnum):
    """What to do when a release ran its course but its safety could not be shown."""

    PROMOTE = "promote"
    HOLD = "hold"
    ROLLBACK = "rollback"


class Margin(msgspec.Struct, frozen=True):
    """What still counts as safe when a promotion is verified (statistics: non-inferiority)."""

    ratio: float = 1.5
    plus: float = 0.001


class RetreatPolicy(msgspec.Struct, frozen=True):
    """
    Numbers of the way back (docs: explanation/retreat).

    ``alarm`` is the evidence (an odds-like number) at which traffic is taken away, ``probe`` the
    one at which a probe fails or passes; ``give_up`` the evidence of the whole release without
    which nothing is rolled back. ``probes``: how many failed probes on fresh replicas it takes,
    ``max_retreats``: how many alarms a release may have before it is held for a person; None: both
    follow from what stable's own replicas did in the last hour. ``max_probes``: where more would
    be needed it is held. ``age_s``: half of the replicas have to be as old as an accused one was
    at the alarm, a quarter more, and so much older, before they are promoted. ``look_s``: for so
    long a release gets ``min_share`` before its first step: an outage is seen with a few requests.
    ``twins``: beside each probe a fresh replica of the stable version serves, too.
    """

    alarm: float = 10.0
    probe: float = 10.0
    give_up: float = 100.0
    probes: int | None = None
    max_retreats: int | None = None
    max_probes: int = 5
    age_s: float = 60.0
    probe_target_s: float = 60.0
    probe_limit_s: float = 300.0
    trial_s: float = 60.0
    min_share: int = 10
    look_s: float = 10.0
    twins: bool = True


class NoDataPolicy(msgspec.Struct, frozen=True):
    """Without data the weight is held, then taken to zero; only ``then="rollback"`` gives up."""

    hold_s: float = 600.0
    then: str = "zero"
