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

from serinus.core.spec.calendar import Window
from serinus.core.spec.requests import Edits, Goal, Match
from serinus.core.spec.rules import Rule
from serinus.core.spec.wayback import Margin, NoDataPolicy, RetreatPolicy, Unverified

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


# --- what a check compares with ----------------------------------------------------------------


class AgainstStable(msgspec.Struct, frozen=True, tag="stable"):
    """
    The candidate's share of bad requests may be ``ratio`` times stable's, plus ``plus``.

    ``plus`` is a fraction of the requests: 0.0002 is 0.02 %.
    """

    ratio: float = 1.25
    plus: float = 0.0002


class Burn(msgspec.Struct, frozen=True):
    """
    A pair of windows: the budget burns too fast when it burns ``rate`` times as fast as it may in
    both of them, the long one (enough of it) and the short one (it still goes on).
    """

    long_s: float
    short_s: float
    rate: float


BURNS = (Burn(3600, 300, 14.4), Burn(21_600, 1800, 6.0), Burn(259_200, 21_600, 1.0))
"""The pairs for a budget of 30 days (Google, *The Site Reliability Workbook*, chapter 5)."""


class AgainstSlo(msgspec.Struct, frozen=True, tag="slo"):
    """
    The candidate's share of bad requests may be ``max`` (a fraction), whatever stable does.

    ``over_s``: the length of the budget, of all requests of the application; 0: there is none.
    ``burns``: when its burning holds a release. ``freeze``: no release begins once it is spent.
    """

    max: float
    rollback: bool = False
    over_s: float = 0.0
    burns: tuple[Burn, ...] = ()
    freeze: bool = False


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


class LogCheck(msgspec.Struct, frozen=True, tag="logs"):
    """Log lines that match ``pattern`` (RE2 syntax, anywhere in the line), for each request."""

    name: str
    against: AgainstStable | AgainstSlo
    pattern: str
    weight: float = 0.25


class NetworkCheck(msgspec.Struct, frozen=True, tag="network"):
    """Share of requests whose connection broke: refused, reset, timed out, nobody there."""

    name: str
    against: AgainstStable | AgainstSlo
    weight: float = 0.25


Check = ErrorsCheck | LatencyCheck | LogCheck | NetworkCheck
"""Checks that count: so many bad ones of so many requests."""


# --- checks that look at a number ---------------------------------------------------------------


class Threshold(msgspec.Struct, frozen=True, tag="threshold"):
    """
    A number has to be within ``min`` and ``max``.

    Outside of them ``strikes`` times in a row, and the release is rolled back.
    """

    min: float | None = None
    max: float | None = None
    strikes: int = 3


class Compared(msgspec.Struct, frozen=True, tag="compared"):
    """
    The candidate's number may be ``ratio`` times stable's, plus ``plus``, at the same moment.

    ``higher`` is worse; False: lower is worse, and it may be stable's divided by ``ratio``, minus
    ``plus``.
    """

    ratio: float = 1.25
    plus: float = 0.0
    higher: bool = True


class QueryCheck(msgspec.Struct, frozen=True, tag="query"):
    """
    A query to a metric source (``source``: the name of its adapter), every ``every_s`` seconds.

    ``$revision`` in it stands for the short id of an arm's revision, ``$version`` for its version,
    ``$application`` and ``$environment`` for themselves, ``$window`` for the time between two
    looks, in PromQL's words. With ``$revision`` or ``$version`` it is asked for each arm.
    """

    name: str
    against: Threshold | Compared
    query: str
    source: str = "prometheus"
    every_s: float = 30.0
    weight: float = 0.25


class UsageCheck(msgspec.Struct, frozen=True, tag="usage"):
    """
    What the replicas take of the machine: ``memory`` (bytes for each replica) or ``cpu`` (seconds
    for each request).
    """

    name: str
    against: Threshold | Compared
    what: str
    weight: float = 0.25


