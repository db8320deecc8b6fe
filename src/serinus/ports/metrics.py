"""Where numbers come from: one file for each product in ``adapters/metrics``."""

from typing import Protocol

import msgspec


class Series(msgspec.Struct, frozen=True):
    """
    One series: its labels, and (epoch seconds, value) pairs, oldest first.

    A value may be NaN or infinite where the source says so.
    """

    labels: dict[str, str]
    points: tuple[tuple[float, float], ...]


class Source(Protocol):
    """
    Ask a metric source.

    A question may be asked again at any time and changes nothing. An empty answer is an answer: no
    series. ``Rejected``: the source understood and will never answer (the query is wrong, the
    credentials are). ``Unavailable``: not now (nobody answers, too slowly, something else than
    what was asked for, too much of it). The message names the source without its credentials.
    """

    async def instant(self, query: str, at: float) -> tuple[Series, ...]:
        """Return each series with its one value at an instant (epoch seconds)."""
        ...

    async def range(
        self, query: str, start: float, end: float, step_s: float
    ) -> tuple[Series, ...]:
        """Return each series between two instants, a value every ``step_s`` seconds."""
        ...
