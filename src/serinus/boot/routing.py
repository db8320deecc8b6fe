"""
Which router an application of a cluster has, and what that router can do.

A router is a module of ``adapters/routers``; its name is the word in an Environment::

    spec:
      router:
        gatewayapi: {gateway: {name: public, namespace: infra}}

An environment that names none splits by replicas, which works in any cluster.
"""

import contextlib
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from msgspec.structs import replace

from serinus.adapters import routers as adapters
from serinus.adapters.routers.kubernetes_parts import services
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.boot import succession
from serinus.boot.succession import Writer
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
    the next route is written by another router, and what the one before has left is taken away
    when that is carried out. Missing for one that nobody wrote down.
    """

    features = ~Feature.NONE

    def __init__(self, placed: Callable[[Key], Placed]) -> None:
        self._placed = placed
        self._made: dict[Key, tuple[Placed, Router]] = {}
        self._noted: set[Key] = set()
        self._former: dict[Key, tuple[Writer, ...]] = {}
        self._followed: set[Key] = set()

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the documents that concern the application, those of former routers included."""
        found = dict.fromkeys(self.of(key).refs(key))
        site = self._placed(key).site.of(key)
        for former in self._former.get(key, ()):
            with contextlib.suppress(failures.PortFailure):
                found.update(dict.fromkeys(_written_by(former, site).refs(key)))
        return tuple(found)

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
            route = replace(route, visits=False)
        try:
            documents = router.render(key, route, found)
        except ValueError as problem:
            raise failures.Rejected(str(problem)) from problem
        return self._succeeding(key, route, found, documents)

    def _succeeding(
        self,
        key: Key,
        route: Route | None,
        found: Documents,
        documents: dict[Ref, Document | None],
    ) -> dict[Ref, Document | None]:
        """Add who writes, and the removal of what former routers have left once that may go."""
        placed = self._placed(key)
        site, now = placed.site.of(key), _writer(placed, key)
        root = succession.root(site)
        known = (*succession.written(found.get(root)), *self._former.get(key, ()))
        taken = self.of(key).refs(key)
        remaining: list[Writer] = []
        away: dict[Ref, Document | None] = {}
        for former in known:
            if former != now and former not in remaining:
                left = succession.left(key, partial(_written_by, former, site), found, taken)
                remaining += [former] if left else []
                away |= left
        self._former[key] = tuple(remaining)
        wanted = documents.get(root)
        if route is not None and wanted is not None:
            documents = {**documents, root: succession.noted(wanted, (*remaining, now))}
        if route is not None and key not in self._followed:
            return documents
        last = {r: d for r, d in documents.items() if d is None and r.kind == services.KIND}
        first = {r: d for r, d in documents.items() if r not in last}
        return {**first, **away, **last}

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the documents carry out, None for an application that is gone."""
        try:
            route = self.of(key).read(key, found)
        except failures.Missing:
            return None
        if route is None:
            return None
        route = self._unless_left(key, route, found)
        return replace(route, visits=True) if key in self._noted else route

    def _unless_left(self, key: Key, route: Route, found: Documents) -> Route:
        """Return a route as nobody wants it while a former router's documents are there."""
        placed = self._placed(key)
        root = found.get(succession.root(placed.site.of(key)))
        now = _writer(placed, key)
        former = tuple(one for one in succession.written(root) if one != now)
        self._followed.discard(key)
        if not former:
            return route
        self._former[key] = former
        if route.host:
            self._followed.add(key)
        return replace(route, host="")

    def of(self, key: Key) -> Router:
        """Return the router of an application, the same one until something of it changes."""
        placed = self._placed(key)
        before = self._made.get(key)
        if before is not None and before[0] == placed:
            return before[1]
        router = made(key, placed)
        if before is not None:
            former = _writer(before[0], key)
            self._former[key] = (*self._former.get(key, ()), former)
        self._made[key] = (placed, router)
        return router


def _writer(placed: Placed, key: Key) -> Writer:
    """Return by whom, and in whose object, the documents of an application are written."""
    return Writer(placed.router, dict(placed.settings), placed.site.of(key).ref)


def _written_by(former: Writer, site: Site) -> Router:
    placed = Placed(former.router, former.settings, replace(site, ref=former.ref))
    return made(Key(site.name, ""), placed)


def made(key: Key, placed: Placed) -> Router:
    """Return the router of an application; Rejected where its settings are wrong."""
    if placed.router not in names():
        told = checker.unknown(placed.router, names(), "router")
        raise failures.Rejected(f"environment '{key.environment}': {told}")
    settings, wrong = _read(placed.router, placed.settings)
    if settings is None or problems.errors(wrong):
        told = "; ".join(f"spec.router.{problem}" for problem in wrong)
        raise failures.Rejected(f"environment '{key.environment}': {told}", hint="serinus lint")
    found: Router = _module(placed.router).Router(settings, placed.site)
    return found


def _read(name: str, written: object) -> tuple[Any, tuple[Problem, ...]]:
    """Return the settings of a known router, and what is wrong with them."""
    settings, wrong = checker.check(written or {}, _module(name).Settings)
    return settings, tuple(_below(name, problem) for problem in wrong)


def _below(name: str, problem: Problem) -> Problem:
    path = place.text((name, *place.parse(problem.path)))
    return replace(problem, path=path)


def _known() -> str:
    return ", ".join(names())


def _module(name: str) -> Any:
    """Import a router where it is used."""
    return importlib.import_module(f"{adapters.__name__}.{name}")
