"""The judge's memory of one release: plain numbers that go through JSON and come back the same."""

from collections.abc import Sequence
from math import log

import msgspec

from serinus.core.analysis.gauge import Gauge
from serinus.core.analysis.placebo import Placebo
from serinus.core.analysis.routing import Routing
from serinus.core.analysis.rules import chosen
from serinus.core.analysis.shape import Shape
from serinus.core.analysis.sight import Sight
from serinus.core.analysis.stream import Stream
from serinus.core.spec.delivery import (
    AgainstStable,
    Check,
    Compared,
    Look,
    NewLinesCheck,
    QueryCheck,
    UsageCheck,
)
from serinus.core.spec.rules import Rule
from serinus.core.spec.wayback import Margin, RetreatPolicy
from serinus.core.state.counts import Tick
from serinus.core.state.verdict import Outcome, Test, TestKind


class Terms(msgspec.Struct, frozen=True):
    """
    What the delivery says about judging; it never changes during a release.

    ``log_weights``: logarithms of the weights of the checks, ``gauge_weights`` of those of the
    looks that compare; all together they make 1. ``settle_s``: for how long the old version is kept
    for the way back.
    """

    checks: tuple[Check, ...]
    log_weights: tuple[float, ...]
    block_s: float
    plan_s: float
    margin: Margin
    verify_error: float
    retreat: RetreatPolicy
    settle_s: float = 60.0
    looks: tuple[Look, ...] = ()
    gauge_weights: tuple[float, ...] = ()
    rule: Rule | None = None

    @property
    def compared(self) -> tuple[Check, ...]:
        """Return the checks that compare with stable."""
        return tuple(check for check in self.checks if isinstance(check.against, AgainstStable))

    @property
    def gauges(self) -> tuple[QueryCheck | UsageCheck, ...]:
        """Return the looks that compare with stable."""
        return gauges(self.looks)


def gauges(looks: Sequence[Look]) -> tuple[QueryCheck | UsageCheck, ...]:
    """Return those looks that compare with stable: their evidence is weighed with the others'."""
    return tuple(
        [
            look
            for look in looks
            if not isinstance(look, NewLinesCheck) and isinstance(look.against, Compared)
        ]
    )


class Charge(msgspec.Struct, frozen=True):
    """
    What the last alarm accused: a check, the place of its strand, and the share θ̂.

    ``at``: the end of the last block before it (epoch seconds).
    """

    check: str = ""
    place: int = 0
    theta: float = 0.0
    at: float = 0.0


class Pod(msgspec.Struct, frozen=True, array_like=True):
    """
    What one replica of the candidate did, by one check (:mod:`serinus.core.analysis.pods`).

    ``test``: the number of the test that its counts and its ``evidence`` (a logarithm) are of.
    ``own``/``own_failed``: the counts, fading. ``weights``, ``cash``: the capital of its own bets;
    no weights: it served alone so far, so that what is said of all is said of it; or its test is
    over.
    """

    check: str
    name: str
    test: int
    requests: int = 0
    bad: int = 0
    own: float = 0.0
    own_failed: float = 0.0
    weights: tuple[float, ...] = ()
    cash: float = 1.0
    evidence: float = 0.0


class Judge(msgspec.Struct, frozen=True):
    """
    One release's whole memory.

    ``pending``: ticks of the block that is not full yet. ``at``: end of the last block. ``cash``:
    capital not yet injected. ``blocks``: those of this test with data in both arms. ``begun``: when
    the probe's clock started, 0 when it has not. ``charge`` outlives the test that raised it: a
    probe, and the next one, need it. ``violated``: the objective that was found violated.
    ``smallest``: the smallest regression that could have been seen when ``weighed`` requests of the
    candidate had been judged. ``rate``: fading sums of requests and seconds. ``looks``: the memory
    of each look; ``served``: when candidate and stable last answered requests of replicas that are
    old enough (only kept where there are looks); ``since``: when the current test was begun.
    ``crew``: how many of the candidate's replicas answered in the last block. ``placebo``: what
    the accusation's probe would have found in stable's past, None while nobody has looked;
    ``looked``: the accusation that this was about.
    ``ruled``: the memory of the rule that was chosen.
    ``excused``: the probe's twin failed as well.
    ``pods``: what single replicas did.
    ``routing``: whether the router gives the candidate its share; ``shape``: whether latency is
    distributed as stable's.
    """

    terms: Terms
    test: Test
    streams: tuple[Stream, ...]
    pending: tuple[Tick, ...] = ()
    at: float = 0.0
    cash: float = 1.0
    blocks: int = 0
    begun: float = 0.0
    alarmed: bool = False
    probe: Outcome = Outcome.INCONCLUSIVE
    charge: Charge = Charge()
    violated: str = ""
    smallest: float | None = None
    weighed: float = 0.0
    requests: int = 0
    bad: int = 0
    test_requests: int = 0
    test_stable_requests: int = 0
    data_at: float = 0.0
    stable_data_at: float = 0.0
    rate: tuple[float, float] = (0.0, 0.0)
    looks: tuple[Sight, ...] = ()
    served: tuple[float, float] = (0.0, 0.0)
    since: float = 0.0
    crew: int = 1
    placebo: Placebo | None = None
    looked: Charge = Charge()
    ruled: chosen.State | None = None
    excused: bool = False
    pods: tuple[Pod, ...] = ()
    routing: Routing = Routing()
    shape: Shape = Shape()


def level(judge: Judge) -> float:
    """
    Return the logarithm of the evidence at which the current test is over.

    Traffic is taken away early, as that can be undone; a takeover only goes on, or back for good.
    """
    policy = judge.terms.retreat
    return log(policy.give_up if judge.test.kind is TestKind.TAKEOVER else policy.alarm)


def alone(judge: Judge) -> bool:
    """Tell whether the candidate took over and stable no longer serves beside it."""
    if judge.test.kind is not TestKind.TAKEOVER:
        return False
    return judge.data_at - judge.stable_data_at >= judge.terms.block_s


def find(judge: Judge, name: str) -> tuple[Check, Stream]:
    """Return a check and its stream."""
    for check, one in zip(judge.terms.checks, judge.streams, strict=True):
        if check.name == name:
            return check, one
    known = ", ".join(check.name for check in judge.terms.checks) or "none"
    raise LookupError(f"check {name!r} is not one of this delivery's: {known}")


def gauge(judge: Judge, name: str) -> Gauge | None:
    """Return the memory of a look that compares, None if the name is that of something else."""
    return next((one.gauge for one in judge.looks if one.check == name), None)
