"""
The ground that a plan gives to a check: what each of the judge's bets would yield, step by step.

It belongs to :mod:`serinus.core.analysis.forecast`. The bets are those of the judge itself
(:mod:`serinus.core.analysis.eprocess`); what is unknown beforehand (which block a bad request falls
into, how many requests are in it) is taken at its mean.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import exp, lgamma, log
from typing import NamedTuple

from serinus.core.analysis import eprocess, strand, weigh

Line = tuple[float, float]
"""(ratio, plus): the candidate's share may be ratio × stable's + plus. An objective has ratio 0."""

MEDIAN = 1 / 3
"""So many bad requests fewer than ``b`` are expected when ``b`` are there in half of all runs."""

_CEILING = 0.999
_NEARLY_NONE = 1e-9


class Span(NamedTuple):
    """A part of the plan: the candidate has ``share`` (a fraction) for ``seconds``."""

    share: float
    seconds: float


class Course(NamedTuple):
    """
    What the plan gives the judge: requests a second of everybody, and shares one after the other.

    ``block_s``: the length of a block of evidence. ``plan_s``: over how long the judge spreads the
    capital that it holds back.
    """

    rate: float
    spans: tuple[Span, ...]
    block_s: float
    plan_s: float

    @property
    def seconds(self) -> float:
        """Return how long all spans take."""
        return sum(span.seconds for span in self.spans)


class Question(NamedTuple):
    """
    What one check asks.

    ``stable``: stable's share of bad requests. ``alarm``: logarithm of the evidence at which the
    alarm is raised, ``price``: what is taken off this check's (its weight among the others, and
    that it may have several bounds). ``phi``: how much stable's bad requests clump.
    """

    line: Line
    stable: float
    alarm: float
    price: float = 0.0
    phi: float = 1.0

    @property
    def limit(self) -> float:
        """Return the share that the candidate may have."""
        return self.line[0] * self.stable + self.line[1]


class Yield(NamedTuple):
    """What a bet gains by each bad request, and by each second, as logarithms."""

    bad: float
    second: float


Bets = list[list[Yield]]
"""What each bet yields in each span."""


def yields(
    question: Question, course: Course, share: float, theta: float, *, witness: bool = False
) -> Yield:
    """
    Return what a bet on the share ``theta`` yields while the candidate has ``share``.

    With less than a request in a block, a bad one stands beside few of stable's, and a block
    without a request of either says nothing. ``witness``: stable's past is asked as well.
    """
    ratio, plus = question.line
    n_c = course.rate * share * course.block_s
    n_p = course.rate * (1 - share) * course.block_s
    if n_c <= 0.0 or (ratio and n_p <= 0.0):
        return Yield(0.0, 0.0)
    stable, thought = question.stable, believed(question.stable, course.rate)
    served, beside = 1 - exp(-n_c), 1 - exp(-n_p) if ratio else 1.0
    n_p /= beside

    def past(n: float) -> float:
        return strand.witnesses(n, known(course.rate)) if witness and ratio else 0.0

    _, q = eprocess.project(1 + n_c, n_p + past(1 + n_c), theta, thought, ratio, plus)
    gain = beside * log(theta / q)
    more = past(n_c / served)
    p, q = eprocess.project(n_c / served, n_p + more, theta, thought, ratio, plus)
    drift = n_c * (q - theta)
    said = (n_p * stable + more * thought) * log(thought / p)
    drift += served * ((n_p + more) * (p - thought) + said)
    return Yield(gain / question.phi, beside * drift / course.block_s / question.phi)


def known(rate: float) -> float:
    """Return how many of stable's requests are remembered: old ones fade."""
    return rate * strand.HALF_LIFE_S / log(2)


def believed(stable: float, rate: float) -> float:
    """Return the share that the judge believes stable to have: of few requests a little more."""
    return eprocess.baseline(known(rate), known(rate) * stable)


