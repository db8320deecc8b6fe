"""
Who the candidate gets beside its share: copies of requests, requests that match, users who stay.

All of it follows from where a release is, so that nothing is left over when it goes elsewhere.
"""

from msgspec.structs import replace

from serinus.core.spec.delivery import MatchStep, MirrorStep, Step
from serinus.core.spec.requests import Match
from serinus.core.state.release import Phase, Release
from serinus.core.state.traffic import Endpoint, Mirror, Route, Sticky

_HELD = frozenset({Phase.ROLLING, Phase.HOLDING, Phase.PAUSED})
_DIGITS = 8


def _step(release: Release) -> Step | None:
    """Return the step that the release is held in, None while it is not in one."""
    if release.ended_at is not None or release.progress.phase not in _HELD:
        return None
    steps = release.delivery.steps
    return steps[min(release.progress.step, len(steps) - 1)]


def mirror(release: Release) -> MirrorStep | None:
    """Return the mirror that is asked for, None if there is none."""
    step = _step(release)
    return step if isinstance(step, MirrorStep) else None


def copied(release: Release) -> int:
    """Return the share of the requests that is copied, in per mille."""
    step = mirror(release)
    return 0 if step is None else step.share


def matches(release: Release) -> tuple[Match, ...]:
    """Return the matches whose requests go to the candidate."""
    step = _step(release)
    return step.matches if isinstance(step, MatchStep) else ()


def visited(release: Release) -> bool:
    """Tell whether it has to be noted who came."""
    return isinstance(_step(release), MatchStep)


def sticky(release: Release) -> Sticky | None:
    """
    Return how users stay on their side, None where each request is drawn by itself.

    The cookie belongs to the release, so that each draws anew who is among the first. A probe draws
    requests, not users: one user whose own data are broken must not make every probe fail.
    """
    if not release.delivery.sticky_s or release.progress.phase is Phase.PROBING:
        return None
    name = f"serinus-{release.application}-{release.candidate[:_DIGITS]}"
    return Sticky(cookie=name, ttl_s=release.delivery.sticky_s)


def added(
    route: Route,
    release: Release,
    endpoints: tuple[Endpoint, ...],
    *,
    copies: bool = True,
    chosen: bool = True,
) -> Route:
    """
    Add to a route whom the candidate gets beside its share.

    ``endpoints``: those of the candidate. ``copies`` and ``chosen``: whether it can take copies of
    requests by now, and the requests that match.
    """
    edits = release.delivery.edits
    backends = tuple(
        replace(b, edits=edits) if b.revision == release.candidate else b for b in route.backends
    )
    step, found = mirror(release), matches(release) if chosen else ()
    return replace(
        route,
        backends=backends,
        matches=found,
        matched=release.candidate if found else "",
        sticky=sticky(release),
        mirror=Mirror(release.candidate, step.share, step.methods, endpoints, edits=edits)
        if step is not None and copies
        else None,
        visits=visited(release),
    )
