"""
How an application and its releases stand, for people and for tools that know nothing of Serinus.

The conditions are those of kstatus, which Argo CD, Flux and ``kubectl wait`` read::

    Ready         what is asked for serves everybody
    Reconciling   a release is in flight, or will be
    Stalled       nothing more will happen by itself: somebody has to look

Reasons are machine words, messages are the core's own sentences. Everything here is pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from serinus.adapters.kubernetes import records
from serinus.adapters.kubernetes.objects import ApplicationStatus, Condition, Side
from serinus.core.spec.delivery import FULL
from serinus.core.state import labels
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase, Release
from serinus.ports.store import Asked

NEW, SERVING, DELETING, LEFT = "Not started", "Serving", "Deleting", "Left"
"""Phases of an application that has no release to name one."""

STUCK = frozenset({Phase.HELD})
"""Phases in flight from which nothing leads on by itself."""

UNUSED = "The spec is not used: "
"""How the sentence begins where the spec has a problem."""

_WELL = frozenset({Phase.SUCCEEDED, Phase.CONCLUDED})
_LONGEST_MESSAGE = 32_768


@dataclass(frozen=True, slots=True)
class Standing:
    """In short: the word, the sentence, and the three conditions."""

    phase: str
    sentence: str
    ready: bool = False
    reconciling: bool = False
    stalled: bool = False

    @property
    def reason(self) -> str:
        """The phase as a machine word: ``HeldAt0``."""
        return "".join(word[:1].upper() + word[1:] for word in self.phase.split())


def of_application(status: Status | None, asked: Asked) -> Standing:
    """Tell how an application stands: the spec first, then what is in flight, then what serves."""
    found = _standing(status, asked)
    if asked.problem:
        return Standing(found.phase, f"{UNUSED}{asked.problem}", stalled=True)
    return found


def of_release(release: Release) -> Standing:
    """Tell how one release stands; one that settles serves everybody already."""
    progress = release.progress
    phase = progress.phase
    if phase is Phase.SETTLING:
        return Standing(phase.value, progress.sentence, ready=True)
    if release.ended_at is None:
        stuck = phase in STUCK
        return Standing(phase.value, progress.sentence, reconciling=not stuck, stalled=stuck)
    well = phase in _WELL
    stalled = not well and phase is not Phase.SUPERSEDED
    return Standing(phase.value, progress.sentence, ready=well, stalled=stalled)


def _standing(status: Status | None, asked: Asked) -> Standing:
    if status is None or (status.release is None and status.stable is None and not status.deleted):
        return Standing(NEW, "Its first release has not begun yet.", reconciling=True)
    release = status.release
    if status.deleted:
        return Standing(DELETING, "Its route is removed, and its pods stop.", reconciling=True)
    if release is None:
        return Standing(SERVING, f"{status.stable_version} serves.", ready=True)
    found = of_release(release)
    return found if release.ended_at is None else _at_rest(status, found, asked)


def _at_rest(status: Status, found: Standing, asked: Asked) -> Standing:
    """Tell how an application stands whose last release has ended."""
    wanted = asked.wanted
    if wanted is None:
        return found
    if wanted.revision.id == status.stable:
        # What failed before is not asked for any more: somebody took the change back.
        return Standing(found.phase, found.sentence, ready=True)
    if (wanted.revision.id, wanted.delivery_hash) == status.concluded:
        return found
    if wanted.revision.id in status.quarantine:
        return Standing(found.phase, found.sentence, stalled=True)
    sentence = f"{wanted.revision.version} is asked for; its release has not begun yet."
    return Standing(found.phase, sentence, reconciling=True)


def conditions(
    standing: Standing, before: Iterable[Condition], now: datetime, generation: int | None = None
) -> list[Condition]:
    """
    Return the conditions of an object.

    ``before``: those that it has; one whose status stays the same keeps its time of transition.
    Conditions of somebody else stay as they are.
    """
    known = {one.type: one for one in before}
    message = standing.sentence[:_LONGEST_MESSAGE]
    for kind, holds in (
        ("Ready", standing.ready),
        ("Reconciling", standing.reconciling),
        ("Stalled", standing.stalled),
    ):
        status = "True" if holds else "False"
        found = known.get(kind)
        since = found.last_transition_time if found and found.status == status else now
        known[kind] = Condition(
            type=kind,
            status=status,
            last_transition_time=since,
            reason=standing.reason,
            message=message,
            observed_generation=generation,
        )
    return list(known.values())


def application(
    name: str,
    status: Status | None,
    asked: Asked,
    *,
    generation: int | None,
    before: Sequence[Condition],
    now: datetime,
    left: bool = False,
) -> ApplicationStatus:
    """
    Return the status of an Application object.

    ``name``: of the object. ``generation``: of its spec, which ``asked`` is made from. ``before``:
    the conditions that it has now. ``left``: Serinus was asked to let go of it.
    """
    standing = of_application(status, asked)
    if left and standing.phase == NEW:
        standing = Standing(LEFT, "Serinus has let go of it.", ready=True)
    release = status.release if status else None
    flying = release if release is not None and release.ended_at is None else None
    return ApplicationStatus(
        observed_generation=generation,
        conditions=conditions(standing, before, now, generation),
        phase=standing.phase,
        sentence=standing.sentence,
        release=f"{name}-{release.number}" if release else "",
        stable=_stable(status, flying),
        candidate=_candidate(status, flying),
        replicas=len(_serving(status)) if status else 0,
        selector=_selector(name, status),
    )


def _stable(status: Status | None, flying: Release | None) -> Side | None:
    if status is None or status.stable is None:
        return None
    shared = flying is not None and flying.candidate != status.stable
    share = FULL - flying.progress.share if shared and flying else FULL
    return Side(status.stable, status.stable_version, records.percent(share))


def _candidate(status: Status | None, flying: Release | None) -> Side | None:
    if flying is None or status is None or flying.candidate == status.stable:
        return None
    return Side(flying.candidate, flying.version, records.percent(flying.progress.share))


def _serving(status: Status) -> tuple[int, ...]:
    if status.stable is None and status.release is not None:
        return status.release.progress.ordinals
    return status.stable_ordinals


def _selector(name: str, status: Status | None) -> str:
    """Return how to find the pods that an autoscaler goes by: those of the revision that serves."""
    revision = None if status is None else status.stable
    if revision is None and status is not None and status.release is not None:
        revision = status.release.candidate
    own = f"{labels.APPLICATION}={name}"
    return f"{own},{labels.REVISION}={labels.short(revision)}" if revision else own