class Ground:
    """One question along one course, ready to be asked about regressions of any size."""

    def __init__(self, question: Question, course: Course) -> None:
        self.question, self.course = question, course
        self.flow = [course.rate * span.share for span in course.spans]
        ratio, plus = question.line
        self.believed = ratio * believed(question.stable, course.rate) + plus
        self.late = (1 - eprocess.FIRST) * course.block_s / max(course.plan_s, course.block_s)
        thetas = eprocess.bets(self.believed, 0.0, 0.0)[: eprocess.GRID]
        self.bets = self._bets(thetas, witness=False)
        self.lent = self._bets(thetas, witness=True) if ratio else []
        self._roads: dict[int, _Road] = {}

    def _bets(self, thetas: Sequence[float], *, witness: bool) -> Bets:
        places = range(len(self.flow))
        return [[self.yields(place, t, witness=witness) for place in places] for t in thetas]

    def yields(self, place: int, theta: float, *, witness: bool = False) -> Yield:
        """Return what a bet yields during a span."""
        share = self.course.spans[place].share
        return yields(self.question, self.course, share, theta, witness=witness)

    def road(self, since: int) -> "_Road":
        """Return the plan from a span on."""
        if since not in self._roads:
            self._roads[since] = _Road(self, since)
        return self._roads[since]

    def capital(self, bets: Bets, since: int) -> list[float]:
        """Return what each bet's capital is worth (a logarithm) when a span begins."""
        found = []
        for bet in bets:
            capital = log(eprocess.FIRST)
            for place in range(since):
                healthy = self.flow[place] * self.question.stable * bet[place].bad
                pace = (healthy + bet[place].second) * self.course.block_s
                blocks = self.course.spans[place].seconds / self.course.block_s
                capital = grown(capital, self.late, pace, blocks)
            found.append(capital)
        return found


class _Road:
    """The plan from a span on, and what the bets yield along it; the same for all sizes."""

    def __init__(self, ground: Ground, since: int) -> None:
        self.ground, self.since = ground, since
        self.spans = ground.course.spans[since:]
        self.flow = ground.flow[since:]
        self.before = sum(span.seconds for span in ground.course.spans[:since])
        self.ends = [0.0, *accumulate(span.seconds for span in self.spans)]
        answered = (f * span.seconds for f, span in zip(self.flow, self.spans, strict=True))
        self.counts = [0.0, *accumulate(answered)]
        self.seconds = _Pursuit(self, ground.bets, witness=False)
        self.past = _Pursuit(self, ground.lent, witness=True) if ground.lent else None

    def place(self, borders: Sequence[float], value: float) -> int:
        """Return the span in which a growing number reaches a value."""
        return min(max(bisect_left(borders, value) - 1, 0), len(self.spans) - 1)


class Chase:
    """A regression to the share ``theta`` that begins with a span, and the bets after it."""

    def __init__(self, ground: Ground, theta: float, since: int) -> None:
        self.road, self.theta = ground.road(since), theta

    @property
    def most(self) -> float:
        """Return how many bad requests there are until the end of the plan."""
        return self.road.counts[-1] * self.theta

    def level(self, bad: int) -> float | None:
        """
        Say that so many bad requests, when there are so many, raise the alarm; None: they do not.

        What is returned is the level that they reach (:mod:`serinus.core.analysis.weigh`): stable's
        past is a witness where the comparison of the same seconds agrees.
        """
        question = self.road.ground.question
        level = question.alarm + question.price
        at = self.when(bad - MEDIAN)
        found = self.road.seconds.evidence(at, bad)
        if found >= level:
            return level
        if self.road.past is None or found < log(weigh.AGREED) + question.price:
            return None
        level += log(weigh.AIDED)
        return level if self.road.past.evidence(at, bad) >= level else None

    # --- requests and time ---

    def requests(self, seconds: float) -> float:
        """Return how many requests the candidate answers in the time since it began."""
        road = self.road
        place = road.place(road.ends, seconds)
        inside = min(seconds, road.ends[-1]) - road.ends[place]
        return road.counts[place] + road.flow[place] * inside

    def when(self, bad: float) -> float:
        """Return after how many seconds so many bad requests are expected."""
        road, wanted = self.road, bad / self.theta
        place = road.place(road.counts, wanted)
        flow = road.flow[place]
        return road.ends[place] + ((wanted - road.counts[place]) / flow if flow else 0.0)


