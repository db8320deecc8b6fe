"""
Blocks: a few ticks in one, the unit in which evidence is counted.

Scrapes come every second so that people see something and time is lost nowhere; evidence is
counted in blocks of at least five seconds, because bad requests come in clumps, and a clump should
fall into one block. What a masked replica did is left out. Its latency cannot be left out, as
latency is counted for each revision: such a block says nothing about latency.
"""

from collections.abc import Mapping, Sequence

import msgspec

from serinus.core.state.counts import Arm, Tick

LEAST_S = 5.0
_NEARLY = 0.95
"""Ticks are never exact: five of 0.99 s are a block, too."""


class Side(msgspec.Struct, frozen=True):
    """
    What one arm did in a block, masked replicas left out.

    ``replicas`` are sorted by name. ``timed`` 0: nothing can be said about latency. ``lines``: by
    check, for each replica whose log is listened to, its requests and as many matching lines as
    it has requests at most.
    """

    requests: int = 0
    errors: int = 0
    replicas: tuple[tuple[int, int], ...] = ()
    timed: int = 0
    slower: tuple[int, ...] = ()
    lines: Mapping[str, tuple[tuple[int, int], ...]] = {}


NOBODY = Side()


class Block(msgspec.Struct, frozen=True):
    """A closed block, ending ``at`` (epoch seconds)."""

    at: float
    seconds: float
    sides: Mapping[str, Side]
    bounds_ms: tuple[int, ...] = ()


def full(seconds: float, length_s: float) -> bool:
    """Tell whether ticks of ``seconds`` together fill a block."""
    return seconds >= length_s * _NEARLY


def cut(ticks: Sequence[Tick], length_s: float) -> list[Block]:
    """Make blocks of what was counted before, oldest first; a gap begins a new one."""
    found: list[Block] = []
    waiting: list[Tick] = []
    for tick in ticks:
        if waiting and tick.at - tick.seconds - waiting[-1].at > length_s:
            waiting = []
        waiting.append(tick)
        if full(sum(t.seconds for t in waiting), length_s):
            found.append(join(waiting))
            waiting = []
    return found


def join(ticks: Sequence[Tick], *, masked: bool = True) -> Block:
    """Make one block of consecutive ticks; ``masked=False`` counts the masked replicas, too."""
    bounds = ticks[0].bounds_ms
    if any(tick.bounds_ms != bounds for tick in ticks):
        bounds = ()
    names = sorted({name for tick in ticks for name in tick.arms})
    return Block(
        at=ticks[-1].at,
        seconds=sum([tick.seconds for tick in ticks]),
        sides={name: _side(name, ticks, len(bounds), masked=masked) for name in names},
        bounds_ms=bounds,
    )


def _side(name: str, ticks: Sequence[Tick], bounds: int, *, masked: bool) -> Side:
    replicas: dict[str, tuple[int, int]] = {}
    lines: dict[str, dict[str, tuple[int, int]]] = {}
    timed = 0
    slower = [0] * bounds
    clear = bounds > 0
    for tick in ticks:
        arm = tick.arms.get(name)
        if arm is None:
            continue
        hidden = tick.masked if masked else ()
        if not replicas and not hidden:
            replicas = dict(arm.replicas)
        else:
            clear = _add(replicas, arm, hidden) and clear
        if clear and _sound(arm, bounds):
            timed += arm.timed
            slower = [a + b for a, b in zip(slower, arm.slower, strict=True)]
        if arm.lines:
            _hear(lines, arm, hidden)
    return Side(
        requests=sum([n for n, _ in replicas.values()]),
        errors=sum([x for _, x in replicas.values()]),
        replicas=tuple([replicas[replica] for replica in sorted(replicas)]),
        timed=timed if clear else 0,
        slower=tuple(slower) if clear else (),
        lines={check: _capped(lines[check]) for check in sorted(lines)} if lines else {},
    )


def _add(replicas: dict[str, tuple[int, int]], arm: Arm, hidden: Sequence[str]) -> bool:
    """Add an arm's counts to those of earlier ticks; tell whether nothing had to be left out."""
    clear = True
    for replica, (n, x) in arm.replicas.items():
        if replica in hidden:
            clear = clear and n == 0
            continue
        before = replicas.get(replica, (0, 0))
        replicas[replica] = (before[0] + n, before[1] + x)
    return clear


def _hear(lines: dict[str, dict[str, tuple[int, int]]], arm: Arm, hidden: Sequence[str]) -> None:
    """Add the lines of an arm, and the requests of the replicas that wrote them."""
    for replica, matching in arm.lines.items():
        if replica in hidden or replica not in arm.replicas:
            continue
        n = arm.replicas[replica][0]
        for check, x in matching.items():
            found = lines.setdefault(check, {})
            before = found.get(replica, (0, 0))
            found[replica] = (before[0] + n, before[1] + x)


def _capped(found: Mapping[str, tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """A request is bad or it is not, however much it writes."""
    return tuple([(n, min(x, n)) for n, x in (found[replica] for replica in sorted(found))])


def _sound(arm: Arm, bounds: int) -> bool:
    return arm.timed > 0 and len(arm.slower) == bounds
