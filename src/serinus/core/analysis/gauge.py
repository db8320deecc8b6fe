"""
A gauge: a number of both arms, taken at the same moment, and what it says against the candidate.

Numbers are no counts. Nothing bounds how they vary, so that what is said here is *approximate*, and
each sentence says so. The deviation is how far the candidate's number is beyond what it may be; it
is clipped, and bets are placed on five sizes of it as if it were normal with the long-run variance
of :mod:`serinus.core.analysis.noise`::

            Σ wᵢ · exp Σ (λᵢ D − λᵢ²/2) / V          D = candidate's − allowed, clipped

It is an e-process as far as the sum of the deviations varies as little as V says. V is learnt from
stable alone, before a number is used; the candidate's own jumps from one number to the next may
only make it larger. Five guards keep it honest:

- nothing is bet before some jumps of the candidate were seen;
- one number alone moves the evidence by :data:`MOST` at most, so that it takes three to alarm;
- V never falls below an eighth of the margin (as a standard deviation): what is far smaller than
  what is allowed need not be told apart;
- V is taken :data:`CAUTION` times;
- nothing is bet before stable's past is several times as long as its memory, unless all of its
  noise is small beside the margin.
"""

from collections.abc import Sequence
from math import log, sqrt

import msgspec

from serinus.core.analysis import eprocess, noise, probe
from serinus.core.analysis.noise import Noise
from serinus.core.spec.delivery import Compared
from serinus.core.spec.wayback import RetreatPolicy
from serinus.core.state.verdict import Outcome

PAST = 720
"""How many of stable's numbers are remembered: an hour of them, one every five seconds."""

JUMPS = 60
"""How many of the candidate's jumps are remembered."""

FIRST = 5
"""Jumps of the candidate without which nothing is bet: it may be far noisier than stable."""

CAUTION = 1.6
MOST = log(10) / 2
SIZES = (0.15, 0.3, 0.6, 1.2, 2.0)
"""The deviations that are bet on, in standard deviations."""

_PRIOR = log(1 / len(SIZES))
_FRESH = (eprocess.EMPTY,) * len(SIZES)
_LENGTHS = 5.0
_GRAIN = 8.0
_STALE = 1.1
_TRUST = 3.0
_UNKNOWN_WANDER = 20.0
_WILD = 25.0
_MANY = 12
_ROUNDING = 1e-9


class Gauge(msgspec.Struct, frozen=True, array_like=True):
    """
    One gauge's whole memory.

    ``past``: stable's numbers, oldest first; ``noise``: what was estimated from them. ``last``: the
    candidate's previous number; ``jumps``: how far its last ones were from each other.
    ``weights``, ``cash``: the capital of each bet as a logarithm, and what is left of it;
    ``count``: numbers compared in this test. ``evidence``: what it amounts to, a logarithm.
    ``probe``: both likelihood ratios of a probe; ``begun``: when its first number came, 0 before.
    """

    past: tuple[float, ...] = ()
    noise: Noise = Noise()
    last: float | None = None
    jumps: tuple[float, ...] = ()
    weights: tuple[float, ...] = _FRESH
    cash: float = 1.0
    count: int = 0
    evidence: float = 0.0
    probe: tuple[float, float] = probe.FRESH
    begun: float = 0.0


class Scale(msgspec.Struct, frozen=True):
    """What a deviation is measured by: its standard deviation, and the long-run variance."""

    sd: float
    variance: float


def limit(against: Compared, stable: float) -> float:
    """Return what the candidate's number may be, at most or at least."""
    if against.higher:
        return stable + abs(stable) * (against.ratio - 1) + against.plus
    return stable - abs(stable) * (1 - 1 / against.ratio) - against.plus


def deviation(against: Compared, own: float, stable: float) -> float:
    """Return how far the candidate's number is beyond what it may be; below 0: within."""
    beyond = own - limit(against, stable)
    return beyond if against.higher else -beyond


def scale(gauge: Gauge, against: Compared) -> Scale | None:
    """
    Return the measure of the next deviation, None while too little is known.

    It rests on the past alone: what a number is measured by is fixed before it is seen.
    """
    if gauge.noise.count < noise.LEAST or len(gauge.jumps) < FIRST:
        return None
    level = gauge.past[-1]
    grain = abs(limit(against, level) - level) / _GRAIN
    grain = max(grain, abs(level) * _ROUNDING, _ROUNDING)
    known, own = gauge.noise, _own_sd(gauge)
    long_run = known.long_run
    own_run = own**2 * (long_run / known.sd**2 if known.sd else _UNKNOWN_WANDER)
    times = against.ratio if against.higher else 1 / against.ratio
    variance = CAUTION * (times * times * long_run + own_run)
    if known.count < _LENGTHS * known.wander and variance > grain * grain:
        return None
    sd = sqrt(times * times * known.sd**2 + own**2 + grain * grain)
    return Scale(sd, variance + grain * grain)


