"""
Which router an application of a cluster has, and what that router can do.

A router is a module of ``adapters/routers``; its name is the word in an Environment::

    spec:
      router:
        gatewayapi: {gateway: {name: public, namespace: infra}}

An environment that names none splits by replicas, which works in any cluster.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from serinus.adapters import routers as adapters
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.errors import Problem
from serinus.core.spec import checker, place, problems
from serinus.core.spec.application import Environment
from serinus.core.spec.limits import Limits
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Document, Documents, Feature, Ref, Route
from serinus.ports import failures
from serinus.ports.router import Router

DEFAULT = "replicas"
MOST = 10_000
"""Replicas of one application."""

ELSEWHERE = frozenset({"envoy"})
"""Routers that are not for a cluster: Envoy is this machine's own."""


class Placed(NamedTuple):
    """Where an application is, and by what its requests are split."""

    router: str
    settings: Mapping[str, Any]
    site: Site


def names() -> tuple[str, ...]:
    """Return the names of all routers for clusters, sorted."""
    found = (m.name for m in pkgutil.iter_modules(adapters.__path__) if not m.ispkg)
    return tuple(sorted(name for name in found if name not in ELSEWHERE))


def chosen(environment: Environment | None) -> tuple[str, Mapping[str, Any]]:
    """Return the router of an environment and its settings as they are written."""
    written = None if environment is None else environment.spec.router
    for name, settings in (written or {}).items():
        return name, settings or {}
    return DEFAULT, {}


def review(written: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the ``router`` of an environment; paths begin below it."""
    if len(written) != 1:
        found = ", ".join(written) or "none"
        yield Problem("", f"an environment has one router, found {found}; known: {_known()}")
    for name, settings in written.items():
        if name not in names():
            yield Problem(place.text((name,)), checker.unknown(name, names(), "router"))
        else:
            yield from _read(name, settings)[1]


def features(
    name: str, written: Mapping[str, Any] | None = None, site: Site | None = None
) -> frozenset[str]:
    """
    Return what a router can do, in the words of :data:`serinus.core.spec.limits.FEATURES`.

    It follows from its settings, as they are written, and from whose routing object it is.
    """
    if name not in names():
        return frozenset()
    settings, _ = _read(name, written or {})
    found: Feature = _module(name).Router(settings, site).features
    return frozenset((member.name or "").lower() for member in Feature if member in found)


def limits(
    name: str,
    replicas: int,
    written: Mapping[str, Any] | None = None,
    site: Site | None = None,
) -> Limits:
    """Return what a cluster can do with a router for an application of so many replicas."""
    module = _module(name) if name in names() else None
    finest = getattr(module, "finest", None)
    return Limits(
        images=True,
        cluster=True,
        replicas=MOST,
        enforced=("cpu", "memory"),
        router=name,
        features=features(name, written, site),
        finest=1 if finest is None else finest(max(1, replicas)),
        rounds=finest is not None,
    )


class Routers:
    """
    The router of every application; see :class:`serinus.ports.router.Router` for the contract.

    ``placed`` says where an application is, as it is now: with other settings of its environment
    the next route is written by another router. Missing for one that nobody wrote down.
    """

    features = ~Feature.NONE

    def __init__(self, placed: Callable[[Key], Placed]) -> None:
        self._placed = placed
        self._made: dict[Key, tuple[Placed, Router]] = {}
        self._noted: set[Key] = set()

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the documents that concern the application."""
        return self.of(key).refs(key)

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """
        Return the documents for the route; Rejected for one that the router cannot write.

        That nobody notes down who came keeps no route from being written: where goals are counted,
        it was refused before. What was asked for is remembered, so that it is read back.
        """
        router = self.of(key)
        self._noted.discard(key)
        if route is not None and route.visits and Feature.VISITS not in router.features:
            self._noted.add(key)
            route = msgspec.structs.replace(route, visits=False)
        try:
            return router.render(key, route, found)
        except ValueError as problem:
            raise failures.Rejected(str(problem)) from problem

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the documents carry out, None for an application that is gone."""
        try:
            route = self.of(key).read(key, found)
        except failures.Missing:
            return None
        if route is None or key not in self._noted:
            return route
        return msgspec.structs.replace(route, visits=True)

    def of(self, key: Key) -> Router:
        """Return the router of an application, the same one until something of it changes."""
        placed = self._placed(key)
        before = self._made.get(key)
        if before is not None and before[0] == placed:
            return before[1]
        made = _made(key, placed)
        self._made[key] = (placed, made)
        return made


def _made(key: Key, placed: Placed) -> Router:
    if placed.router not in names():
        told = checker.unknown(placed.router, names(), "router")
        raise failures.Rejected(f"environment '{key.environment}': {told}")
    settings, wrong = _read(placed.router, placed.settings)
    if settings is None or problems.errors(wrong):
        told = "; ".join(f"spec.router.{problem}" for problem in wrong)
        raise failures.Rejected(f"environment '{key.environment}': {told}", hint="serinus lint")
    made: Router = _module(placed.router).Router(settings, placed.site)
    return made


def _read(name: str, written: object) -> tuple[Any, tuple[Problem, ...]]:
    """Return the settings of a known router, and what is wrong with them."""
    settings, wrong = checker.check(written or {}, _module(name).Settings)
    return settings, tuple(_below(name, problem) for problem in wrong)


def _below(name: str, problem: Problem) -> Problem:
    path = place.text((name, *place.parse(problem.path)))
    return msgspec.structs.replace(problem, path=path)


def _known() -> str:
    return ", ".join(names())


def _module(name: str) -> Any:
    """Import a router where it is used."""
    return importlib.import_module(f"{adapters.__name__}.{name}")
