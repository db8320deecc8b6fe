"""
Where counts are read: a router's own page of metrics, the pages of pods, or a Prometheus.

Which one, in an Environment::

    counts:
      dialect: traefik                # who counts: a file of adapters/counters
      scrape: http://traefik-metrics.traefik:9100/metrics    # the router's page; or
      prometheus: prometheus          # the name of a metric source of this environment; or
      pods: {port: 9797}              # the page of each pod
      every: 15s                      # how often there is something new

What else stands there belongs to the dialect. A router of several instances is scraped by the name
of a headless Service, so that each of them is asked.
"""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
import httpx2
import msgspec

from serinus.adapters import counters
from serinus.adapters.kubernetes import exposition, pages
from serinus.adapters.kubernetes.tally import Known, Tally
from serinus.core.errors import Problem
from serinus.core.spec import checker, duration
from serinus.core.spec.formats import Duration
from serinus.core.state import labels as names
from serinus.core.state.meaning import Meaning
from serinus.ports.clock import Clock
from serinus.ports.dialect import Dialect
from serinus.ports.metrics import Source as Metrics

_PORTS = 1 << 16

LARGE = 1 << 20
"""Bytes of pages that are read aside, so that nobody else has to wait."""

TOGETHER = 10
"""Applications in one question to a Prometheus: so that an answer is never too long."""

PODS_AT_ONCE = 4
"""Applications at rest whose pods are asked in one go."""

SCRAPED_S = 1.0
ASKED_S = 15.0
"""How often there is something new: a page is made when it is asked for, a Prometheus scrapes."""


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """As it is written in an Environment: camelCase, nothing unknown."""


class Pods(_Written, frozen=True):
    """Which page of each pod; without a port, the one at which it serves."""

    port: int | None = None
    path: str = "/metrics"


class Settings(_Written, frozen=True):
    """Where counts are read; exactly one of the three."""

    scrape: str | None = None
    prometheus: str | None = None
    pods: Pods | None = None
    every: Duration | None = None


class Choice(msgspec.Struct, frozen=True):
    """A dialect, what is set for it, and where its series are read."""

    dialect: str
    settings: Any
    where: Settings

    @property
    def every_s(self) -> float:
        """How often there is something new."""
        if self.where.every is not None:
            return duration.seconds(self.where.every)
        return ASKED_S if self.where.prometheus is not None else SCRAPED_S