def _own_sd(gauge: Gauge) -> float:
    """
    Return the candidate's standard deviation: stable's, or more where it jumps more.

    How much it jumps from one number to the next is not told from a shift, which is one jump. While
    few jumps were seen, each counts in full; later a few wild ones are left out.
    """
    known, jumps = gauge.noise, gauge.jumps
    if len(jumps) >= _MANY:
        short = noise.shortly(jumps)
    else:
        seen = sum([jump * jump for jump in jumps]) / 2
        short = sqrt((_TRUST * known.short**2 + seen) / (_TRUST + len(jumps)))
    return known.sd * max(1.0, short / known.short) if known.short else max(known.sd, short)


# --- one number ----------------------------------------------------------------------------------


def run(gauge: Gauge, against: Compared, pair: tuple[float, float], share: float) -> Gauge:
    """
    Count a pair (candidate's, stable's) as evidence of a regression.

    ``share``: how much of the capital that is kept back may be bet from now on.
    """
    measure = scale(gauge, against)
    if measure is None:
        return gauge
    found = deviation(against, *pair)
    share = eprocess.FIRST if gauge.cash >= 1.0 else min(share, gauge.cash)
    cash = gauge.cash - share if gauge.cash - share > _ROUNDING else 0.0
    extra = log(share) + _PRIOR if share > 0.0 else eprocess.EMPTY
    gained = _gains(found, [size * measure.sd for size in SIZES], measure)
    weights = tuple(
        [eprocess.add(w, extra) + g for w, g in zip(gauge.weights, gained, strict=True)]
    )
    return msgspec.structs.replace(
        gauge,
        weights=weights,
        cash=cash,
        count=gauge.count + 1,
        evidence=eprocess.total(weights, cash),
    )


def _gains(found: float, sizes: Sequence[float], measure: Scale) -> list[float]:
    most = noise.CLIP * measure.sd
    found = min(max(found, -most), most)
    return [min((size * found - size * size / 2) / measure.variance, MOST) for size in sizes]


def try_out(
    gauge: Gauge, against: Compared, pair: tuple[float, float], theta: float, at: float
) -> Gauge:
    """Count a pair in a probe; ``theta``: the deviation that the alarm pointed at, in sd."""
    measure = scale(gauge, against)
    if measure is None:
        return gauge
    high = (theta or SIZES[-2]) * measure.sd
    first, second = _gains(deviation(against, *pair), (high, high / 2), measure)
    ratios = (gauge.probe[0] + first, gauge.probe[1] + second)
    return msgspec.structs.replace(
        gauge, probe=ratios, count=gauge.count + 1, begun=gauge.begun or at
    )


def tried(gauge: Gauge, at: float, policy: RetreatPolicy) -> Outcome:
    """Decide the probe, as for counts; without any number it stays open."""
    if not gauge.begun:
        return Outcome.INCONCLUSIVE
    terms = probe.Terms(policy.probe, policy.probe_limit_s)
    return probe.outcome(gauge.probe, at - gauge.begun, terms)


def learn(gauge: Gauge, own: float | None, stable: float | None) -> Gauge:
    """Learn from numbers that were used, or that there was nothing to compare with."""
    jumps, last = gauge.jumps, gauge.last
    if own is not None:
        if last is not None:
            most = max(_WILD * gauge.noise.sd, abs(last))
            jumps = (*jumps, min(abs(own - last), most))[-JUMPS:]
        last = own
    if stable is None:
        return msgspec.structs.replace(gauge, jumps=jumps, last=last)
    past = (*gauge.past, stable)[-PAST:]
    known = gauge.noise
    if len(past) >= max(noise.LEAST, known.count * _STALE) or len(past) == PAST > known.count:
        known = noise.estimate(past)
    return msgspec.structs.replace(gauge, past=past, noise=known, jumps=jumps, last=last)


def remember(numbers: Sequence[float]) -> Gauge:
    """Begin with stable's past, oldest first, taken at the same distance as later numbers."""
    past = tuple(numbers)[-PAST:]
    return Gauge(past=past, noise=noise.estimate(past))


def begin(gauge: Gauge) -> Gauge:
    """Forget the evidence of the last test, and the replicas that it was about."""
    return Gauge(past=gauge.past, noise=gauge.noise)


def belief(gauge: Gauge) -> float:
    """Return the deviation that the evidence points at, in standard deviations; 0: none."""
    if max(gauge.weights) <= eprocess.EMPTY / 2:
        return 0.0
    return eprocess.belief(gauge.weights, SIZES)
