"""
A strand: one series of counts (errors, or requests slower than one bound) with its whole memory.

A block is first used as evidence, then learnt from, never the other way round: what is bet on a
block is fixed before the block is seen (:mod:`serinus.core.analysis.eprocess` rests on that).
"""

from math import inf, log, sqrt
from typing import NamedTuple

import msgspec

from serinus.core.analysis import dispersion, eprocess, probe, safety

HALF_LIFE_S = 600.0
"""How fast stable's past fades: a share that changes is caught up with in some minutes."""

KNOWN = 20.0
"""Requests of stable that must be remembered before anything is bet."""

RECENT_S = 30.0
"""How fast what stable did a moment ago fades."""

WITNESS = 10.0
WITNESS_LEAST = 100.0
"""For so many requests of stable's past each block is asked, for each of the candidate's."""

LATE = 12
"""How many of the candidate's blocks are remembered, to tell when it began to be bad."""

Counts = tuple[float, float, float, float]
"""Candidate's requests and bad ones, stable's requests and bad ones, in one block."""


class Strand(msgspec.Struct, frozen=True, array_like=True):
    """
    One series of counts, what was learnt from it, and the evidence it yields.

    ``bound_ms`` 0: errors. The first four counts are for people. ``judged`` are the requests of
    both arms that were used as evidence in run tests. ``known``/``failed``: stable's fading past.
    ``own``/``own_failed``: the candidate's past in this test. ``spread``, ``events``: sums for φ̂.
    ``last``: stable's previous block; ``late``: the candidate's last ones in this test.
    ``weights``: the capital of each bet, ``raw`` the same
    without φ̂, ``stable_weights`` the same test put to stable (SLO checks). ``probe``: both
    likelihood ratios of a probe. ``safety``: the bets on not being worse. The next three are what
    the bets amount to, as logarithms: ``evidence`` of a regression in the current run test, the
    same ``unguarded`` (without φ̂), and the evidence that it is ``safe``. ``most``: φ̂ at most.
    ``lent``: the capital of the bets that take stable's past for a witness, ``aided`` what they
    amount to; ``recent``: stable's requests and bad ones, fading within a minute. ``twin``: the
    requests and bad ones of a fresh replica of the stable version beside a probe, ``beside`` those
    of the old ones in that time.
    """

    bound_ms: int = 0
    requests: int = 0
    bad: int = 0
    stable_requests: int = 0
    stable_bad: int = 0
    judged: tuple[float, float] = (0.0, 0.0)
    known: float = 0.0
    failed: float = 0.0
    own: float = 0.0
    own_failed: float = 0.0
    spread: float = 0.0
    events: float = 0.0
    last: tuple[int, int] = (0, 0)
    late: tuple[tuple[int, int], ...] = ()
    weights: tuple[float, ...] = eprocess.FRESH
    raw: tuple[float, ...] = eprocess.FRESH
    stable_weights: tuple[float, ...] = ()
    probe: tuple[float, float] = probe.FRESH
    safety: tuple[float, ...] = safety.FRESH
    evidence: float = 0.0
    unguarded: float = 0.0
    safe: float = 0.0
    most: float = dispersion.MOST
    lent: tuple[float, ...] = eprocess.FRESH
    aided: float = 0.0
    recent: tuple[float, float] = (0.0, 0.0)
    twin: tuple[float, float] = (0.0, 0.0)
    beside: tuple[float, float] = (0.0, 0.0)

    @property
    def theta_p(self) -> float:
        """Return stable's share as estimated from its past."""
        return eprocess.baseline(self.known, self.failed)

    @property
    def phi(self) -> float:
        """Return the dispersion as estimated from stable's past."""
        return dispersion.phi(self.spread, self.events, self.most)


Line = tuple[float, float]
"""(ratio, plus): the candidate's share may be ratio × stable's + plus. An SLO has ratio 0."""


class Capital(NamedTuple):
    """
    What may be bet on a block.

    ``share``: the part of the capital that is injected before it; ``cash``: the part that is left
    after it; ``most``: the evidence (a logarithm) that no single block may exceed.
    """

    share: float
    cash: float
    most: float = inf


