"""Metric sources in memory: functions that answer."""

from collections.abc import Callable, Mapping

from serinus.core.state.sample import Series
from serinus.ports import metrics

Say = Callable[[str, float], tuple[Series, ...]]
"""A query and an instant (epoch seconds) → series; or it raises a failure of ports."""


class Source:
    """Answer as a function says; ``asked`` keeps each question and its instant."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.asked: list[tuple[str, float]] = []

    async def instant(self, query: str, at: float) -> tuple[Series, ...]:
        """Return what the function says of an instant."""
        self.asked.append((query, at))
        return self.say(query, at)

    async def range(
        self, query: str, start: float, end: float, step_s: float
    ) -> tuple[Series, ...]:
        """Return what the function says of each instant, put together by labels."""
        points: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
        for number in range(int((end - start) // step_s) + 1):
            for series in await self.instant(query, start + number * step_s):
                points.setdefault(tuple(sorted(series.labels.items())), []).extend(series.points)
        return tuple(Series(dict(labels), tuple(found)) for labels, found in points.items())


class Metrics:
    """Sources by the name of their environment and their own."""

    def __init__(self, sources: Mapping[tuple[str, str], metrics.Source]) -> None:
        self._sources = dict(sources)

    def source(self, environment: str, name: str) -> metrics.Source:
        """Return a source; Rejected with the known ones for an unknown name."""
        found = self._sources.get((environment, name))
        if found is None:
            known = tuple(source for place, source in self._sources if place == environment)
            raise metrics.unknown(environment, name, known)
        return found
