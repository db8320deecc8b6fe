"""
Windows: ticks joined to the intervals at which the others look.

::

    ticks    |····|····|····|····|····|····|····|
    windows  |──────────────|──────────────|─────   each begins where the last one ended

A tick belongs to the window in which it ends. A window in which nothing was scraped is closed with
the others, and has no seconds. Replicas that are too young to be judged are left out.
"""

import msgspec

from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick

MOST = 60
"""So many empty windows in a row are told; a longer gap begins anew."""

_ROUNDING = 1e-6
_NOBODY = Arm({})


class Sums(msgspec.Struct, frozen=True, array_like=True):
    """What an arm did in a window; ``slower`` of the ``timed`` requests were beyond the bound."""

    requests: int = 0
    errors: int = 0
    timed: int = 0
    slower: int = 0

    def share(self) -> float | None:
        """Return the share of errors, None without a request."""
        return self.errors / self.requests if self.requests else None

    def tail(self) -> float | None:
        """Return the share of slow requests, None where none was timed."""
        return self.slower / self.timed if self.timed else None


class Window(msgspec.Struct, frozen=True, array_like=True):
    """An interval from ``begun`` on (epoch seconds; 0: not yet) with what was counted in it."""

    begun: float = 0.0
    seconds: float = 0.0
    own: Sums = Sums()
    stable: Sums = Sums()


def take(
    window: Window, tick: Tick, length_s: float, bound_ms: int = 0, *, idle: bool = False
) -> tuple[tuple[Window, ...], Window]:
    """
    Take in a tick; return the windows that are closed by it, and the one that is open then.

    ``idle``: the first window may begin before the candidate has answered anything.
    """
    start = tick.at - tick.seconds
    if not window.begun and not idle and not tick.arms.get(CANDIDATE, _NOBODY).requests:
        return (), window
    if not window.begun or tick.at <= window.begun or start > window.begun + MOST * length_s:
        window = Window(start)
    closed = []
    while tick.at > window.begun + length_s + _ROUNDING:
        closed.append(window)
        window = Window(window.begun + length_s)
    window = Window(
        window.begun,
        window.seconds + tick.seconds,
        _sum(window.own, tick, CANDIDATE, bound_ms),
        _sum(window.stable, tick, STABLE, bound_ms),
    )
    if tick.at >= window.begun + length_s - _ROUNDING:
        closed.append(window)
        window = Window(window.begun + length_s)
    return tuple(closed), window


def _sum(before: Sums, tick: Tick, name: str, bound_ms: int) -> Sums:
    arm = tick.arms.get(name, _NOBODY)
    counted = [pair for replica, pair in arm.replicas.items() if replica not in tick.masked]
    timed, slower = _timed(arm, tick, bound_ms)
    return Sums(
        before.requests + sum([n for n, _ in counted]),
        before.errors + sum([min(x, n) for n, x in counted]),
        before.timed + timed,
        before.slower + slower,
    )


def _timed(arm: Arm, tick: Tick, bound_ms: int) -> tuple[int, int]:
    """Return (timed, slower); times are not known for each replica, so all are left out for one."""
    hidden = any(arm.replicas.get(replica, (0, 0))[0] for replica in tick.masked)
    if hidden or bound_ms not in tick.bounds_ms or len(arm.slower) != len(tick.bounds_ms):
        return 0, 0
    return arm.timed, arm.slower[tick.bounds_ms.index(bound_ms)]
