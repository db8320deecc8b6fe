"""
A histogram of latencies with buckets that grow with the value: small, and exact to 1.6 %.

Microseconds below 64 have a bucket each; every doubling above has 64 buckets. So a value of any
size is told to within 1/64 of itself, and a minute fits into some 1,400 buckets.

    µs       0 … 63    64 … 127    128 … 255    256 … 511   …
    width    1         1           2            4
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_BITS: Final = 6
_SIDE: Final = 1 << _BITS
_MOST_US: Final = (1 << 27) - 1
"""A little over two minutes; what is slower is counted there."""

BUCKETS: Final = (27 - _BITS + 1) * _SIDE


def bucket(latency_s: float) -> int:
    """Tell the number of the bucket for a latency."""
    us = min(max(int(latency_s * 1e6), 0), _MOST_US)
    shift = max(us.bit_length() - _BITS - 1, 0)
    return shift * _SIDE + (us >> shift)


def upper_s(number: int) -> float:
    """Tell the upper end of a bucket in seconds: all its values are smaller."""
    shift = max(number // _SIDE - 1, 0)
    return ((number - shift * _SIDE + 1) << shift) / 1e6


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many values fell into which bucket; buckets in order, none of them empty."""

    counts: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, counts: Iterable[int]) -> "Histogram":
        """Make a histogram of one count for each bucket, as they are counted up."""
        return cls(tuple((number, count) for number, count in enumerate(counts) if count))

    @property
    def total(self) -> int:
        """How many values there are."""
        return sum(count for _, count in self.counts)

    def quantile_s(self, share: float) -> float | None:
        """Tell below which latency this share of the values lies; none without values."""
        rank = max(1, math.ceil(share * self.total))
        for number, count in self.counts:
            rank -= count
            if rank <= 0:
                return upper_s(number)
        return None

    def since(self, earlier: "Histogram") -> "Histogram":
        """Tell what has come on top of an earlier state of the same histogram."""
        before = dict(earlier.counts)
        grown = ((number, count - before.get(number, 0)) for number, count in self.counts)
        return Histogram(tuple((number, count) for number, count in grown if count))
