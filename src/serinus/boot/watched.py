"""
Which routers can be used in a cluster: those whose objects it knows, and the controller watches.

An environment that names another one is damaged until that is mended: what serves goes on with the
router that it has.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from serinus.adapters.kubernetes import kinds, rights
from serinus.boot import routing
from serinus.core.errors import Problem
from serinus.core.spec import place
from serinus.core.spec.application import Environment


class Cached(Protocol):
    """The objects of one kind. ``absent``: the cluster does not know the kind."""

    absent: bool


def routing_kinds(routers: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of objects that routers write (all routers if none), Services aside."""
    found: dict[str, None] = {}
    for router in routers or rights.ROUTERS:
        found.update(dict.fromkeys(_kinds(router)))
    return tuple(found)


def review(environment: Environment, caches: Mapping[str, Cached]) -> Iterator[Problem]:
    """Yield why the router of an environment cannot be used."""
    router, _ = routing.chosen(environment)
    # The first is what every route takes; the others come with it, or are for some routes only.
    for kind in _kinds(router)[:1]:
        path = place.text(("router", router))
        if kind not in caches:
            told = (
                f"this controller does not watch the kind {kind}; start it with --router {router}"
            )
            yield Problem(path, told)
        elif caches[kind].absent:
            told = f"the cluster does not know the kind {kind}; install it, or name another router"
            yield Problem(path, told)


def absent(caches: Mapping[str, Cached]) -> frozenset[str]:
    """Return the kinds that the cluster does not know."""
    return frozenset(kind for kind, cache in caches.items() if cache.absent)


def _kinds(router: str) -> tuple[str, ...]:
    asked = rights.ROUTERS.get(router, ())
    found = (kinds.of_resource(group, plural) for group, plurals in asked for plural in plurals)
    return tuple(kind.name for kind in found if kind is not None)