def dialects() -> tuple[str, ...]:
    """Return the names of the dialects that there are."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(counters.__path__)))


def read(written: Mapping[str, Any], default: str) -> tuple[Choice | None, tuple[Problem, ...]]:
    """
    Return what is written, and all that is wrong with it; paths begin below ``counts``.

    ``default``: the dialect of the environment's router.
    """
    name = written.get("dialect", default)
    if name not in dialects():
        said = f"no dialect '{name}'; known: {', '.join(dialects())}"
        return None, (Problem("dialect", said),)
    module = importlib.import_module(f"{counters.__name__}.{name}")
    own = {field.encode_name for field in msgspec.structs.fields(Settings)}
    rest = {field: value for field, value in written.items() if field != "dialect"}
    where, wrong = checker.check({f: v for f, v in rest.items() if f in own}, Settings)
    more = {field: value for field, value in rest.items() if field not in own}
    settings, also = checker.check(more, module.Settings)
    if settings is not None:
        also = (*also, *module.review(settings))
    if where is not None:
        wrong = (*wrong, *_review(where))
    if where is None or settings is None:
        return None, (*wrong, *also)
    return Choice(name, settings, where), (*wrong, *also)


def _review(where: Settings) -> Iterator[Problem]:
    chosen = [name for name in ("scrape", "prometheus", "pods") if getattr(where, name) is not None]
    if len(chosen) != 1:
        said = f"found {' and '.join(chosen) or 'none of them'}"
        yield Problem("", f"wanted exactly one of scrape, prometheus and pods; {said}")
    if where.scrape is not None:
        url = urlsplit(where.scrape)
        if url.scheme != "http" or not url.hostname or "@" in url.netloc:
            yield Problem("scrape", "wanted an address such as http://router.example:9100/metrics")
    port = None if where.pods is None else where.pods.port
    if port is not None and not 0 < port < _PORTS:
        yield Problem("pods.port", f"{port} is no port; wanted 1–65535")
    if where.every is not None and not 1.0 <= duration.seconds(where.every) <= 60.0:  # noqa: PLR2004  a minute
        yield Problem("every", f"{where.every} is not within 1s–1m")


def dialect(choice: Choice) -> Dialect:
    """Return the dialect that was chosen, as it is set."""
    module = importlib.import_module(f"{counters.__name__}.{choice.dialect}")
    found: Dialect = module.Dialect(choice.settings)
    return found


# --- pages --------------------------------------------------------------------------------------


class Router:
    """The page of a router, of each of its instances."""

    most = 0

    def __init__(self, choice: Choice, asked: pages.Pages) -> None:
        self._dialect = dialect(choice)
        self._url = httpx2.URL(str(choice.where.scrape))
        self._page = exposition.Page(self._dialect.metrics)
        self._pages = asked
        self.tally = Tally(network=self._dialect.network)
        self.every_s = choice.every_s

    async def look(self, who: Known) -> None:
        """Read all instances, and add up what they count."""
        hosts = await pages.addresses(self._url)
        urls = {host: str(self._url.copy_with(host=host)) for host in hosts}
        found = await self._pages.all(urls)
        await _aside(found, lambda: self._add(found, who))

    def _add(self, found: Mapping[str, bytes], who: Known) -> None:
        samples = {host: self._page.samples(content) for host, content in found.items()}
        self.tally.add(samples, who, self._read)

    def _read(self, series: bytes) -> Meaning | None:
        return self._dialect.meaning(*exposition.labelled(series))


class Each:
    """
    The pages of pods, each for itself. One that has none does not keep others from being counted.

    ``Unavailable`` when not a single pod has one.
    """

    most = PODS_AT_ONCE

    def __init__(self, choice: Choice, asked: pages.Pages) -> None:
        self._dialect = dialect(choice)
        self._where = choice.where.pods or Pods()
        self._page = exposition.Page(self._dialect.metrics)
        self._pages = asked
        self.tally = Tally(network=self._dialect.network)
        self.every_s = choice.every_s

    async def look(self, who: Known) -> None:
        """Read the page of each pod, and add up what they count."""
        urls = dict(self._urls(who))
        found = await self._pages.all(urls)
        samples = {
            pod: (((pod, series), value) for series, value in self._page.samples(content))
            for pod, content in found.items()
        }
        self.tally.add(samples, who, self._read)

    def _urls(self, who: Known) -> Iterator[tuple[str, str]]:
        for key, crew in who.keys.items():
            namespace = names.parted(key.application).namespace
            for pod in crew.pods:
                host, _, port = crew.addresses.get(pod, "").rpartition(":")
                if host:
                    at = f"{host}:{self._where.port or port}"
                    yield f"{namespace}/{pod}", f"http://{at}{self._where.path}"

    def _read(self, series: tuple[str, bytes]) -> Meaning | None:
        namespace, _, pod = series[0].partition("/")
        metric, labels = exposition.labelled(series[1])
        return self._dialect.meaning(metric, {**labels, "namespace": namespace, "pod": pod})


async def _aside(found: Mapping[str, bytes], work: Any) -> None:
    if sum(map(len, found.values())) > LARGE:
        await anyio.to_thread.run_sync(work)
    else:
        work()


# --- Prometheus ---------------------------------------------------------------------------------


class Asked:
    """
    A Prometheus, asked for the counters as they are: no rate, no increase, nothing made up.

    Instances are told apart, because one that begins anew is not the end of what others counted.
    """

    most = 10 * TOGETHER

    def __init__(self, choice: Choice, source: Metrics, clock: Clock) -> None:
        self._dialect = dialect(choice)
        self._source = source
        self._clock = clock
        self.tally = Tally(network=self._dialect.network)
        self.every_s = choice.every_s

    async def look(self, who: Known) -> None:
        """Ask for the series of all applications, and add up what they count."""
        at = self._clock.now().timestamp()
        samples: list[tuple[object, float]] = []
        keys = sorted(who.keys)
        for begin in range(0, len(keys), TOGETHER):
            question = self.query(key.application for key in keys[begin : begin + TOGETHER])
            for series in await self._source.instant(question, at):
                name = frozenset(series.labels.items())
                samples.extend((name, value) for _, value in series.points[-1:])
        self.tally.add({"": samples}, who, self._read)

    def query(self, applications: Iterable[str]) -> str:
        """Return the question for some applications, in PromQL."""
        by = ", ".join(dict.fromkeys(("__name__", "instance", *self._dialect.labels)))
        matchers = [
            matcher
            for application in applications
            for matcher in self._dialect.matchers(*names.parted(application))
        ]
        return " or ".join(
            f'sum by ({by}) ({{__name__=~"{self._dialect.metrics}",{matcher}}})'
            for matcher in dict.fromkeys(matchers)
        )

    def _read(self, name: frozenset[tuple[str, str]]) -> Meaning | None:
        labels = dict(name)
        return self._dialect.meaning(labels.pop("__name__", ""), labels)