class NewLinesCheck(msgspec.Struct, frozen=True, tag="newLines"):
    """
    Kinds of log lines that match ``pattern``, come from the candidate, and never came from stable.

    ``times``: how often a kind has to come before it is told and the release is held.
    """

    name: str
    pattern: str
    times: int = 3


Look = QueryCheck | UsageCheck | NewLinesCheck
"""Checks that are no counts: their guarantee is an approximate one, or none."""


# --- steps ------------------------------------------------------------------------------------


class Approval(msgspec.Struct, frozen=True, tag="approval"):
    """
    A gate that people open. ``timeout_s`` None: it waits as long as it takes.

    ``expires_s``: how long an approval counts that was given while others were waited for.
    """

    roles: tuple[str, ...] = ()
    count: int = 1
    timeout_s: float | None = None
    on_timeout: str = "hold"
    expires_s: float | None = None


class WindowGate(msgspec.Struct, frozen=True, tag="window"):
    """A gate that the calendar opens."""

    window: Window


class Webhook(msgspec.Struct, frozen=True, tag="webhook"):
    """
    A gate that another program opens: it is asked, again and again, until it says yes or no.

    ``timeout_s``: of one question; ``limit_s``: of them all. ``on_refusal``, ``on_timeout``:
    ``hold`` or ``rollback``. ``secret``: the name of the key that signs the question.
    """

    url: str
    secret: str = ""
    timeout_s: float = 10.0
    every_s: float = 10.0
    limit_s: float = 600.0
    on_refusal: str = "hold"
    on_timeout: str = "hold"


Gate = Approval | WindowGate | Webhook


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


class MirrorStep(msgspec.Struct, frozen=True, tag="mirror"):
    """Send the candidate copies of a share of the requests, whose answers nobody gets."""

    share: int
    methods: tuple[str, ...] = ()
    hold: Hold = Hold()
    gates: tuple[Gate, ...] = ()


class MatchStep(msgspec.Struct, frozen=True, tag="match"):
    """
    Give the candidate a cohort: the requests of any of the ``matches``, or ``share`` of all users.

    Exactly one of the two is given. It lasts as long as ``hold`` says, and then it is over.
    """

    matches: tuple[Match, ...] = ()
    share: int = 0
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


Step = (
    TrafficStep
    | PreviewStep
    | MirrorStep
    | MatchStep
    | SwitchStep
    | ReplaceStep
    | RecreateStep
    | SettleStep
)


# --- the whole --------------------------------------------------------------------------------


class Surge(msgspec.Struct, frozen=True):
    """How many replicas there may be beyond stable's: a number, and a part of them (per mille)."""

    replicas: int = 0
    per_mille: int = 0


class Delivery(msgspec.Struct, frozen=True):
    """
    One release's whole course, resolved: nothing here depends on a file any more.

    ``sticky_s``: for how long a user stays on his side; 0: each request is drawn by itself.
    ``edits``: what is changed in the headers of the requests that the candidate gets. ``goals``:
    what the users of an A/B test are hoped to do. ``rule``: another tool's, for the evidence.
    ``max_surge``: None: stable stays whole beside the candidate, however large that is.
    """

    strategy: Strategy
    steps: tuple[Step, ...]
    checks: tuple[Check, ...] = ()
    looks: tuple[Look, ...] = ()
    rule: Rule | None = None
    sticky_s: float = 0.0
    edits: Edits = Edits()
    goals: tuple[Goal, ...] = ()
    template: str = ""
    template_version: str = ""
    warmup_s: float = 15.0
    start_timeout_s: float = 120.0
    drain_s: float = 10.0
    max_surge: Surge | None = None
    keep_candidate_s: float = 600.0
    quarantine: bool = True
    every_s: float = 5.0
    margin: Margin = Margin()
    verify_error: float = 0.05
    on_unverified: Unverified = Unverified.PROMOTE
    on_no_data: NoDataPolicy = NoDataPolicy()
    retreat: RetreatPolicy = RetreatPolicy()
