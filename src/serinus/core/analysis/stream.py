"""
A stream: one check with its strands (errors and log lines have one, latency one for each bound).

The evidence of a latency check is the mean over its bounds; its safety is that of the bound that
shows least. A stream takes its counts out of a block, or says why it cannot.
"""

from collections.abc import Sequence
from math import log

import msgspec

from serinus.core.analysis import bounds, dispersion, eprocess, strand
from serinus.core.analysis.blocks import NOBODY, Block, Side
from serinus.core.analysis.strand import Counts, Line, Strand
from serinus.core.spec.delivery import (
    AgainstSlo,
    Check,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
    NetworkCheck,
)
from serinus.core.spec.wayback import Margin
from serinus.core.state.counts import CANDIDATE, NETWORK, STABLE


class Stream(msgspec.Struct, frozen=True):
    """
    One check's memory.

    ``strands`` is empty until a latency check has its bounds; ``seen_*`` is what stable showed
    while they were missing. ``problem``: why nothing can be judged, for people. ``logs``: it counts
    log lines.
    """

    check: str
    strands: tuple[Strand, ...] = ()
    seen_ms: tuple[int, ...] = ()
    seen_timed: int = 0
    seen_slower: tuple[int, ...] = ()
    shown: int = 0
    problem: str = ""
    logs: bool = False
    heard: str = ""


def open(check: Check) -> Stream:  # noqa: A001  read as stream.open, like its siblings
    """Begin a stream; a latency check without bounds gets them later, from stable."""
    slo = isinstance(check.against, AgainstSlo)
    if isinstance(check, LogCheck):
        one = msgspec.structs.replace(_strand(0, slo=slo), most=dispersion.MOST_LINES)
        return Stream(check.name, (one,), logs=True)
    if isinstance(check, NetworkCheck):
        return Stream(check.name, (_strand(0, slo=slo),), logs=True, heard=NETWORK)
    if isinstance(check, ErrorsCheck):
        return Stream(check.name, (_strand(0, slo=slo),))
    if not check.bounds_ms and slo:
        return Stream(check.name, problem="an objective for latency needs a bound in milliseconds")
    strands = tuple(_strand(bound, slo=slo) for bound in sorted(check.bounds_ms))
    return Stream(check.name, strands, shown=max(0, len(strands) - 1))


def _strand(bound_ms: int, *, slo: bool) -> Strand:
    return strand.begin(Strand(bound_ms=bound_ms), slo=slo)


def line(check: Check) -> Line:
    """Return (ratio, plus) of what the candidate is allowed."""
    if isinstance(check.against, AgainstSlo):
        return 0.0, check.against.max
    return check.against.ratio, check.against.plus


def margin(check: Check, wanted: Margin) -> Line:
    """Return (ratio, plus) of what still counts as safe."""
    if isinstance(check.against, AgainstSlo):
        return 0.0, check.against.max
    return wanted.ratio, wanted.plus


# --- one block ---------------------------------------------------------------------------------


def counts(
    stream: Stream, place: int, check: Check, block: Block, *, alone: bool = False
) -> tuple[Counts | None, Side]:
    """
    Return what a block says about one strand, and stable's side of it.

    ``alone``: a block says something even if stable did not serve in it.
    """
    candidate = block.sides.get(CANDIDATE, NOBODY)
    stable = block.sides.get(STABLE, NOBODY)
    needs_stable = not alone and not isinstance(check.against, AgainstSlo)
    n_c, x_c = pair(stream, place, candidate, block)
    n_p, x_p = pair(stream, place, stable, block)
    if not n_c or (needs_stable and not n_p):
        return None, stable
    return (n_c, min(x_c, n_c), n_p, min(x_p, n_p)), stable


def pair(stream: Stream, place: int, side: Side, block: Block) -> tuple[int, int]:
    """Return (requests, bad) of one side; no requests where nothing can be said."""
    bound_ms = stream.strands[place].bound_ms
    if stream.logs:
        parts = side.lines.get(stream.heard or stream.check, ())
        return sum([n for n, _ in parts]), sum([x for _, x in parts])
    if not bound_ms:
        return side.requests, side.errors
    if not side.timed or bound_ms not in block.bounds_ms:
        return 0, 0
    return side.timed, side.slower[block.bounds_ms.index(bound_ms)]


def learn(stream: Stream, block: Block, elapsed_s: float) -> Stream:
    """Learn from stable's side of a block."""
    stable = block.sides.get(STABLE, NOBODY)
    if not stream.strands and stream.problem:
        return stream
    if not stream.strands:
        stream = _look(stream, block, stable)
        return choose(stream) if stream.seen_timed >= bounds.ENOUGH else stream
    learnt = []
    for place, one in enumerate(stream.strands):
        n, x = pair(stream, place, stable, block)
        replicas = () if one.bound_ms else stable.replicas
        if stream.logs:
            replicas = stable.lines.get(stream.heard or stream.check, ())
        learnt.append(strand.learn(one, n, min(x, n), replicas, elapsed_s))
    return msgspec.structs.replace(stream, strands=tuple(learnt), problem=_missing(stream, block))


