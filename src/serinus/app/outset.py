"""
The outset: with which route and how many replicas a release begins, before anybody asks for it.

The step is the first one that sends anybody, or a copy of anything, to the new version. What only
time shows is left out: a first look with less, and replicas that are not ready yet.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from serinus.core.planner import cohorts, replicas, steps
from serinus.core.spec.delivery import (
    FULL,
    MatchStep,
    MirrorStep,
    PreviewStep,
    SettleStep,
    Step,
    TrafficStep,
)
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status, Wanted
from serinus.core.state.release import Phase, Progress, Release
from serinus.core.state.traffic import Backend, Endpoint, Route

_NEVER = datetime.fromtimestamp(0, UTC)


class Outset(NamedTuple):
    """
    The route of the first step, and the replicas of the new version that it begins with.

    ``step``: what the step does, in a few words; empty where everybody gets the new version at
    once. ``same``: the revision serves already, so that no release begins.
    """

    route: Route
    replicas: int
    step: str = ""
    same: bool = False


def of(key: Key, wanted: Wanted, status: Status | None) -> Outset:
    """
    Return how a release of what is wanted would begin, beside what serves.

    The addresses of the replicas are their own names: nobody knows more before they run.
    """
    candidate = wanted.revision.id
    stable = None if status is None else status.stable
    found = next(((n, one) for n, one in enumerate(wanted.delivery.steps) if _moves(one)), None)
    if status is None or stable in {None, candidate} or found is None:
        route = _route(key, wanted, (_backend(wanted, candidate, FULL, range(wanted.replicas)),))
        return Outset(route, wanted.replicas, same=stable == candidate)
    number, step = found
    share = _share(step)
    many = _many(step, share, wanted.replicas)
    release = _release(key, wanted, str(stable), number)
    first = status.stable_ordinals or range(wanted.replicas)
    new = _backend(wanted, candidate, share, range(many))
    route = _route(key, wanted, (_backend(wanted, str(stable), FULL - share, first), new))
    return Outset(cohorts.added(route, release, new.endpoints), many, steps.title(step))


def _moves(step: Step) -> bool:
    return not isinstance(step, PreviewStep | SettleStep)


def _share(step: Step) -> int:
    """Return the share of the requests that the step gives to the candidate."""
    match step:
        case TrafficStep(share=share) | MatchStep(share=share):
            return share
        case MirrorStep():
            return 0
        case _:
            return FULL


def _many(step: Step, share: int, whole: int) -> int:
    if isinstance(step, MirrorStep):
        return replicas.needed(step.share, whole)
    return replicas.needed(share or FULL, whole)


def _backend(wanted: Wanted, revision: str, weight: int, ordinals: Sequence[int]) -> Backend:
    port = wanted.revision.workload.port or 0
    names = (f"{revision[:10]}-{ordinal}" for ordinal in ordinals)
    return Backend(revision, weight, tuple(Endpoint(name, f"{name}:{port}") for name in names))


def _route(key: Key, wanted: Wanted, backends: tuple[Backend, ...]) -> Route:
    return Route(
        application=key.application,
        environment=key.environment,
        host=wanted.host,
        backends=backends,
        timeout_s=wanted.timeout_s,
    )


def _release(key: Key, wanted: Wanted, stable: str, step: int) -> Release:
    """Return a release that is held in a step, as far as that decides who gets the candidate."""
    return Release(
        application=key.application,
        environment=key.environment,
        number=0,
        candidate=wanted.revision.id,
        stable=stable,
        version=wanted.revision.version,
        stable_version="",
        delivery=wanted.delivery,
        delivery_hash=wanted.delivery_hash,
        replicas=wanted.replicas,
        actor="",
        reason="",
        created_at=_NEVER,
        progress=Progress(phase=Phase.ROLLING, since=_NEVER, step=step),
    )
