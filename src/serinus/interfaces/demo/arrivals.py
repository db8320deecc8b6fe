"""
When the users of the demo come, and what they ask for: settled by a seed before any answer.

An open loop: the next user does not wait for the answer to the last one. The moments are those
of a clock (even) or of a crowd (Poisson), and the same seed gives the same ones.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_METHODS: Final = frozenset({"GET", "HEAD", "POST"})
_MOST_WEIGHT: Final = 1000
_BATCH: Final = 256
_BASKET: Final = b'{"basket": ["cuttlebone"]}'


class Pattern(StrEnum):
    """How the moments of arrival are spread."""

    EVEN = "even"
    POISSON = "poisson"


@dataclass(frozen=True, slots=True)
class Ask:
    """One kind of request, and how often it comes beside the others."""

    method: str
    path: str
    weight: int

    def render(self, host: str, key: str) -> bytes:
        """Make the bytes of one such request.

        A POST bears a key that makes it the same order when it is sent again: only therefore may
        it be retried as a GET may.
        """
        head = f"{self.method} {self.path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: serinus-demo\r\n"
        if self.method != "POST":
            return f"{head}\r\n".encode()
        fields = f"idempotency-key: {key}\r\ncontent-type: application/json\r\n"
        return f"{head}{fields}content-length: {len(_BASKET)}\r\n\r\n".encode() + _BASKET


def mix(text: str) -> tuple[Ask, ...]:
    """Read a mix of requests such as ``/=5,/api/products=4,POST /api/checkout=1``.

    Raises:
        ValueError: The text is no such mix; the message says what was wanted.
    """
    wanted = f"paths with weights from 1 to {_MOST_WEIGHT}, such as /=5,POST /api/checkout=1"
    asks = []
    for part in text.split(","):
        line, _, weight = part.strip().rpartition("=")
        method, path = line.split(" ") if line.count(" ") == 1 else ("GET", line)
        fits = path.startswith("/") and path.isascii() and path.isprintable() and " " not in path
        counted = weight.isascii() and weight.isdecimal() and 1 <= int(weight) <= _MOST_WEIGHT
        if method not in _METHODS or not fits or not counted:
            raise ValueError(wanted)
        asks.append(Ask(method, path, int(weight)))
    return tuple(asks)


def moments(pattern: Pattern, rate: float, seed: int, end_s: float) -> Iterator[float]:
    """Tell the moments of arrival, in seconds from the start and before the end."""
    ever: Iterator[float]
    if pattern is Pattern.EVEN:
        ever = (number / rate for number in itertools.count())
    else:
        dice = random.Random(seed)  # noqa: S311 - it draws traffic, not secrets
        ever = itertools.accumulate(dice.expovariate(rate) for _ in itertools.repeat(None))
    return itertools.takewhile(lambda moment: moment < end_s, ever)


def asks(kinds: tuple[Ask, ...], seed: int) -> Iterator[Ask]:
    """Tell what one user after the other asks for, without end."""
    dice = random.Random(seed)  # noqa: S311 - it draws traffic, not secrets
    weights = list(itertools.accumulate(kind.weight for kind in kinds))
    while True:
        yield from dice.choices(kinds, cum_weights=weights, k=_BATCH)
