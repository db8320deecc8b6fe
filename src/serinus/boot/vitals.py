"""The controller's own numbers, in the text format of Prometheus."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import metadata

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from serinus.app.turns import Turns


class Vitals(Collector):
    """
    What is told of one controller.

    ``turns``, ``phases`` (what each application's last release does) and ``asked``
    (requests to the API server by verb and kind) are looked at when somebody asks; ``leading``
    is set by whoever knows. Names of applications are told nowhere: their number has no bound.
    """

    def __init__(
        self,
        turns: Callable[[], Turns],
        phases: Callable[[], Iterable[str]],
        asked: Callable[[], Mapping[tuple[str, str], int]],
    ) -> None:
        self.leading = False
        self._turns, self._phases, self._asked = turns, phases, asked
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self) -> bytes:
        """Return all of it."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yield the families, as the library asks for them."""
        build = GaugeMetricFamily("serinus_build_info", "The running version.", labels=["version"])
        build.add_metric([metadata.version("serinus")], 1.0)
        yield build
        yield GaugeMetricFamily(
            "serinus_leading", "1 where this controller does the work.", float(self.leading)
        )
        yield from self._of_turns(self._turns())
        phases = GaugeMetricFamily(
            "serinus_applications",
            "Applications by what their last release does.",
            labels=["phase"],
        )
        for phase, number in sorted(Counter(self._phases()).items()):
            phases.add_metric([phase], float(number))
        yield phases
        asked = CounterMetricFamily(
            "serinus_api_requests", "Requests to the API server.", labels=["verb", "kind"]
        )
        for (verb, kind), number in sorted(self._asked().items()):
            asked.add_metric([verb, kind], float(number))
        yield asked

    @staticmethod
    def _of_turns(turns: Turns) -> Iterator[Metric]:
        given = CounterMetricFamily(
            "serinus_turns", "Turns given to applications.", labels=["outcome"]
        )
        for outcome, number in turns.by.items():
            given.add_metric([outcome], float(number))
        yield given
        yield CounterMetricFamily(
            "serinus_turn_seconds", "Seconds that all turns took.", value=turns.seconds
        )
