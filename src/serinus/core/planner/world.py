"""
The world that a status asks for, and the actions that are missing to it.

Make before break: a route names only replicas that were seen ready, and a replica that the data
plane was still seen to use is never stopped. So the route may come first, and does: a replica that
cannot start must not keep traffic from being taken away.
"""

import msgspec
from msgspec.structs import replace

from serinus.core.planner import cohorts, replicas, surge
from serinus.core.planner.plan import Action, Forget, RemoveRoute, SetGroups, SetRoute
from serinus.core.spec.delivery import FULL
from serinus.core.spec.requests import Edits
from serinus.core.state.observed import Observed, Status
from serinus.core.state.release import Phase, Release
from serinus.core.state.traffic import Backend, Endpoint, Route
from serinus.core.state.workload import Group, Replica, ReplicaState


class Part(msgspec.Struct, frozen=True):
    """One revision's part: its weight, the ordinals that may serve, and those only kept."""

    revision: str
    weight: int
    serving: tuple[int, ...]
    kept: tuple[int, ...] = ()


def actions(status: Status, observed: Observed) -> tuple[Action, ...]:
    """Return what is missing between the world as seen and the world that the status asks for."""
    if status.deleted:
        return _farewell(status, observed)
    parts = _parts(status, observed)
    result: list[Action] = []
    route = _route(status, parts, observed)
    if route is not None and not observed.route_problem and not _same(route, observed.route):
        result.append(SetRoute(route=route))
    groups = _groups(parts, observed)
    if groups != _running(observed.replicas):
        result.append(SetGroups(groups=groups, drain_s=status.drain_s))
    return tuple(result)


def granted(status: Status, release: Release, observed: Observed) -> int:
    """
    Return the share that the candidate gets now: capacity before weight, and sight before weight.

    More than it has is granted only when enough of its replicas are ready and warm, and, where the
    evidence counts, while the counters can be read. Where stable gave up replicas for it, it gives
    up no more than stable's replicas carry.
    """
    progress = release.progress
    has = 0 if observed.route is None else observed.route.weight(release.candidate)
    if progress.share <= has:
        return surge.back(status, release, observed, has)
    seen = not release.delivery.checks or release.stable is None or progress.promoted_by
    if observed.source_problem and not seen:
        return has
    found = replicas.of(observed.replicas, release.candidate, progress.ordinals)
    warmup_s = release.delivery.warmup_s if release.stable else 0.0
    fit = replicas.warm(found, observed.now, warmup_s)
    if surge.beyond(release) is not None:
        return surge.carried(release, len(fit), has)
    enough = min(replicas.needed(progress.share, release.replicas), len(progress.ordinals))
    return progress.share if len(fit) >= max(1, enough) else has


def _parts(status: Status, observed: Observed) -> tuple[Part, ...]:
    """Return each revision's part; the weights sum to 1000 where anybody serves."""
    result: list[Part] = []
    release = status.release
    share = 0
    if release is not None and release.ended_at is None and _has_candidate(release):
        progress = release.progress
        share = granted(status, release, observed)
        kept = (*progress.retreat.accused, *progress.spare)
        if share or progress.ordinals or kept:
            result.append(Part(release.candidate, share, progress.ordinals, kept))
    if status.stable is not None:
        serving = (*status.stable_ordinals, *_twins(status))
        result.insert(0, Part(status.stable, FULL - share, serving))
    if status.previous is not None:
        result.append(Part(status.previous, 0, status.previous_ordinals))
    if status.kept is not None:
        result.append(Part(status.kept, 0, (), status.kept_ordinals))
    return tuple(result)


def _twins(status: Status) -> tuple[int, ...]:
    """Return the fresh replicas of stable that serve beside a probe."""
    release = status.release
    if release is None or release.ended_at is not None:
        return ()
    probing = release.progress.phase in {Phase.RETREATED, Phase.PROBING}
    return release.progress.twins if probing else ()


def _has_candidate(release: Release) -> bool:
    return release.progress.phase is not Phase.SETTLING


def _groups(parts: tuple[Part, ...], observed: Observed) -> tuple[Group, ...]:
    """Return the replicas that should exist, those that the data plane still uses included."""
    wanted: dict[str, set[int]] = {}
    for part in parts:
        wanted.setdefault(part.revision, set()).update(part.serving, part.kept)
    used = _in_use(observed)
    for replica in observed.replicas:
        if replica.state is not ReplicaState.STOPPING and replica.name in used:
            wanted.setdefault(replica.revision, set()).add(replica.ordinal)
    return tuple(
        Group(revision=revision, ordinals=tuple(sorted(ordinals)))
        for revision, ordinals in sorted(wanted.items())
        if ordinals
    )


