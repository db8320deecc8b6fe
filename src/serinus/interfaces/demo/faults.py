"""
The faults that the shop can be given, and the dice that decide whom they meet.

Every request of the application draws the same number of random values, in the order in which
requests arrive, whatever faults are set. So one seed gives the same fate to the k-th request of
a replica, run after run, and one fault added does not move another one.

    seed + replica ──► Dice ──► next(age) ──► Fate(hang, error, delay, crash)

Nothing here reads a clock: the age of the process is an argument.
"""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from serinus.interfaces.demo import quantities

_SPREAD: Final = 0.1
"""The standard deviation of the logarithm of the base latency: one in a hundred is 26 % longer."""

_LEAK_LIMIT: Final = 64 * 10**6
_LEAK_MOST: Final = 10**9


@dataclass(frozen=True, slots=True)
class Leak:
    """Memory that grows by ``rate`` bytes a second up to ``limit``, and what comes of it."""

    rate: int
    limit: int = _LEAK_LIMIT
    ends_in_errors: bool = False

    def filled(self, age_s: float) -> float:
        """The share of the limit that is used at an age."""
        return min(1.0, self.rate * age_s / self.limit)

    def errors(self, age_s: float) -> float:
        """The share of requests that fail: from half full on it rises in a line to all of them."""
        return max(0.0, 2 * self.filled(age_s) - 1) if self.ends_in_errors else 0.0


@dataclass(frozen=True, slots=True)
class Faults:
    """How one replica misbehaves; nothing by default."""

    errors: float = 0.0
    errors_after_s: float = 0.0
    latency_s: float = 0.0
    tail: float = 0.0
    tail_s: float = 0.0
    hang: float = 0.0
    crash_after_s: float | None = None
    crash_after_requests: int | None = None
    leak: Leak | None = None
    slow_start_s: float = 0.0
    cold: float = 0.0
    cold_s: float = 1.0

    @property
    def hangs_always(self) -> bool:
        """Whether no request is ever answered; then the health check is not either."""
        return self.hang >= 1.0

    def error_share(self, age_s: float) -> float:
        """The share of requests that are answered with an error at an age."""
        share = self.errors if age_s >= self.errors_after_s else 0.0
        if self.cold:
            share += self.cold * math.exp(-age_s / self.cold_s)
        if self.leak:
            share += self.leak.errors(age_s)
        return min(1.0, share)


class Fate(NamedTuple):
    """What happens to one request."""

    hang: bool
    error: bool
    delay_s: float
    crash: bool


class Dice:
    """The dice of one replica."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self._faults = faults
        self._random = random.Random(seed)  # noqa: S311 - it decides about faults, not secrets
        self._requests = 0

    def next(self, age_s: float) -> Fate:
        """Decide about the next request, given the age of the process."""
        faults, roll = self._faults, self._random.random
        self._requests += 1
        hang, error, tail, spread = roll(), roll(), roll(), self._random.gauss(0.0, _SPREAD)
        delay_s = faults.latency_s * math.exp(spread) if faults.latency_s else 0.0
        if tail < faults.tail:
            delay_s += faults.tail_s
        return Fate(
            hang=hang < faults.hang,
            error=error < faults.error_share(age_s),
            delay_s=delay_s,
            crash=self._requests == faults.crash_after_requests,
        )


def read(environ: Mapping[str, str], problems: list[str]) -> Faults:
    """Read all faults from an environment; what is wrong is added to the problems."""
    found: dict[str, Any] = {}
    for name, (reader, wanted) in READERS.items():
        text = environ.get(name, "")
        try:
            found.update(reader(text) if text else {})
        except ValueError as error:
            problems.append(f"{name}: found {text!r}, want {wanted or error}")
    if environ.get("SHOP_ERRORS_AFTER") and not environ.get("SHOP_ERRORS"):
        problems.append("SHOP_ERRORS_AFTER: set without SHOP_ERRORS, want both, such as 5% and 30s")
    return Faults(**found)


def _tail(text: str) -> dict[str, Any]:
    share, _, delay = text.partition(":")
    return {"tail": quantities.share(share), "tail_s": quantities.duration_s(delay)}


def _cold(text: str) -> dict[str, Any]:
    share, _, decay = text.partition(":")
    seconds = quantities.duration_s(decay)
    if not seconds:
        raise ValueError("a decay longer than 0s")
    return {"cold": quantities.share(share), "cold_s": seconds}


def _crash(text: str) -> dict[str, Any]:
    if text.isdecimal():
        return {"crash_after_requests": quantities.number(text, 1, 10**9)}
    return {"crash_after_s": quantities.duration_s(text)}


def _leak(text: str) -> dict[str, Any]:
    rate, *rest = text.split(":")
    limit = quantities.size(rest[0]) if rest else _LEAK_LIMIT
    end = rest[1] if len(rest) > 1 else "exit"
    grown = quantities.size(rate.removesuffix("/s"))
    known = end in {"exit", "errors"} and len(rest) <= len(("limit", "end"))
    if not rate.endswith("/s") or not known or not grown or not 0 < limit <= _LEAK_MOST:
        raise ValueError
    return {"leak": Leak(grown, limit, end == "errors")}


READERS: Final[Mapping[str, tuple[Callable[[str], dict[str, Any]], str]]] = {
    "SHOP_ERRORS": (lambda text: {"errors": quantities.share(text)}, ""),
    "SHOP_ERRORS_AFTER": (lambda text: {"errors_after_s": quantities.duration_s(text)}, ""),
    "SHOP_LATENCY": (lambda text: {"latency_s": quantities.duration_s(text)}, ""),
    "SHOP_TAIL": (_tail, "a share and a delay, such as 2%:400ms"),
    "SHOP_HANG": (lambda text: {"hang": quantities.share(text)}, ""),
    "SHOP_CRASH_AFTER": (_crash, "a duration such as 20s or a number of requests such as 500"),
    "SHOP_LEAK": (_leak, "a rate, a limit of at most 1GB and an end, such as 1MB/s:64MB:errors"),
    "SHOP_SLOW_START": (lambda text: {"slow_start_s": quantities.duration_s(text)}, ""),
    "SHOP_COLD": (_cold, "a share and the time in which it decays, such as 5%:60s"),
}
"""Every fault that an environment may name: its reader, and what to say where it cannot read."""
