"""
Thinner ticks: many short windows of counts become few long ones, and no request is lost.

At rest a tick every five seconds is kept for an hour; after that one a minute is enough for charts,
for stable's history and for placebo probes.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from serinus.core.state.counts import Arm, Tick


def thin(ticks: Iterable[Tick], seconds: float) -> tuple[Tick, ...]:
    """
    Merge ticks that end within the same window of ``seconds``, oldest first.

    Ticks with different bounds stay apart, because their ``slower`` cannot be added.
    """
    ordered = sorted(ticks, key=lambda tick: tick.at)
    windows = groupby(ordered, key=lambda tick: (_window(tick, seconds), tick.bounds_ms))
    return tuple(_merge(list(group)) for _, group in windows)


def _window(tick: Tick, seconds: float) -> int:
    """Number the window: a tick that ends on a border belongs to the window that it closes."""
    return -int(-tick.at // seconds)


def _merge(ticks: Sequence[Tick]) -> Tick:
    if len(ticks) == 1:
        return ticks[0]
    names = dict.fromkeys(name for tick in ticks for name in tick.arms)
    masked = dict.fromkeys(name for tick in ticks for name in tick.masked)
    wanted = {tick.wanted for tick in ticks}
    return Tick(
        at=ticks[-1].at,
        seconds=sum(tick.seconds for tick in ticks),
        arms={name: _sum(_parts(ticks, name)) for name in names},
        bounds_ms=ticks[0].bounds_ms,
        masked=tuple(masked),
        wanted=wanted.pop() if len(wanted) == 1 else None,
    )


def _parts(ticks: Sequence[Tick], name: str) -> Iterator[Arm]:
    return (tick.arms[name] for tick in ticks if name in tick.arms)


def _sum(arms: Iterable[Arm]) -> Arm:
    replicas: dict[str, tuple[int, int]] = {}
    timed = 0
    slower: tuple[int, ...] = ()
    for arm in arms:
        for name, (requests, errors) in arm.replicas.items():
            before = replicas.get(name, (0, 0))
            replicas[name] = (before[0] + requests, before[1] + errors)
        timed += arm.timed
        slower = tuple(map(sum, zip(slower, arm.slower, strict=True))) if slower else arm.slower
    return Arm(replicas=replicas, timed=timed, slower=slower)
