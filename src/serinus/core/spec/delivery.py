"""
A delivery as it is carried out: strategy, steps, checks and the way back.

What people write (:mod:`serinus.core.spec.steps`) is sugared, parametrised and layered.
:func:`serinus.core.spec.resolve.resolve` turns it into one :class:`Delivery`, which is frozen
into the release: editing a template never changes a release in flight.

Shares are per mille of the traffic (``10`` is 1 %), because the routers split to 0.1 %.
Lengths of time are seconds.
"""

import enum

import msgspec

FULL = 1000
"""All of the traffic, in per mille."""


class Strategy(enum.StrEnum):
    """How a new revision takes over."""

    ROLLING = "rolling"
    RECREATE = "recreate"
    BLUE_GREEN = "blueGreen"
    CANARY = "canary"
    AB_TEST = "abTest"
    MIRROR = "mirror"
    FLAG = "flag"


class Unverified(enum.StrEnum):
    """What to do when a release ran its course but its safety could not be shown."""

    PROMOTE = "promote"
    HOLD = "hold"
    ROLLBACK = "rollback"


# --- what a check compares with ----------------------------------------------------------------


class AgainstStable(msgspec.Struct, frozen=True, tag="stable"):
    """
    The candidate's share of bad requests may be ``ratio`` times stable's, plus ``plus``.

    ``plus`` is a fraction of the requests: 0.0002 is 0.02 %.
    """

    ratio: float = 1.25
    plus: float = 0.0002


class AgainstSlo(msgspec.Struct, frozen=True, tag="slo"):
    """The candidate's share of bad requests may be ``max`` (a fraction), whatever stable does."""

    max: float
    rollback: bool = False


class ErrorsCheck(msgspec.Struct, frozen=True, tag="errors"):
    """Share of requests that failed: 5xx, reset, timeout, abandoned."""

    name: str
    against: AgainstStable | AgainstSlo
    weight: float = 0.5


class LatencyCheck(msgspec.Struct, frozen=True, tag="latency"):
    """
    Share of requests slower than a bound.

    ``bounds_ms`` empty: up to four bounds are chosen from stable's own history when the release
    starts (the ones nearest to tails of 50 %, 10 %, 1 % and 0.2 %), and their evidence is averaged.
    """

    name: str
    against: AgainstStable | AgainstSlo
    bounds_ms: tuple[int, ...] = ()
    weight: float = 0.25


Check = ErrorsCheck | LatencyCheck


class Margin(msgspec.Struct, frozen=True):
    """What still counts as safe when a promotion is verified (statistics: non-inferiority)."""

    ratio: float = 1.5
    plus: float = 0.001


# --- steps ------------------------------------------------------------------------------------


class Approval(msgspec.Struct, frozen=True, tag="approval"):
    """A gate that people open. ``timeout_s`` None: it waits as long as it takes."""

    roles: tuple[str, ...] = ()
    count: int = 1
    timeout_s: float | None = None
    on_timeout: str = "hold"


Gate = Approval


class Hold(msgspec.Struct, frozen=True):
    """Time and evidence that a step needs before the next one."""

    for_s: float = 0.0
    min_samples: int = 0


class TrafficStep(msgspec.Struct, frozen=True, tag="traffic"):
    """Give the candidate a share of the traffic and hold there. ``manual``: until *Next step*."""

    share: int
    hold: Hold = Hold()
    gates: tuple[Gate, ...] = ()
    manual: bool = False


class PreviewStep(msgspec.Struct, frozen=True, tag="preview"):
    """Run the candidate next to stable without traffic. ``replicas`` is per mille of stable's."""

    replicas: int = FULL
    hold: Hold = Hold()
    gates: tuple[Gate, ...] = ()


class SwitchStep(msgspec.Struct, frozen=True, tag="switch"):
    """Move all of the traffic to the candidate at once."""

    gates: tuple[Gate, ...] = ()


class ReplaceStep(msgspec.Struct, frozen=True, tag="replace"):
    """Replace stable's replicas a few at a time. Both limits are per mille of the replicas."""

    max_surge: int = 250
    max_unavailable: int = 0
    gates: tuple[Gate, ...] = ()


class RecreateStep(msgspec.Struct, frozen=True, tag="recreate"):
    """Stop stable, then start the candidate. There is nobody to answer in between."""

    timeout_s: float = 60.0
    gates: tuple[Gate, ...] = ()


class SettleStep(msgspec.Struct, frozen=True, tag="settle"):
    """Keep the old replicas warm for the way back while the candidate serves everybody."""

    keep_old_s: float = 600.0


Step = TrafficStep | PreviewStep | SwitchStep | ReplaceStep | RecreateStep | SettleStep


# --- the whole --------------------------------------------------------------------------------


class RetreatPolicy(msgspec.Struct, frozen=True):
    """
    Numbers of the way back (docs: explanation/retreat).

    ``alarm`` is the evidence (an odds-like number) at which traffic is taken away and at which a
    probe fails or passes; ``give_up`` the evidence of the whole release without which nothing is
    rolled back; ``probes`` how many failed probes on fresh replicas it takes.
    """

    alarm: float = 10.0
    give_up: float = 100.0
    probes: int = 2
    max_retreats: int = 3
    max_probes: int = 5
    probe_target_s: float = 60.0
    probe_limit_s: float = 300.0
    trial_s: float = 60.0
    min_share: int = 10


class NoDataPolicy(msgspec.Struct, frozen=True):
    """Without data the weight is held, then taken to zero; only ``then="rollback"`` gives up."""

    hold_s: float = 600.0
    then: str = "zero"


class Delivery(msgspec.Struct, frozen=True):
    """One release's whole course, resolved: nothing here depends on a file any more."""

    strategy: Strategy
    steps: tuple[Step, ...]
    checks: tuple[Check, ...] = ()
    template: str = ""
    template_version: str = ""
    warmup_s: float = 15.0
    start_timeout_s: float = 120.0
    drain_s: float = 10.0
    keep_candidate_s: float = 600.0
    quarantine: bool = True
    every_s: float = 5.0
    margin: Margin = Margin()
    verify_error: float = 0.05
    on_unverified: Unverified = Unverified.PROMOTE
    on_no_data: NoDataPolicy = NoDataPolicy()
    retreat: RetreatPolicy = RetreatPolicy()
