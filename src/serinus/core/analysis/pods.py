"""
Pods: what each replica of the candidate says for itself.

A version that is bad is bad on every replica. Where one of several carries all of the evidence, it
may be that replica: its machine, its disk, its cold cache. So the test that is put to all of them
together is put to each one as well, with capital of its own::

    all      ███████████▌ 14:1
    shop-0   ▏             0.5:1    0 of 310 failed
    shop-1   ███████████▌ 12:1     41 of  50 failed    ◀ carries it
    shop-2   ▏             0.5:1    0 of 295 failed

Each is an e-process against stable's side of the same blocks, divided by the same φ̂, so that what
holds of the evidence of all holds of each. While one replica serves alone, what is said of all is
said of it, and nothing is counted twice.

Latency is counted for each revision, not for each replica: a check of it has no pods.
"""

from collections.abc import Mapping, Sequence
from math import inf, log

import msgspec

from serinus.core.analysis import eprocess, memory, probe, safety, strand, stream, takeover
from serinus.core.analysis.blocks import Block
from serinus.core.analysis.memory import Judge, Pod
from serinus.core.analysis.strand import Capital, Strand
from serinus.core.analysis.stream import Stream
from serinus.core.spec.delivery import (
    AgainstSlo,
    Check,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
    NetworkCheck,
)
from serinus.core.spec.prose import several
from serinus.core.state.counts import CANDIDATE
from serinus.core.state.verdict import ReplicaReading, TestKind

MOST = 32
"""So many replicas are remembered for each check; those of earlier tests are forgotten first."""

LIKELY = log(100)
"""Counts that are less likely than one in a hundred do not come from a share, as it seems."""

SUSPECT = log(0.7)
"""
Nothing is bet on single replicas while the evidence of all is less than this (a logarithm).

That is known before a block is seen, so that each of them stays an e-process; and a release that
does well costs nothing by it.
"""

_EXPECTED = 3.0
"""Bad requests that a replica should have had, before their absence says anything."""


# --- one block -----------------------------------------------------------------------------------


def count(judge: Judge, block: Block) -> Judge:
    """Count the pending block for each replica, before anything is learnt from it."""
    kept = judge.pods
    for check, one in zip(judge.terms.checks, judge.streams, strict=True):
        if isinstance(check, LatencyCheck):
            continue
        found = _counts(judge, one)
        if found:
            kept = _one(judge, check, one, block, found, kept)
    return judge if kept is judge.pods else msgspec.structs.replace(judge, pods=kept)


def _counts(judge: Judge, one: Stream) -> dict[str, tuple[int, int]]:
    """Return (requests, bad) of each replica that is old enough."""
    found: dict[str, tuple[int, int]] = {}
    for tick in judge.pending:
        arm = tick.arms.get(CANDIDATE)
        if arm is None:
            continue
        for name, (n, x) in arm.replicas.items():
            if not n or name in tick.masked:
                continue
            if one.logs:
                lines = arm.lines.get(name, {}).get(one.heard or one.check)
                if lines is None:
                    continue
                x = lines  # noqa: PLW2901  what is bad of these requests
            before = found.get(name, (0, 0))
            found[name] = (before[0] + n, before[1] + x)
    return found


def _one(  # noqa: PLR0917  what a block is made of
    judge: Judge,
    check: Check,
    one: Stream,
    block: Block,
    found: Mapping[str, tuple[int, int]],
    kept: tuple[Pod, ...],
) -> tuple[Pod, ...]:
    """Count a block for the replicas of one check."""
    number = judge.test.number
    mine = {pod.name: pod for pod in kept if pod.check == check.name and pod.test == number}
    alone = len(found.keys() | mine.keys()) == 1
    if not alone:
        mine = {name: _apart(judge, one.strands[0], pod) for name, pod in mine.items()}
    for name, (n, x) in found.items():
        pod = mine.get(name)
        if pod is None:
            if len(mine) >= MOST:
                continue
            fresh = () if alone else eprocess.FRESH
            pod = Pod(check.name, name, number, weights=fresh)
        bad = min(x, n)
        if pod.weights:
            pod = _bet(judge, check, one, block, pod, (n, bad))
        mine[name] = msgspec.structs.replace(pod, requests=pod.requests + n, bad=pod.bad + bad)
    others = [pod for pod in kept if pod.check != check.name]
    past = [p for p in kept if p.check == check.name and p.test != number and p.name not in mine]
    room = MOST - len(mine)
    return (*others, *(past[-room:] if room else ()), *mine.values())


def _apart(judge: Judge, whole: Strand, pod: Pod) -> Pod:
    """Give a replica that is no longer alone the bets that were placed on it so far."""
    if pod.weights:
        return pod
    return msgspec.structs.replace(
        pod,
        own=whole.own,
        own_failed=whole.own_failed,
        weights=whole.weights,
        cash=judge.cash,
        evidence=whole.evidence,
    )


