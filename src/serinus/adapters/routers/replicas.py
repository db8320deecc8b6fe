"""
Replicas: no proxy at all. The split is the number of pods that serve, behind one Service.

::

    Service shop        selects every pod of the application that serves
    ├─ shop-3f2a9c01d4  9 of its 10 pods serve
    └─ shop-8b11e07aa2  its 1 pod serves              10 % of the new connections

It works on any cluster, and is as coarse as it looks: with ten replicas a step is 10 %. Stable
gives a pod up for each that the candidate takes, and never so many that fewer serve than before. A
share that no number of pods makes gets the nearest one; what it is in truth stands beside it.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec
from msgspec.structs import replace

from serinus.adapters.routers.kubernetes_parts import seen, services
from serinus.adapters.routers.kubernetes_parts.services import Backing
from serinus.adapters.routers.kubernetes_parts.site import Site
from serinus.core.state.notice import Key
from serinus.core.state.traffic import Backend, Document, Documents, Feature, Ref, Route


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """There is nothing to set."""


class Router:
    """Write routes down as numbers of pods that serve, and read them back."""

    features = Feature.WEIGHT | Feature.MANY

    def __init__(self, settings: Settings | None = None, site: Site | None = None) -> None:
        """Keep what is known of the application."""
        self._settings = settings or Settings()
        self._site = site or Site()

    def refs(self, key: Key) -> tuple[Ref, ...]:
        """Return the Services of the application."""
        return services.refs(self._site.of(key))

    def render(self, key: Key, route: Route | None, found: Documents) -> dict[Ref, Document | None]:
        """Return the Services for the route, or their removal."""
        site = self._site.of(key)
        if route is None:
            return services.unneeded(site, None, found)
        services.demand(route, self.features)
        wanted = services.wanted(
            site, route, found, among=_backings(site, route), selector=services.selected(site)
        )
        return {**wanted, **services.unneeded(site, route, found)}

    def read(self, key: Key, found: Documents) -> Route | None:
        """Return the route that the pods carry out that are meant to serve."""
        site = self._site.of(key)
        said = seen.told_of(site, found)
        if said is None:
            return None
        standing = {
            b.revision: stood
            for b in said.backends
            if (stood := seen.backing(site, found, b.revision)) is not None
        }
        weights = _weights(said.backends, standing)
        names = {services.name(site, revision): w for revision, w in weights.items()}
        return seen.route(key, site, found, names, services.selected(site))


def finest(replicas: int) -> float:
    """
    Return the finest share, in per mille, that so many replicas can give.

    A single replica goes on beside the candidate's first one, so that each gets half.
    """
    return services.TOTAL / max(2, replicas)


def chosen(weights: Sequence[int], counts: Sequence[int]) -> tuple[int, ...]:
    """
    Return how many of the pods of each revision serve.

    The nearest to the weights is taken among all that let no fewer serve than the largest revision
    has; of two that are as near, the one with more pods. Whoever has a weight has at least one.
    """
    having = [n if w else 0 for w, n in zip(weights, counts, strict=True)]
    if not any(having):
        return tuple(0 for _ in counts)
    tried = (_seated(weights, having, whole) for whole in range(max(having), sum(having) + 1))
    return min(tried, key=lambda seats: (_error(weights, seats), -sum(seats)))


def _seated(weights: Sequence[int], counts: Sequence[int], whole: int) -> tuple[int, ...]:
    """Part so many seats by the weights, no revision getting more than it has pods."""
    pairs = list(zip(weights, counts, strict=True))
    exact = [Fraction(w * whole, services.TOTAL) if n else Fraction(0) for w, n in pairs]
    seats = [min(n, max(1, int(e))) if n else 0 for e, n in zip(exact, counts, strict=True)]
    while sum(seats) < whole:
        free = [i for i, n in enumerate(counts) if seats[i] < n]
        seats[min(free, key=lambda i: seats[i] - exact[i])] += 1
    return tuple(seats)


def _error(weights: Sequence[int], seats: Sequence[int]) -> Fraction:
    taken = sum(seats)
    return max(
        abs(Fraction(s, taken) - Fraction(w, services.TOTAL))
        for w, s in zip(weights, seats, strict=True)
    )


def _shares(seats: Sequence[int]) -> tuple[int, ...]:
    """Return the shares of seats in per mille; they sum to 1000 where there is a seat."""
    whole = sum(seats)
    if not whole:
        return tuple(0 for _ in seats)
    shares = [s * services.TOTAL // whole for s in seats]
    rest = sorted(range(len(seats)), key=lambda i: -(seats[i] * services.TOTAL % whole))
    for i in rest[: services.TOTAL - sum(shares)]:
        shares[i] += 1
    return tuple(shares)


def _serving(backends: Sequence[Backend]) -> tuple[tuple[str, ...], ...]:
    """Return the names of the replicas of each backend that serve."""
    seats = chosen([b.weight for b in backends], [len(b.endpoints) for b in backends])
    return tuple(
        tuple(sorted(e.replica for e in b.endpoints)[:n])
        for b, n in zip(backends, seats, strict=True)
    )


def _backings(site: Site, route: Route) -> dict[str, Backing]:
    serving = _serving(route.backends)
    shares = _shares([len(names) for names in serving])
    return {
        services.name(site, b.revision): Backing(
            b.revision, b.endpoints, b.health_path, names, None if share == b.weight else share
        )
        for b, names, share in zip(route.backends, serving, shares, strict=True)
    }


def _weights(told: Sequence[Backend], standing: Mapping[str, Backing]) -> dict[str, int]:
    """Return the weights that were wanted where the pods are those for them, else their shares."""
    endpoints = {r: stood.endpoints for r, stood in standing.items()}
    wanted = _serving([replace(b, endpoints=endpoints.get(b.revision, ())) for b in told])
    given = [_given(standing.get(b.revision)) for b in told]
    if list(wanted) == given:
        return {b.revision: b.weight for b in told}
    shares = _shares([len(names) for names in given])
    return {b.revision: share for b, share in zip(told, shares, strict=True)}


def _given(stood: Backing | None) -> tuple[str, ...]:
    if stood is None:
        return ()
    all_of_them = (e.replica for e in stood.endpoints)
    return tuple(sorted(all_of_them if stood.serving is None else stood.serving))