def limit(strand: Strand, line: Line) -> float:
    """Return the share that the candidate may have, by stable's past."""
    return line[0] * strand.theta_p + line[1]


def run(
    strand: Strand, counts: Counts | None, line: Line, margin: Line | None, capital: Capital
) -> Strand:
    """
    Count one block as evidence of a regression, and of safety if there is a ``margin``.

    ``counts`` None: an arm is missing, nothing is learnt about the candidate.
    """
    share, cash, most = capital
    weights = eprocess.inject(strand.weights, share)
    same = strand.raw == strand.weights
    raw = weights if same else eprocess.inject(strand.raw, share)
    lent = eprocess.inject(strand.lent, share) if strand.lent else ()
    if counts is None or (line[0] and strand.known < KNOWN):
        return msgspec.structs.replace(
            strand,
            weights=weights,
            raw=raw,
            lent=lent,
            aided=eprocess.total(lent, cash) if lent else 0.0,
            evidence=eprocess.total(weights, cash),
            unguarded=eprocess.total(raw, cash),
        )
    theta_p, phi = strand.theta_p, strand.phi
    thetas = eprocess.bets(line[0] * theta_p + line[1], strand.own, strand.own_failed)
    if thetas:
        gained = eprocess.gains(counts, thetas, theta_p, line[0], line[1])
        held = gained
        if most < inf and max(gained) > most * phi:
            held = [min(gain, most * phi) for gain in gained]
        same = same and phi == 1.0 and held is gained
        weights = eprocess.bet(weights, held, phi)
        raw = weights if same else eprocess.bet(raw, gained, 1.0)
        if line[0] and lent:
            witness = eprocess.gains(_witness(strand, counts), thetas, theta_p, line[0], line[1])
            lent = eprocess.bet(lent, witness, phi)
    n_c, x_c, n_p, _ = counts
    evidence = eprocess.total(weights, cash)
    safe = strand.safety
    if margin is not None:
        safe = safety.step(safe, counts, theta_p, margin, phi)
    return msgspec.structs.replace(
        strand,
        weights=weights,
        raw=raw,
        lent=lent,
        aided=eprocess.total(lent, cash) if lent else 0.0,
        safety=safe,
        evidence=evidence,
        unguarded=evidence if same else eprocess.total(raw, cash),
        safe=safety.evidence(safe),
        judged=(strand.judged[0] + n_c, strand.judged[1] + n_p),
        own=strand.own + n_c,
        own_failed=strand.own_failed + x_c,
    )


def _witness(strand: Strand, counts: Counts) -> Counts:
    """
    Add to stable's side of a block what its past would have shown.

    That supposes that stable is what it was. So the evidence is no proof, and only ever makes an
    alarm earlier (:func:`serinus.core.analysis.weigh.alarm`).
    """
    n_c, x_c, n_p, x_p = counts
    more = witnesses(n_c, strand.known)
    return n_c, x_c, n_p + more, x_p + more * strand.theta_p


def witnesses(requests: float, known: float) -> float:
    """Return for how many of the ``known`` requests of stable's past a block is asked."""
    return min(WITNESS * requests + WITNESS_LEAST, known / 4)


def steady(strand: Strand) -> bool:
    """Tell whether stable does now what it did in the past, as far as can be told."""
    n, x = strand.recent
    expected = n * strand.theta_p * strand.phi
    return x <= expected + 2.0 * sqrt(expected) + 1.0


def watch_stable(strand: Strand, n: float, x: float, line: Line, share: float) -> Strand:
    """Put the question of an SLO to stable as well: is it the candidate, or is it everybody?"""
    weights = eprocess.inject(strand.stable_weights or eprocess.FRESH, share)
    thetas = eprocess.bets(line[1], 0.0, 0.0)
    if n and thetas:
        gained = eprocess.gains((n, x, 0.0, 0.0), thetas, line[1], 0.0, line[1])
        weights = eprocess.bet(weights, gained, strand.phi)
    return msgspec.structs.replace(strand, stable_weights=weights)