def _bet(  # noqa: PLR0917  what a block is made of
    judge: Judge, check: Check, one: Stream, block: Block, pod: Pod, own: tuple[int, int]
) -> Pod:
    """Put the test of all to one replica."""
    terms, over = judge.terms, judge.test.kind is TestKind.TAKEOVER
    if one.strands[0].evidence < SUSPECT:
        return pod
    counts, _ = stream.counts(one, 0, check, block, alone=over)
    if counts is None:
        return pod
    length = terms.settle_s if over else terms.plan_s
    share = eprocess.FIRST
    if pod.cash < 1.0:
        share = min(pod.cash, (1 - eprocess.FIRST) * block.seconds / length)
    cash = max(pod.cash - share, 0.0)
    capital = Capital(share, cash, log(terms.retreat.give_up) / 2 if over else inf)
    alike = msgspec.structs.replace(
        one.strands[0],
        own=pod.own,
        own_failed=pod.own_failed,
        weights=pod.weights,
        raw=pod.weights,
        lent=(),
    )
    run = takeover.run if over and not isinstance(check.against, AgainstSlo) else strand.run
    new = run(alike, (*own, *counts[2:]), stream.line(check), None, capital)
    fade = 0.5 ** (block.seconds / strand.HALF_LIFE_S)
    return msgspec.structs.replace(
        pod,
        own=new.own * fade,
        own_failed=new.own_failed * fade,
        weights=new.weights,
        cash=cash,
        evidence=new.evidence,
    )


def begin(judge: Judge) -> tuple[Pod, ...]:
    """End the test of all replicas: their counts stay, their bets are over."""
    return tuple(
        [
            msgspec.structs.replace(pod, evidence=_evidence(judge, pod), weights=())
            if pod.test == judge.test.number
            else pod
            for pod in judge.pods
        ]
    )


def _evidence(judge: Judge, pod: Pod) -> float:
    """Return the logarithm of what speaks against a replica: of all, if it serves alone."""
    if pod.weights or pod.test != judge.test.number:
        return pod.evidence
    one = memory.find(judge, pod.check)[1].strands[0]
    if judge.test.kind is not TestKind.PROBE:
        return one.evidence
    return probe.evidence(one.probe)


# --- what it amounts to --------------------------------------------------------------------------


def readings(judge: Judge) -> tuple[ReplicaReading, ...]:
    """Return what there is to say of each replica."""
    number = judge.test.number
    return tuple(
        [
            ReplicaReading(
                check=pod.check,
                name=pod.name,
                requests=pod.requests,
                bad=pod.bad,
                evidence=eprocess.value(_evidence(judge, pod)),
                current=pod.test == number,
            )
            for pod in judge.pods
        ]
    )


def weighed(
    judge: Judge, found: Sequence[ReplicaReading], accused: str
) -> tuple[str, tuple[str, ...]]:
    """
    Say which of several replicas the evidence against the accused check comes from.

    With the names of those that show it by themselves, empty where all do, or none can be named.
    """
    mine = [one for one in found if one.check == accused and one.current and one.requests]
    if len(mine) < 2:  # noqa: PLR2004  one replica agrees with itself
        return "", ()
    check, one = memory.find(judge, accused)
    whole = one.strands[0]
    if whole.evidence < log(judge.terms.retreat.alarm) / 2:
        return "", ()
    limit = min(strand.limit(whole, stream.line(check)), 0.99)
    enough = LIKELY * whole.phi
    loudest = max(mine, key=lambda each: each.evidence)
    rest = [each for each in mine if each is not loudest]
    n, x = sum(each.requests for each in rest), sum(each.bad for each in rest)
    share = loudest.bad / loudest.requests
    pooled = (x + loudest.bad) / (n + loudest.requests)
    quiet = x <= limit * n or _against(n, x, limit) < enough
    if share > limit and pooled > limit and quiet and _cleared((n, x), limit, pooled) >= enough / 2:
        return _by_one(check, loudest, (n, x), rest), (loudest.name,)
    alike = all(_against(each.requests, each.bad, pooled) < enough for each in mine)
    if pooled > limit and alike and min(e.requests for e in mine) * pooled >= _EXPECTED:
        return (f"all {len(mine)} replicas agree" if rest[1:] else "both replicas agree"), ()
    bad = [
        each.name
        for each in mine
        if each.bad > limit * each.requests and _against(each.requests, each.bad, limit) >= enough
    ]
    if not bad[1:] or len(bad) == len(mine):
        return "", ()
    well = [each for each in mine if each.name not in bad]
    rest_of = (sum(each.requests for each in well), sum(each.bad for each in well))
    if _cleared(rest_of, limit, pooled) < enough / 2:
        return "", ()
    return f"{len(bad)} of {several(len(mine), 'replica')} show it: {', '.join(bad)}", tuple(bad)


def _cleared(counts: tuple[int, int], limit: float, share: float) -> float:
    """
    Return the evidence of some replicas for being well, against a share as bad as all (a
    logarithm).

    That nothing is seen of them is not enough: they have to have had the requests to show it.
    """
    n, x = counts
    return n * (share - limit) - x * log(share / max(limit, 1e-9))


def _against(requests: int, bad: int, share: float) -> float:
    """Return the evidence that counts yield against a share (a logarithm)."""
    if not bad:
        return requests * share
    return requests * safety.distance(bad / requests, max(share, 1e-9))


def _by_one(
    check: Check, one: ReplicaReading, others: tuple[int, int], rest: Sequence[ReplicaReading]
) -> str:
    n, x = others
    return (
        f"one of {len(rest) + 1} replicas carries the evidence: {one.name}, "
        f"{told(check, one.requests, one.bad)}, of the {n:,} of the "
        f"{'others' if rest[1:] else 'other'} {f'{x:,}' if x else 'none'}"
    )


def told(check: Check, requests: int, bad: int) -> str:
    """Say what became of a replica's requests: ``41 of its 50 requests failed``."""
    counted = f"{f'{bad:,}' if bad else 'none'} of its {several(requests, 'request')}"
    if isinstance(check, ErrorsCheck):
        return f"{counted} failed"
    if isinstance(check, NetworkCheck):
        return f"{counted} met a broken connection"
    if isinstance(check, LogCheck):
        return f"{counted} wrote a line that matches"
    return f"{counted} were slow"
