"""
Attempts: probing fresh replicas, and trying the candidate again at its former share.

Beside a fresh replica of the candidate a fresh one of the stable version may serve, its *twin*, as
young and as cold. If the twin fails in the same way, then fresh replicas do that, whatever their
version: the probe says nothing against the candidate, and counts as passed.
"""

from math import log

import msgspec

from serinus.core.analysis import looks, memory, probe, safety, strand, stream, weigh
from serinus.core.analysis.blocks import NOBODY, Block
from serinus.core.analysis.memory import Judge
from serinus.core.analysis.stream import Stream
from serinus.core.state.counts import STABLE, TWIN
from serinus.core.state.verdict import Outcome

HEARS_S = 30.0
"""So long (seconds) a probe that has failed waits for what its twin has to say."""

ENOUGH = 400
SHOWS = 12.0
"""Requests of a twin that are enough; or bad ones that it should have, if it were the same."""

PLAIN = 0.5
"""More than that no replica fails because it is cold."""

EXCUSES = 10.0
"""The evidence against a twin that excuses the candidate."""


def probe_block(judge: Judge, block: Block) -> Judge:
    """Count a block of a probe, and decide it once it can be decided."""
    if judge.probe is not Outcome.INCONCLUSIVE:
        return judge
    charge = weigh.accusation(judge)
    if (tried := memory.gauge(judge, charge.check)) is not None:
        return looks.probed(judge, tried, block.at)
    if not charge.check:
        return judge
    check, one = memory.find(judge, charge.check)
    counts = stream.counts(one, charge.place, check, block)[0] if one.strands else None
    if counts is not None:
        new = strand.try_out(one.strands[charge.place], counts, stream.line(check), charge.theta)
        one = _put(one, charge.place, new)
        judge = msgspec.structs.replace(
            judge,
            streams=tuple([one if old.check == one.check else old for old in judge.streams]),
            begun=judge.begun or block.at - block.seconds,
            blocks=judge.blocks + 1,
        )
    if not judge.begun:
        return judge
    ratios = one.strands[charge.place].probe
    seconds, policy = block.at - judge.begun, judge.terms.retreat
    terms = probe.Terms(policy.probe, weigh.probe_limit(judge), judge.test.level)
    outcome = probe.outcome(ratios, seconds, terms)
    if outcome is Outcome.FAIL and excused(one.strands[charge.place], stream.line(check)):
        # A fresh replica of the stable version does the same: it is not the version.
        return msgspec.structs.replace(judge, probe=Outcome.PASS, excused=True)
    if outcome is Outcome.FAIL and seconds < HEARS_S and _unheard(one.strands[charge.place]):
        return judge
    if outcome is Outcome.FAIL:
        judge = msgspec.structs.replace(judge, charge=weigh.confirmed(judge, charge))
    return msgspec.structs.replace(judge, probe=outcome)


def hear_twin(judge: Judge, block: Block) -> Judge:
    """
    Count what the twin does, from its first request on.

    It is there to show what is fresh and nothing else, so that nobody waits for it to get warm.
    """
    charge, twin = judge.charge, block.sides.get(TWIN, NOBODY)
    if not twin.requests or not charge.check or memory.gauge(judge, charge.check) is not None:
        return judge
    one = memory.find(judge, charge.check)[1]
    if not one.strands:
        return judge
    n, x = stream.pair(one, charge.place, twin, block)
    n_p, x_p = stream.pair(one, charge.place, block.sides.get(STABLE, NOBODY), block)
    new = strand.hear_twin(one.strands[charge.place], (n, min(x, n)), (n_p, min(x_p, n_p)))
    one = _put(one, charge.place, new)
    return msgspec.structs.replace(
        judge, streams=tuple([one if old.check == one.check else old for old in judge.streams])
    )


def _allowed(one: strand.Strand, line: strand.Line) -> float:
    """Return what a twin may have beside the old replicas of the same time."""
    share = one.beside[1] / one.beside[0] if one.beside[0] else one.theta_p
    return min(max(line[0] * max(share, one.theta_p) + line[1], 1e-9), 0.97)


def _unheard(one: strand.Strand) -> bool:
    """Tell whether the twin has had too few requests yet to show what its companion shows."""
    n = one.twin[0]
    rate = one.own_failed / one.own if one.own else 0.0
    return 0 < n < ENOUGH and rate < PLAIN and n * rate < SHOWS


def excused(one: strand.Strand, line: strand.Line) -> bool:
    """
    Tell whether the twin shows the same: clearly worse than allowed, and a third as much as it.

    Beside a version that is bad a twin is clean, but for a bad request now and then.
    """
    n, x = one.twin
    limit = _allowed(one, line)
    if not n or not one.own or x / n <= limit:
        return False
    clear = n * safety.distance(x / n, limit) >= log(EXCUSES) * one.phi
    return clear and x / n - limit >= (one.own_failed / one.own - limit) / 3


def again(judge: Judge, streams: tuple[Stream, ...], block: Block) -> tuple[Stream, ...]:
    """Count a block of a trial for what the probe was about, too: it is known what to look for."""
    charge = judge.charge
    found = []
    for check, old, new in zip(judge.terms.checks, judge.streams, streams, strict=True):
        one = new
        if check.name == charge.check and new.strands:
            counts = stream.counts(old, charge.place, check, block)[0]
            if counts is not None:
                tried = old.strands[charge.place]
                tried = strand.try_out(tried, counts, stream.line(check), charge.theta)
                kept = msgspec.structs.replace(new.strands[charge.place], probe=tried.probe)
                one = _put(new, charge.place, kept)
        found.append(one)
    return tuple(found)


def _put(one: Stream, place: int, new: strand.Strand) -> Stream:
    strands = (*one.strands[:place], new, *one.strands[place + 1 :])
    return msgspec.structs.replace(one, strands=strands)