class _Pursuit:
    """All bets that are after one regression, with or without stable's past."""

    def __init__(self, road: _Road, bets: Bets, *, witness: bool) -> None:
        self.road, self.witness = road, witness
        self.capital = road.ground.capital(bets, road.since)
        self.bets = [bet[road.since :] for bet in bets]
        self.sums = [self._sums(bet) for bet in self.bets]

    def _sums(self, bet: Sequence[Yield]) -> list[tuple[float, float]]:
        """Return what a bet yields until each span begins: (for all being bad, by time)."""
        found = [(0.0, 0.0)]
        for one, flow, span in zip(bet, self.road.flow, self.road.spans, strict=True):
            bad, time = found[-1]
            found.append((bad + flow * span.seconds * one.bad, time + span.seconds * one.second))
        return found

    def evidence(self, seconds: float, bad: int) -> float:
        """Return the logarithm of the evidence of so many bad requests after a time."""
        road, course = self.road, self.road.ground.course
        place = road.place(road.ends, seconds)
        inside = seconds - road.ends[place]
        here = road.flow[place] * inside
        requests = max(road.counts[place] + here, _NEARLY_NONE)
        blocks = max(seconds / course.block_s, 1.0)
        found = []
        for prior, bet, sums, capital in zip(
            eprocess.LOG_PRIOR, self.bets, self.sums, self.capital, strict=False
        ):
            growth = bad / requests * (sums[place][0] + here * bet[place].bad)
            growth += sums[place][1] + inside * bet[place].second
            found.append(prior + grown(capital, road.ground.late, growth / blocks, blocks))
        if not road.since:
            found.append(self._learnt(seconds, requests, bad))
        gone = (road.before + seconds) / max(course.plan_s, course.block_s)
        return eprocess.total(found, max((1 - eprocess.FIRST) * (1 - gone), 0.0))

    def _learnt(self, seconds: float, requests: float, bad: int) -> float:
        """Return what the bet on the candidate's own past makes of it."""
        ground = self.road.ground
        theta = min(max(bad / requests, 1.05 * ground.believed), _CEILING)
        # The mean share of the time stands for all of its spans.
        share = requests / (ground.course.rate * max(seconds, _NEARLY_NONE))
        one = yields(ground.question, ground.course, share, theta, witness=self.witness)
        growth = bad * one.bad + seconds * one.second
        # Learning as it goes costs what the best bet would have known from the start.
        prior = 0.5 / ground.believed
        learnt = lgamma(1.5 + bad) - lgamma(1.5) + 1.5 * log(prior)
        learnt -= (1.5 + bad) * log(prior + requests)
        known = bad * log(bad / requests) - bad
        cost = (learnt - known) / ground.question.phi
        return eprocess.LOG_PRIOR[-1] + log(eprocess.FIRST) + growth + cost


def grown(capital: float, late: float, pace: float, blocks: float) -> float:
    """Return a logarithm after some blocks of growth, ``late`` being added before each of them."""
    after = capital + pace * blocks
    if late <= 0.0 or blocks <= 0.0:
        return after
    if abs(pace) < _NEARLY_NONE:
        added = log(blocks)
    elif pace > 0.0:
        added = pace * blocks + log((1 - exp(-pace * blocks)) / (1 - exp(-pace)))
    else:
        added = pace + log((1 - exp(pace * blocks)) / (1 - exp(pace)))
    return eprocess.add(after, log(late) + added)