def show(stream: Stream, block: Block) -> Stream:
    """Add a block, masked replicas included, to the counts that people see."""
    candidate = block.sides.get(CANDIDATE, NOBODY)
    stable = block.sides.get(STABLE, NOBODY)
    shown = [
        strand.show(
            one, *pair(stream, place, candidate, block), *pair(stream, place, stable, block)
        )
        for place, one in enumerate(stream.strands)
    ]
    return msgspec.structs.replace(stream, strands=tuple(shown))


def _missing(stream: Stream, block: Block) -> str:
    wanted = [one.bound_ms for one in stream.strands if one.bound_ms]
    if not wanted or not block.bounds_ms:
        return stream.problem
    lost = [str(bound) for bound in wanted if bound not in block.bounds_ms]
    if not lost:
        return ""
    known = ", ".join(str(bound) for bound in block.bounds_ms)
    return f"no histogram bound at {', '.join(lost)} ms; the router has {known} ms"


def _look(stream: Stream, block: Block, stable: Side) -> Stream:
    if not stable.timed:
        return stream
    same = stream.seen_ms == block.bounds_ms
    seen = stream.seen_slower if same else (0,) * len(stable.slower)
    return msgspec.structs.replace(
        stream,
        seen_ms=block.bounds_ms,
        seen_timed=stable.timed + (stream.seen_timed if same else 0),
        seen_slower=tuple([a + b for a, b in zip(seen, stable.slower, strict=True)]),
    )


def choose(stream: Stream) -> Stream:
    """Fix the bounds by what was seen of stable, which is also the strands' first knowledge."""
    chosen = bounds.choose(stream.seen_ms, stream.seen_timed, stream.seen_slower)
    strands = []
    for bound in chosen:
        slower = stream.seen_slower[stream.seen_ms.index(bound)]
        strands.append(Strand(bound_ms=bound, known=float(stream.seen_timed), failed=float(slower)))
    tails = [int(one.failed) for one in strands]
    shown = bounds.nearest(stream.seen_timed, tails, bounds.SHOWN)
    return msgspec.structs.replace(stream, strands=tuple(strands), shown=shown)


def remember(stream: Stream, check: Check, blocks: Sequence[Block], since: float = 0.0) -> Stream:
    """
    Learn from the history before the release begins.

    What was seen before ``since`` belongs to another version: its bounds and its clumps are of use,
    its share of bad requests is not.
    """
    if isinstance(check, LatencyCheck) and not stream.strands and not stream.problem:
        for block in blocks:
            stream = _look(stream, block, block.sides.get(STABLE, NOBODY))
        if stream.seen_timed < bounds.ENOUGH:
            return msgspec.structs.replace(stream, seen_ms=(), seen_timed=0, seen_slower=())
        stream = choose(stream)
        fresh = tuple(msgspec.structs.replace(one, known=0.0, failed=0.0) for one in stream.strands)
        stream = msgspec.structs.replace(stream, strands=fresh)
    before = 0.0
    for block in blocks:
        elapsed = max(block.seconds, block.at - before) if before else block.seconds
        stream = learn(stream, block, elapsed)
        if block.at - block.seconds < since:
            others = [
                msgspec.structs.replace(one, known=0.0, failed=0.0, last=(0, 0))
                for one in stream.strands
            ]
            stream = msgspec.structs.replace(stream, strands=tuple(others))
        before = block.at
    return stream


# --- what it amounts to ------------------------------------------------------------------------


def evidence(stream: Stream) -> float:
    """Return the logarithm of the evidence of a regression in the current run test."""
    return _mean([one.evidence for one in stream.strands])


def unguarded(stream: Stream) -> float:
    """Return the same without φ̂: how severe it looks, never what is done."""
    return _mean([one.unguarded for one in stream.strands])


def aided(stream: Stream) -> float:
    """Return the evidence with stable's past as a witness: no proof, but early."""
    return _mean([one.aided for one in stream.strands])


def _mean(logs: list[float]) -> float:
    if len(logs) == 1:
        return logs[0]
    return eprocess.mean(logs) if logs else 0.0


def leading(stream: Stream) -> int:
    """Return the place of the strand that carries most of the evidence."""
    found = [one.evidence for one in stream.strands]
    return found.index(max(found)) if found else 0


def stable_too(stream: Stream, cash: float, level: float) -> bool:
    """Tell whether stable violates the objective as well."""
    return any(
        one.stable_weights and eprocess.total(one.stable_weights, cash) >= log(level)
        for one in stream.strands
    )


def verified(stream: Stream, error: float) -> bool:
    """Tell whether every strand shows that the candidate is not worse than the margin."""
    if not stream.strands or stream.problem:
        return False
    return all(one.safe >= -log(error) for one in stream.strands)