def try_out(strand: Strand, counts: Counts, line: Line, theta: float) -> Strand:
    """Count one block of a probe."""
    if line[0] and strand.known < KNOWN:
        return strand
    ratios = probe.step(strand.probe, counts, theta, strand.theta_p, line, strand.phi)
    own, failed = strand.own + counts[0], strand.own_failed + counts[1]
    return msgspec.structs.replace(strand, probe=ratios, own=own, own_failed=failed)


def hear_twin(strand: Strand, own: tuple[int, int], stable: tuple[int, int]) -> Strand:
    """Count the requests of the twin, a fresh replica of stable, and of the old ones."""
    return msgspec.structs.replace(
        strand,
        twin=(strand.twin[0] + own[0], strand.twin[1] + own[1]),
        beside=(strand.beside[0] + stable[0], strand.beside[1] + stable[1]),
    )


def learn(
    strand: Strand, n: int, x: int, replicas: tuple[tuple[int, int], ...], elapsed_s: float
) -> Strand:
    """Learn from what stable did in a block, ``replicas`` being its parts if they are known."""
    fade = 0.5 ** (elapsed_s / HALF_LIFE_S)
    late = 0.5 ** (elapsed_s / RECENT_S)
    if not n:
        return msgspec.structs.replace(
            strand, known=strand.known * fade, failed=strand.failed * fade
        )
    parts = replicas if len(replicas) > 1 else (strand.last, (n, x))
    spread, events = dispersion.clumps(parts)
    return msgspec.structs.replace(
        strand,
        known=strand.known * fade + n,
        failed=strand.failed * fade + x,
        own=strand.own * fade,
        own_failed=strand.own_failed * fade,
        spread=strand.spread + spread,
        events=strand.events + events,
        last=(n, x),
        recent=(strand.recent[0] * late + n, strand.recent[1] * late + x),
    )


def show(strand: Strand, n_c: int, x_c: int, n_p: int, x_p: int) -> Strand:
    """Add to the counts that people see."""
    return msgspec.structs.replace(
        strand,
        late=(*strand.late, (n_c, x_c))[-LATE:] if n_c else strand.late,
        requests=strand.requests + n_c,
        bad=strand.bad + x_c,
        stable_requests=strand.stable_requests + n_p,
        stable_bad=strand.stable_bad + x_p,
    )


def begin(strand: Strand, *, slo: bool, probe_follows: bool = False) -> Strand:
    """Forget the evidence of the last test, but for that of safety; a twin is there for a probe."""
    return msgspec.structs.replace(
        strand,
        late=(),
        own=0.0,
        own_failed=0.0,
        weights=eprocess.FRESH,
        raw=eprocess.FRESH,
        lent=eprocess.FRESH,
        aided=0.0,
        stable_weights=eprocess.FRESH if slo else (),
        probe=probe.FRESH,
        twin=strand.twin if probe_follows else (0.0, 0.0),
        beside=strand.beside if probe_follows else (0.0, 0.0),
        evidence=0.0,
        unguarded=0.0,
    )


def onset(strand: Strand, limit: float) -> tuple[int, int]:
    """
    Return (requests, bad ones) since the candidate seems to have become bad.

    Of all its last blocks up to now, those that speak loudest against the limit (by the Poisson
    likelihood ratio): an outage that began five seconds ago is told as an outage, and not as the
    few per cent that it makes of the whole release.
    """
    loudest, best, requests, bad = 0.0, (0, 0), 0, 0
    for n, x in reversed(strand.late):
        requests, bad = requests + n, bad + x
        expected = max(requests * limit, 1e-9)
        if bad > expected and (said := bad * log(bad / expected) - bad + expected) > loudest:
            loudest, best = said, (requests, bad)
    return best


def belief(strand: Strand, line: Line) -> float:
    """Return the share that the evidence points at; 0 when there is nothing to point with."""
    thetas = eprocess.bets(limit(strand, line), strand.own, strand.own_failed)
    if not thetas or max(strand.weights) <= eprocess.EMPTY / 2:
        return 0.0
    return eprocess.belief(strand.weights, thetas)
