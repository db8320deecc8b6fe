"""
The tally of the load generator: what was sent, and what became of it.

    sent = ok + errors + lost + in flight

    ok        answered by the application, with a status below 500
    errors    answered by the application, with a status of 500 or above
    lost      not answered by the application; by kind:
              refused       nobody accepted the connection
              unreachable   no connection for any other reason
              reset         the connection ended before the answer was whole
              timeout       no whole answer in time
              garbled       an answer that is no HTTP
              proxy_503     an answer, but one that the proxy made (any status)
              starved       not sent: every connection of the generator waited for an answer

Who answered is told by a field that the application puts on each of its answers, and its proxy
does not. Latency is counted from the moment at which the request was *due*, so that a server
that makes users wait cannot hide the wait of those who stood behind them.
"""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Self

import msgspec

from serinus.interfaces.demo.histogram import BUCKETS, Histogram, bucket

_VERSIONS: Final = 64
_REPLICAS: Final = 256
_EXAMPLES: Final = 8
_EMPTY: Final = Histogram()
OTHERS: Final = "others"
"""Where versions and replicas are counted that come when the room for their names is full."""


@dataclass(frozen=True, slots=True)
class Version:
    """What one version of the application answered."""

    requests: int = 0
    errors: int = 0
    slow: int = 0
    bad: int = 0
    """Errors, and answers of any status that were slow: each answer once."""
    latency: Histogram = _EMPTY
    replicas: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """One answer that the proxy made, to be read by a person."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Tally:
    """The state of the count at one moment."""

    started: datetime
    elapsed_s: float
    sent: int = 0
    ok: int = 0
    errors: int = 0
    lost: int = 0
    in_flight: int = 0
    retried: int = 0
    """Sent a second time, since a connection was closed as the first was being written."""
    lost_by: Mapping[str, int] = field(default_factory=dict)
    latency: Histogram = _EMPTY
    lateness: Histogram = _EMPTY
    """How long after they were due requests were written: what this generator itself added."""
    cpu_s: float = 0.0
    versions: Mapping[str, Version] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    finished: bool = False

    def encode(self) -> bytes:
        """Write this tally as JSON."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, text: bytes) -> Self:
        """Read a tally from JSON.

        Raises:
            msgspec.DecodeError: The text is no tally.
        """
        return msgspec.json.decode(text, type=cls)

    def sentence(self) -> str:
        """Tell the tally in a few lines."""
        by_kind = ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.lost_by.items()))
        lines = [
            f"sent {self.sent:,} · ok {self.ok:,} · errors {self.errors:,} · lost {self.lost:,}"
            + (f" ({by_kind})" if by_kind else "")
            + (f" · in flight {self.in_flight:,}" if self.in_flight else "")
            + f" · retried {self.retried:,} · {self.elapsed_s:.1f} s"
        ]
        lines += [
            f"{name}: {version.requests:,} answers · errors {version.errors:,}"
            f" · slow {version.slow:,}"
            f" · p50 {_ms(version.latency, 0.5)} · p99 {_ms(version.latency, 0.99)}"
            for name, version in sorted(self.versions.items())
        ]
        return "\n".join(lines)


def _ms(latency: Histogram, share: float) -> str:
    seconds = latency.quantile_s(share)
    return "–" if seconds is None else f"{seconds * 1000:.1f} ms"


class _Count:
    """The growing count of one version."""

    __slots__ = ("bad", "buckets", "errors", "replicas", "requests", "slow")

    def __init__(self) -> None:
        self.requests = self.errors = self.slow = self.bad = 0
        self.buckets = [0] * BUCKETS
        self.replicas: Counter[str] = Counter()

    def freeze(self) -> Version:
        latency = Histogram.of(self.buckets)
        counts = (self.requests, self.errors, self.slow, self.bad)
        return Version(*counts, latency, dict(self.replicas))


class Recorder:
    """Counts outcomes as they come, and tells a frozen tally whenever it is asked."""

    def __init__(self, slow_s: float) -> None:
        self._slow_s = slow_s
        self._started = datetime.now(UTC)
        self._born, self._cpu = time.monotonic(), time.process_time()
        self._sent = self._ok = self._errors = self._lost = self._retried = 0
        self._lost_by: Counter[str] = Counter()
        self._lateness = [0] * BUCKETS
        self._latency = [0] * BUCKETS
        self._versions: dict[str, _Count] = {}
        self._examples: list[Example] = []

    @property
    def in_flight(self) -> int:
        """How many requests have no outcome yet."""
        return self._sent - self._ok - self._errors - self._lost

    def sent(self) -> None:
        """Count a request that became due."""
        self._sent += 1

    def written(self, lateness_s: float) -> None:
        """Count how late a request was written."""
        self._lateness[bucket(lateness_s)] += 1

    def retried(self) -> None:
        """Count a request that is sent a second time."""
        self._retried += 1

    def answered(self, version: str, replica: str, status: int, latency_s: float) -> None:
        """Count an answer of the application."""
        failed = status >= 500  # noqa: PLR2004 - the first of the server's errors
        slow = latency_s > self._slow_s
        number = bucket(latency_s)
        self._latency[number] += 1
        self._errors += failed
        self._ok += not failed
        count = self._versions.get(version)
        if count is None:
            version = version if len(self._versions) < _VERSIONS else OTHERS
            count = self._versions.setdefault(version, _Count())
        count.requests += 1
        count.errors += failed
        count.slow += slow
        count.bad += failed or slow
        count.buckets[number] += 1
        known = replica in count.replicas or len(count.replicas) < _REPLICAS
        count.replicas[replica if known else OTHERS] += 1

    def lost(self, kind: str, text: str = "") -> None:
        """Count a request that the application did not answer; keep a few with their text."""
        self._lost += 1
        self._lost_by[kind] += 1
        if text and len(self._examples) < _EXAMPLES:
            self._examples.append(Example(datetime.now(UTC), kind, text))

    def tally(self, *, finished: bool = False) -> Tally:
        """Tell the state of the count now."""
        return Tally(
            started=self._started,
            elapsed_s=round(time.monotonic() - self._born, 3),
            sent=self._sent,
            ok=self._ok,
            errors=self._errors,
            lost=self._lost,
            in_flight=self.in_flight,
            retried=self._retried,
            lost_by=dict(self._lost_by),
            latency=Histogram.of(self._latency),
            lateness=Histogram.of(self._lateness),
            cpu_s=round(time.process_time() - self._cpu, 3),
            versions={name: count.freeze() for name, count in self._versions.items()},
            examples=tuple(self._examples),
            finished=finished,
        )
