"""
New kinds of log lines: what the candidate writes, and stable never did.

While both write, each line of a kind that both have would come from the candidate with probability
*w*, its part of the requests. That it came k times, and always from there, is w⁻ᵏ times likelier if
stable does not have it. That is exact for lines that come independently of each other; lines of one
cause come together, so it is shown as approximate, and holds a release instead of taking it back.

Kinds that stable has are remembered as numbers of 48 bits, and only those that it does not have
with their text: the memory stays small whatever is written.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Mapping
from math import log

import msgspec

KNOWN = 400
"""So many kinds of stable's are remembered; beyond, nothing can be called new any more."""

FRESH = 60
"""So many kinds that stable does not have are remembered: the first ones that came."""

ENOUGH = 100
"""Requests of stable without which its silence means nothing."""

TEXT = 160
"""So many characters of a kind are kept."""

_BYTES = 6


class NewLines(msgspec.Struct, frozen=True, array_like=True):
    """
    The memory of one check.

    ``known``: kinds of stable's, sorted. ``fresh``: of the candidate's others what they are, their
    text, and how often they came. ``heard``: requests of candidate and stable while both were
    listened to; ``before``: requests of stable in its past; ``full``: there were more kinds than
    can be remembered.
    """

    known: tuple[int, ...] = ()
    fresh: tuple[tuple[int, str, int], ...] = ()
    heard: tuple[int, int] = (0, 0)
    before: int = 0
    full: bool = False


def number(kind: str) -> int:
    """Return the number that stands for a kind of line."""
    return int.from_bytes(hashlib.blake2b(kind.encode(), digest_size=_BYTES).digest())


def know(memory: NewLines, kinds: Collection[str], requests: int = 0) -> NewLines:
    """Learn kinds that stable writes; ``requests``: how many it answered before the release."""
    wanted = {number(kind) for kind in kinds}.difference(memory.known)
    if not wanted and not requests:
        return memory
    known = sorted({*memory.known, *wanted})
    return msgspec.structs.replace(
        memory,
        known=tuple(known[:KNOWN]),
        fresh=tuple([one for one in memory.fresh if one[0] not in wanted]),
        before=memory.before + requests,
        full=memory.full or len(known) > KNOWN,
    )


def count(
    memory: NewLines,
    candidate: Mapping[str, int] | None,
    stable: Mapping[str, int] | None,
    requests: tuple[int, int],
) -> NewLines:
    """Take in what both arms wrote in a tick; None: that arm is not listened to."""
    if stable:
        memory = know(memory, stable)
    if candidate is not None and stable is not None:
        heard = (memory.heard[0] + requests[0], memory.heard[1] + requests[1])
        memory = msgspec.structs.replace(memory, heard=heard)
    if not candidate:
        return memory
    fresh = {one[0]: one for one in memory.fresh}
    for kind in sorted(candidate):
        name = number(kind)
        if _has(memory.known, name):
            continue
        if name in fresh:
            fresh[name] = (name, fresh[name][1], fresh[name][2] + candidate[kind])
        elif len(fresh) < FRESH:
            fresh[name] = (name, kind[:TEXT], candidate[kind])
    return msgspec.structs.replace(memory, fresh=tuple(fresh.values()))


def _has(known: tuple[int, ...], name: int) -> bool:
    place = bisect_left(known, name)
    return place < len(known) and known[place] == name


def judged(memory: NewLines) -> bool:
    """Tell whether anything can be called new: enough is known of stable, and not too much."""
    return memory.before + memory.heard[1] >= ENOUGH and not memory.full


def new(memory: NewLines, times: int) -> tuple[tuple[str, int], ...]:
    """Return the new kinds that came so often, and how often, the most frequent first."""
    found = [(text, seen) for _, text, seen in memory.fresh if seen >= times]
    return tuple(sorted(found, key=lambda one: (-one[1], one[0])))


def evidence(memory: NewLines, times: int) -> float:
    """Return the logarithm of the evidence that a kind which came so often is the candidate's."""
    candidate, stable = memory.heard
    if not candidate or not stable:
        return 0.0
    return -times * log(candidate / (candidate + stable))
