"""
Samples: numbers that are no counts, taken now and then, for each arm or for everybody.

A query's answer, or what the replicas of a revision take of the machine. What a source could not
say is told as a value, too: no data and an error are different things, and neither is zero.
"""

from collections.abc import Mapping

import msgspec

EVERYBODY = ""
"""The arm of a number that belongs to the whole application, not to one of its arms."""


class Series(msgspec.Struct, frozen=True):
    """
    What a source says of one thing: its labels, and (epoch seconds, value) pairs, oldest first.

    A value may be NaN or infinite where the source says so.
    """

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """
    One look of one check, ``at`` (epoch seconds).

    ``values``: by arm; an arm without a value had no data. ``problem``: why the source could not
    be asked, or what was wrong with its answer; empty when it answered. ``final``: the problem
    stays until the check or the settings of its source change.
    """

    check: str
    at: float
    values: Mapping[str, float] = {}
    problem: str = ""
    final: bool = False
