"""
Why: what the evidence of a release leads to, and what it does not lead to yet, in sentences.

::

    evidence of all checks ── 10:1 ──▶ taken back (can be undone)
    failed probes on fresh replicas, and the ledger ── 100:1 ──▶ rolled back (for good)
    evidence without the guard φ̂ ──▶ shown as severity, and nothing else

The planner decides (:mod:`serinus.core.planner.decide`); here it is told by which numbers.
"""

from collections.abc import Iterator
from datetime import datetime
from math import exp

import msgspec

from serinus.core.analysis import sentences
from serinus.core.planner import luck, words
from serinus.core.spec import rules
from serinus.core.spec.delivery import MatchStep, MirrorStep, PreviewStep, Step
from serinus.core.state.explanation import CheckExplained, Explanation
from serinus.core.state.release import Phase, Release
from serinus.core.state.verdict import TestKind


class Ledger(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    The way back of a release: evidence of all its finished tests, and its probes.

    It is rolled back for good when ``failed`` reaches ``probes`` and ``evidence`` ``needed``.
    ``luck``: how many probes are needed is known from this.
    """

    alarms: int
    failed: int
    probes: int
    evidence: float
    needed: float
    luck: str = ""


class Decided(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    One decision, and the evidence of its test at that moment.

    ``safety``: the evidence that it is not worse than the margin, of the check that says least of
    it; ``safetyNeeded`` verifies it. Both are None where nothing was compared.
    """

    at: datetime | None
    reason: str
    sentence: str
    test: str
    share: float | None
    evidence: float | None
    needed: float | None
    threshold: str
    accused: str
    requests: int
    stable_requests: int
    safety: float | None = None
    safety_needed: float | None = None


class Why(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    Why a release is where it is.

    ``why``: in sentences; ``ledger``: None where there was no alarm; ``verdict``: of this moment,
    or (``decided``) of the decision that ended it; None where nothing was judged. ``unknown``: what
    is not known any more.
    """

    why: tuple[str, ...]
    ledger: Ledger | None
    decided: bool
    verdict: Explanation | None
    decisions: tuple[Decided, ...]
    unknown: tuple[str, ...] = ()


# --- in sentences --------------------------------------------------------------------------------

CLUMPS = 1.05
"""A dispersion below this is told as none."""

_EPISODE = frozenset({Phase.RETREATED, Phase.PROBING, Phase.TRIAL})
_CALM = frozenset({Phase.ROLLING, Phase.HOLDING, Phase.PAUSED, Phase.WAITING})


def why(release: Release, found: Explanation | None) -> tuple[str, ...]:
    """Say why a release is where it is; ``found``: the verdict that it hangs on, if known."""
    return tuple(_why(release, found))


def wanted(release: Release) -> int:
    """Return how many fresh replicas have to fail before the release is given up."""
    known = release.progress.retreat.wanted
    return release.delivery.retreat.probes or known or luck.UNKNOWN_PROBES


def _why(release: Release, found: Explanation | None) -> Iterator[str]:
    if release.stable is None:
        yield (
            "It is the first release: there is no other version to compare it with. Whether its"
            " replicas live is watched, and nothing else."
        )
        return
    if not release.delivery.checks and not release.delivery.looks:
        yield "Nothing is compared, as the delivery has no checks: only its replicas are watched."
        return
    phase = release.progress.phase
    over = found is not None and found.test == TestKind.TAKEOVER and not _beside(release)
    if phase in _EPISODE:
        yield from _episode(release)
    elif phase is Phase.HELD:
        yield "A person decides: nothing more happens by itself."
    elif release.ended_at is not None or phase in {Phase.ROLLING_BACK, Phase.PROMOTING}:
        yield from _ended(release)
    elif over and found is not None:
        yield from _takeover(found)
    elif phase in _CALM and found is not None:
        yield from _calm(release, found)
    if found is not None:
        yield from _severity(found)


def _step(release: Release) -> Step | None:
    steps = release.delivery.steps
    return steps[min(release.progress.step, len(steps) - 1)] if steps else None


def _beside(release: Release) -> bool:
    """Tell whether stable serves beside the candidate, or in its place."""
    return isinstance(_step(release), PreviewStep | MatchStep | MirrorStep)


def _calm(release: Release, found: Explanation) -> Iterator[str]:
    step = _step(release)
    if isinstance(step, PreviewStep):
        yield "Nobody is sent to the candidate yet, so that there is nothing to compare."
    elif isinstance(step, MirrorStep):
        yield "Nobody gets the candidate's answers, so that there is nothing to take back."
    elif isinstance(step, MatchStep):
        yield from _matching(found)
    elif release.delivery.rule is not None:
        yield (
            f"It is judged by {rules.name(release.delivery.rule)}: what that says rolls back at"
            " once. The evidence is shown, and moves nothing."
        )
    elif found.evidence is not None and found.needed is not None and not found.alarmed:
        yield (
            f"Not taken back: all checks together say {sentences.odds(found.evidence)}, and"
            f" {sentences.odds(found.needed)} takes the traffic away."
        )
    if found.verified:
        yield "It is shown to be safe; what is left are the time and the requests of its steps."


def _matching(found: Explanation) -> Iterator[str]:
    if found.evidence is None or found.needed is None:
        return
    yield (
        f"A test with users goes back for good at {sentences.odds(found.needed)}, and not before:"
        " taking it from them for a while would spoil it. All checks that compare say"
        f" {sentences.odds(found.evidence)}."
    )


def _episode(release: Release) -> Iterator[str]:
    state, policy = release.progress.retreat, release.delivery.retreat
    if not state.stream:
        yield "Not rolled back yet: the fresh replicas are tried first."
        return
    many = wanted(release)
    fresh = f"{state.fails} of {words.several(many, 'probe')} on fresh replicas failed"
    yield (
        f"Not rolled back yet: {fresh}, and all tests together say"
        f" {sentences.odds(_ledger(release))}, of the {sentences.odds(policy.give_up)} that it"
        " takes. Both are needed."
    )
    if release.progress.phase is Phase.TRIAL:
        yield "It is on trial at its former share: an alarm now counts as a failed probe."
    if state.luck:
        yield f"So many probes, because {state.luck}."


def _ledger(release: Release) -> float:
    return exp(min(release.progress.retreat.ledger, 700.0))


def _ended(release: Release) -> Iterator[str]:
    state = release.progress.retreat
    if not state.count:
        return
    gone = release.progress.phase in {Phase.ROLLED_BACK, Phase.ROLLING_BACK}
    if gone and state.fails >= wanted(release):
        yield (
            f"{words.several(state.fails, 'fresh replica')} failed of the {wanted(release)} that it"
            f" takes, and all tests together said {sentences.odds(_ledger(release))}, of the"
            f" {sentences.odds(release.delivery.retreat.give_up)} that it takes."
        )
    elif not gone:
        were = "There was" if state.count == 1 else "There were"
        yield f"{were} {words.several(state.count, 'alarm')} on the way."


def _takeover(found: Explanation) -> Iterator[str]:
    if found.evidence is None or found.needed is None or found.alarmed:
        return
    yield (
        "It serves everybody, so that nobody is left beside it: it is compared with what stable did"
        f" before, and goes back at {sentences.odds(found.needed)}, once. All checks together say"
        f" {sentences.odds(found.evidence)}."
    )


def _severity(found: Explanation) -> Iterator[str]:
    """Tell what the guard costs, where it does."""
    loud = [
        one
        for one in found.checks
        if one.unguarded is not None
        and one.evidence is not None
        and one.needed is not None
        and one.unguarded >= one.needed > one.evidence
    ]
    for one in loud:
        yield (
            f"Without the guard against clumps {one.name} would say"
            f" {sentences.odds(one.unguarded or 0.0)}: that is how severe it looks, and nothing"
            " follows from it."
        )


def guard(one: CheckExplained) -> str:
    """Say what the dispersion of stable's bad requests costs; empty where it costs nothing."""
    if one.dispersion is None or one.dispersion < CLUMPS:
        return ""
    return (
        f"bad requests of stable come in clumps (φ̂ {one.dispersion:.2g}), so that"
        f" {one.dispersion:.2g} times as many of them are needed"
    )