def _in_use(observed: Observed) -> set[str]:
    """Return the names of the replicas that the data plane sends requests to, all if unknown."""
    if observed.route_problem:
        return {r.name for r in observed.replicas}
    if observed.route is None:
        return set()
    route = observed.route
    copied = () if route.mirror is None else route.mirror.endpoints
    return {e.replica for b in route.backends for e in b.endpoints} | {e.replica for e in copied}


def _running(found: tuple[Replica, ...]) -> tuple[Group, ...]:
    running: dict[str, set[int]] = {}
    for replica in found:
        if replica.state is not ReplicaState.STOPPING:
            running.setdefault(replica.revision, set()).add(replica.ordinal)
    return tuple(
        Group(revision=revision, ordinals=tuple(sorted(ordinals)))
        for revision, ordinals in sorted(running.items())
    )


def _route(status: Status, parts: tuple[Part, ...], observed: Observed) -> Route | None:
    """Return the route that should be, None while there is nobody to send requests to."""
    backends: list[Backend] = []
    for part in parts:
        endpoints = _endpoints(part, observed)
        if part.weight or endpoints:
            backends.append(Backend(part.revision, part.weight, endpoints))
    if sum(b.weight for b in backends) != FULL:
        return None
    if observed.route is None and not any(b.endpoints for b in backends if b.weight):
        return None
    route = Route(
        application=status.key.application,
        environment=status.key.environment,
        host=status.host,
        backends=tuple(backends),
        timeout_s=status.timeout_s,
    )
    release = status.release
    if release is None or release.stable is None or not _in_flight(release):
        return route
    return _chosen(route, release, observed)


def _in_flight(release: Release) -> bool:
    return release.ended_at is None and _has_candidate(release)


def _chosen(route: Route, release: Release, observed: Observed) -> Route:
    """Add to a route who the candidate gets beside its share, as far as it can take them."""
    found = (b.endpoints for b in route.backends if b.revision == release.candidate)
    endpoints = next(found, ())
    seen = observed.route
    able = bool(endpoints) and _fit(release, observed)
    return cohorts.added(
        route,
        release,
        endpoints,
        copies=able or (seen is not None and seen.mirror is not None),
        chosen=bool(endpoints) and (able or (seen is not None and bool(seen.matches))),
    )


def _fit(release: Release, observed: Observed) -> bool:
    """Tell whether all replicas that may serve are ready and warm."""
    progress = release.progress
    found = replicas.of(observed.replicas, release.candidate, progress.ordinals)
    fit = replicas.warm(found, observed.now, release.delivery.warmup_s)
    return len(fit) >= max(1, len(progress.ordinals))


def _endpoints(part: Part, observed: Observed) -> tuple[Endpoint, ...]:
    """
    Return where a part's requests go: its replicas that have been ready since they started.

    One that misses a health check stays: the router's own checks are faster, and it comes back.
    When none is left the last ones known stay too, for the router to try.
    """
    found = replicas.of(observed.replicas, part.revision, part.serving)
    fit = [r for r in found if r.ready_at is not None and r.address]
    if not fit and observed.route is not None and part.weight:
        names = {r.name for r in found}
        return tuple(
            e
            for b in observed.route.backends
            if b.revision == part.revision
            for e in b.endpoints
            if e.replica in names
        )
    return tuple(sorted(Endpoint(r.name, r.address) for r in fit))


def _same(wanted: Route, seen: Route | None) -> bool:
    return seen is not None and _shape(wanted) == _shape(seen)


def _shape(route: Route) -> tuple[object, ...]:
    backends = sorted((b.revision, b.weight, tuple(sorted(b.endpoints))) for b in route.backends)
    edits = sorted((b.revision, b.edits) for b in route.backends if b.edits != Edits())
    mirror = route.mirror
    if mirror is not None:
        mirror = replace(mirror, endpoints=tuple(sorted(mirror.endpoints)), health_path=None)
    return (
        *(route.host, route.timeout_s, tuple(backends), tuple(edits), mirror),
        *(route.matches, route.matched, route.sticky, route.visits),
    )


def _farewell(status: Status, observed: Observed) -> tuple[Action, ...]:
    """
    Return what is left to do for a deleted application: route, replicas, memory.

    As long as its spec is there, it is remembered as deleted, or it would begin anew.
    """
    if observed.route is not None or observed.route_problem:
        return () if observed.route_problem else (RemoveRoute(),)
    if any(r.state is not ReplicaState.STOPPING for r in observed.replicas):
        return (SetGroups(groups=(), drain_s=status.drain_s),)
    gone = not observed.replicas and observed.wanted is None and not observed.problem
    return (Forget(),) if gone else ()
