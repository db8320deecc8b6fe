"""
What is remembered of the counting of one application: the last scrape, and the judge.

It is stored with the release at every block, so that a restarted controller goes on judging where
it was: the counters of the time in between arrive as one long tick.
"""

import msgspec

from serinus.app.usage import Meter
from serinus.core.analysis.clean import Memory
from serinus.core.analysis.memory import Judge
from serinus.core.state.counts import Scrape
from serinus.core.state.sample import Sample


class Watch(msgspec.Struct, frozen=True):
    """
    The counting of one release (``release`` its number, 0 at rest).

    ``written``: the epoch second of the last tick that was stored with it. ``meter``: what the
    replicas take of the machine. ``waiting``: what sources said of stable before the judge began.
    ``share``: what the router drew for the candidate (per mille) at the last scrape. ``learned``:
    something of it is not written yet.
    """

    release: int = 0
    scrape: Scrape | None = None
    memory: Memory = Memory()
    judge: Judge | None = None
    written: float = 0.0
    meter: Meter = Meter()
    waiting: tuple[Sample, ...] = ()
    share: int | None = None
    learned: bool = False


def encode(watch: Watch) -> bytes:
    """Write a watch down."""
    return msgspec.msgpack.encode(watch)


def decode(body: bytes) -> Watch:
    """Read a watch back; bit for bit what was written."""
    return msgspec.msgpack.decode(body, type=Watch)
