"""
The forecast: how soon a regression of some size would be seen, before anything is released.

The judge's own bets are followed along the plan (:mod:`serinus.core.analysis.ground`). What is
random is how many bad requests the candidate happens to have. So the question is turned round: *how
many bad requests does it take, and when are there so many?* It holds for few requests as well,
where a formula for the mean is wrong by half::

    bad ones │            needed: after so long, so many say enough
             │      ___───
             │ __─╱──      ╱ expected with a regression of this size
             │───╱───   ╱
             │  ╱    ╱
             │╱   ╱
             └───────┴──────────── time since it began
                     seen

``b`` bad requests are there with a chance of one half when ``b − 1/3`` of them are expected. Where
it takes many, the evidence has many chances to be ahead of its mean, and half of all releases are
through at :func:`half` of the way. Either way: in half of all releases it is seen earlier than the
forecast says, in half later.

What the forecast does not know: the requests of a real application come in clumps (φ̂ is taken
into account as far as it is known), and its traffic has hours.
"""

from collections.abc import Callable
from math import ceil, inf, log, sqrt
from typing import NamedTuple

from serinus.core.analysis import ground, probe, safety
from serinus.core.analysis.ground import MEDIAN, Chase, Course, Ground, Line, Question
from serinus.core.spec.delivery import FULL
from serinus.core.spec.wayback import RetreatPolicy

SMALLEST = 1e-6
"""Nobody asks for a regression that is smaller."""

_HALVINGS = 18


class Seen(NamedTuple):
    """When a regression is seen, and how much was exposed to it until then."""

    seconds: float
    bad: float
    requests: float


class Final(NamedTuple):
    """When a release is given up for good, counted like :class:`Seen`, and by which probes."""

    seconds: float
    bad: float
    share: int


# --- how soon it is seen ------------------------------------------------------------------------


def detect(field: Ground, theta: float, since: int = 0) -> Seen | None:
    """
    Say when a regression to the share ``theta`` that begins with a span would be seen.

    None: not within the plan, in at least half of all releases.
    """
    question, course = field.question, field.course
    if theta <= question.limit or not field.bets or sum(field.flow[since:]) <= 0.0:
        return None
    chase = Chase(field, theta, since)
    most = int(chase.most + MEDIAN)
    needed = _first(lambda bad: chase.level(bad) is not None, most)
    level = chase.level(needed) if needed else None
    if needed is None or level is None:
        return None
    saved = (1 - half(level + safety.PRICE)) * (1 - 1 / needed)
    seconds = chase.when(needed * (1 - saved) - MEDIAN)
    seconds = _whole(seconds, course.block_s)
    requests = chase.requests(seconds)
    return Seen(seconds, requests * theta, requests)


def smallest(field: Ground, end_s: float, most: float = 1.0) -> float | None:
    """
    Return the smallest share of bad requests that is seen within ``end_s`` of the plan's begin.

    It is there from the beginning, and seen in half of all releases. ``most``: one that is known to
    be seen. None: not even an outage is.
    """
    low, high = max(field.question.limit, SMALLEST), most
    if low >= high or not _by(field, high, end_s):
        return None
    for _ in range(_HALVINGS):
        middle = sqrt(low * high)
        low, high = (low, middle) if _by(field, middle, end_s) else (middle, high)
    return high


def _by(field: Ground, theta: float, end_s: float) -> bool:
    seen = detect(field, theta)
    return seen is not None and seen.seconds <= end_s


def _first(enough: Callable[[int], bool], most: int) -> int | None:
    """Return the smallest number of bad requests that is enough, by doubling and halving."""
    high = 1
    while high < most and not enough(high):
        high = min(2 * high, most)
    if most < 1 or not enough(high):
        return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _whole(seconds: float, block_s: float) -> float:
    """Return the end of the block: it is counted when it is over."""
    return max(1, ceil(seconds / block_s - 1e-9)) * block_s


def half(level: float) -> float:
    """
    Return the part of the way to a level at whose time half of all random walks have been there.

    The logarithm of a likelihood ratio varies by twice as much as it drifts. That makes the first
    passage an inverse Gaussian one, and its median is this part of its mean within a hundredth.
    """
    return level / (1 + level)


# --- how soon it is decided ---------------------------------------------------------------------


def decide(
    field: Ground, theta: float, seen: Seen, share: int, policy: RetreatPolicy
) -> Final | None:
    """
    Say when a release that has lost its ``share`` (per mille) is rolled back for good.

    All probes fail, one after the other. How long fresh replicas take to start and to warm up comes
    on top. None: a probe of this size does not decide within its time.
    """
    question, course = field.question, field.course
    limit = min(question.limit, 0.99)
    wanted = probe.share(theta, limit, question.phi, course.rate, policy)
    given = min(max(wanted, policy.min_share), share)
    flow = course.rate * given / FULL * theta
    probes = policy.probes or 1
    yields = [ground.yields(question, course, given / FULL, t) for t in probe.targets(theta, limit)]
    pace = max(flow * one.bad + one.second for one in yields)
    # The bet on the right share has half of the capital.
    each = log(2 * policy.probe)
    last = max(each, log(2 * policy.give_up) - log(policy.alarm) - (probes - 1) * log(policy.probe))
    lengths = [_length(level, pace, course.block_s) for level in (each, last)]
    if max(lengths) > policy.probe_limit_s:
        return None
    length = (probes - 1) * lengths[0] + lengths[1]
    return Final(seen.seconds + length, seen.bad + length * flow, given)


def _length(level: float, pace: float, block_s: float) -> float:
    return _whole(half(level) * level / pace, block_s) if pace > 0.0 else inf


# --- how soon it is shown to be safe ------------------------------------------------------------


def verify(question: Question, course: Course, margin: Line, error: float) -> float | None:
    """
    Say how long it takes to show that a candidate as good as stable is not worse than the margin.

    Beyond the plan its last share goes on. None: never.
    """
    wanted = question._replace(line=margin)
    bet = ground.believed(question.stable, course.rate)
    if margin[0] * bet + margin[1] <= bet:
        return None  # What is as good as stable is worse than the margin allows.
    needed = safety.PROOF - log(error)
    needed *= half(needed)
    passed = pace = 0.0
    for span in course.spans:
        one = ground.yields(wanted, course, span.share, bet)
        pace = course.rate * span.share * question.stable * one.bad + one.second
        if pace * span.seconds >= needed:
            break
        needed -= pace * span.seconds
        passed += span.seconds
    if pace <= 0.0:
        return None
    return _whole(passed + needed / pace, course.block_s)
