"""Where the requests of an environment are counted: its ``counts``, by the router that it has."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from serinus.adapters.kubernetes import origins, pages
from serinus.adapters.kubernetes.counting import Source
from serinus.boot import routing
from serinus.core.errors import Problem
from serinus.core.spec import problems
from serinus.core.spec.application import Environment
from serinus.core.state.notice import Key
from serinus.ports import failures
from serinus.ports.clock import Clock
from serinus.ports.metrics import Metrics

DIALECTS = {"gatewayapi": "traefik", "replicas": "application"}
"""Whose counters stand for a router that is no product: what is most often behind it."""

LINES: Mapping[str, str] = {"logs": "lines of each pod's log that match"}


def dialect(environment: Environment | None) -> str:
    """Return the dialect of an environment's router."""
    router, _ = routing.chosen(environment)
    return DIALECTS.get(router, router)


def review(environment: Environment) -> Iterator[Problem]:
    """Yield what is wrong with the ``counts`` of an environment; paths begin below it."""
    if environment.spec.counts is not None:
        yield from origins.read(_written(environment), dialect(environment))[1]


def counted(environment: Environment | None) -> Mapping[str, str]:
    """Return, by the kind of a check, what is counted in an environment, for people."""
    choice = None if environment is None else _choice(environment)[0]
    return LINES if choice is None else {**origins.dialect(choice).counted, **LINES}


class Counters:
    """Find the source of an application's counts, the same one until its environment changes."""

    def __init__(
        self,
        environments: Callable[[], Mapping[str, Environment]],
        metrics: Metrics,
        asked: pages.Pages,
        clock: Clock,
    ) -> None:
        self._environments = environments
        self._metrics = metrics
        self._pages = asked
        self._clock = clock
        self._made: dict[str, tuple[Environment | None, Source | None]] = {}

    def source(self, key: Key) -> Source | None:
        """Return who counts for an application, None when nobody does."""
        environment = self._environments().get(key.environment)
        known = self._made.get(key.environment)
        if known is not None and known[0] is environment:
            return known[1]
        made = None if environment is None else self._of(environment)
        self._made[key.environment] = (environment, made)
        return made

    def _of(self, environment: Environment) -> Source | None:
        name = environment.metadata.name
        choice, wrong = _choice(environment)
        if choice is None and not wrong:
            return None
        if choice is None or problems.errors(wrong):
            told = "; ".join(f"spec.counts.{problem}" for problem in wrong)
            raise failures.Rejected(f"environment '{name}': {told}", hint="serinus lint")
        if choice.where.scrape is not None:
            return origins.Router(choice, self._pages)
        if choice.where.prometheus is not None:
            source = self._metrics.source(name, choice.where.prometheus)
            return origins.Asked(choice, source, self._clock)
        return origins.Each(choice, self._pages)


def _choice(environment: Environment) -> tuple[origins.Choice | None, tuple[Problem, ...]]:
    """Return who counts in an environment, None when nobody does, and what is wrong with it."""
    written = _written(environment)
    if not written and dialect(environment) == "application":
        written = {"pods": {}}
    elif not {"scrape", "prometheus", "pods"} & written.keys():
        return None, ()
    return origins.read(written, dialect(environment))


def _written(environment: Environment) -> dict[str, Any]:
    """Return what is written, with the dialect's own settings beside it."""
    counts = environment.spec.counts
    if counts is None:
        return {}
    found: dict[str, Any] = msgspec.to_builtins(counts)
    return {**found.pop("settings", {}), **found}
