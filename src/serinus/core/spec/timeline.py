"""
The timeline of a delivery: what happens when, at the fastest; and the curve that pictures show.

At the fastest, because evidence may need longer than the clock, and gates wait for people, for the
calendar and for other programs.
"""

import enum
import re
from typing import assert_never

import msgspec

from serinus.core.spec import prose
from serinus.core.spec.delivery import (
    FULL,
    Approval,
    Delivery,
    Gate,
    Hold,
    MatchStep,
    MirrorStep,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    SettleStep,
    Step,
    Strategy,
    SwitchStep,
    TrafficStep,
    Webhook,
    WindowGate,
)
from serinus.core.spec.requests import Condition, Match

EVIDENCE_S = 15.0
"""A judged step holds for three blocks of evidence at least."""

_HOST = re.compile(r"\w+://(?:[^/?#]*@)?([^/?#@]+)")
"""Of an address its host alone is shown: the rest may hold a token."""

TESTS = frozenset({Strategy.AB_TEST, Strategy.MIRROR})
"""Strategies that show something and promote nobody: when their steps are over, they are over."""

GONE = frozenset({Strategy.ROLLING, Strategy.RECREATE})
"""Strategies that keep no old replicas: settling is watching."""


class Kind(enum.StrEnum):
    """What a stage gives to the new version: what a picture of it has to show."""

    SHARE = "share"
    PREVIEW = "preview"
    MIRROR = "mirror"
    MATCH = "match"


class Stage(msgspec.Struct, frozen=True):
    """
    One step of the timeline.

    ``share``: of the traffic that the new version answers, in per mille, after the step began; of
    a cohort that is matched nobody knows it beforehand, and it is 0. ``part``: of the requests that
    are copied, or of the users in the cohort, in per mille. ``at_s`` and ``for_s`` are seconds, at
    the fastest. ``waits``: what it waits for beside the clock; ``gated``: somebody has to say yes.
    ``step``: its number among the steps of the delivery, 0 for what is none of them.
    """

    title: str
    share: int
    at_s: float
    for_s: float
    waits: tuple[str, ...] = ()
    kind: Kind = Kind.SHARE
    part: int = 0
    gated: bool = False
    step: int = 0


def timeline(delivery: Delivery) -> tuple[Stage, ...]:
    """Return the stages, from the start of the replicas to the end of the settling."""
    stages = [Stage("replicas start and warm up", 0, 0.0, delivery.warmup_s, ("readiness",))]
    at = delivery.warmup_s
    promoted = False
    for number, step in enumerate(delivery.steps, 1):
        if isinstance(step, SettleStep) and not promoted:
            stages.append(Stage("promotion", FULL, at, delivery.warmup_s, ("readiness",)))
            at, promoted = at + delivery.warmup_s, True
        stage = _stage(step, at, judged=bool(delivery.checks))
        if isinstance(step, SettleStep) and delivery.strategy in GONE:
            stage = msgspec.structs.replace(stage, title="the new replicas are watched")
        stages.append(msgspec.structs.replace(stage, step=number))
        at += stage.for_s
        promoted = promoted or stage.share == FULL
    if not promoted:
        stages.append(_end(delivery, at))
    return tuple(stages)


def promotes(stages: tuple[Stage, ...]) -> bool:
    """Tell whether the new version serves everybody in the end."""
    return any(stage.share == FULL for stage in stages)


def fastest(stages: tuple[Stage, ...]) -> float:
    """Return the seconds until the new version serves everybody, or a test is over."""
    return next((s.at_s for s in stages if s.share == FULL), stages[-1].at_s)


def curve(delivery: Delivery) -> tuple[tuple[float, int], ...]:
    """Return (seconds, per mille) corners of the share over time, at the fastest."""
    return tuple((s.at_s, s.share) for s in timeline(delivery))


def exposed(stages: tuple[Stage, ...], rate: float) -> float:
    """
    Return how many requests the new version answers before it serves everybody, at the fastest.

    ``rate``: requests a second of the whole application. Copies are none of them, because nobody
    gets their answers; nor are the requests of a cohort that is matched, which nobody can count
    beforehand. It is what a version meets that nothing speaks against: a bad one meets fewer.
    """
    return sum(s.share / FULL * s.for_s * rate for s in stages if s.share < FULL)


def _end(delivery: Delivery, at: float) -> Stage:
    if delivery.strategy in TESTS:
        return Stage("the test is over: the old version serves everybody", 0, at, 0.0)
    return Stage("promotion", FULL, at, delivery.warmup_s, ("readiness",))


def _stage(step: Step, at: float, *, judged: bool) -> Stage:
    match step:
        case TrafficStep(share=share, hold=hold, gates=gates, manual=manual):
            waits = (*_held(hold, gates), *(["a person: serinus next"] if manual else []))
            length = _longer(hold, judged=judged and share < FULL).for_s
            gated = bool(gates) or manual
            return Stage(_percent(share, "traffic"), share, at, length, waits, gated=gated)
        case PreviewStep(hold=hold, gates=gates):
            stage = _seen("preview without traffic", at, hold, gates)
            return msgspec.structs.replace(stage, kind=Kind.PREVIEW)
        case MirrorStep(share=part, methods=methods, hold=hold, gates=gates):
            copied = f"{', '.join(methods)} requests" if methods else "requests"
            title = f"{_percent(part, copied)} are copied, nobody gets the answers"
            stage = _seen(title, at, _longer(hold, judged=judged), gates)
            return msgspec.structs.replace(stage, kind=Kind.MIRROR, part=part)
        case MatchStep(matches=matches, share=share, hold=hold, gates=gates):
            title = _percent(share, "users") if share else _matched(matches)
            stage = _seen(title, at, _longer(hold, judged=judged), gates)
            return msgspec.structs.replace(stage, kind=Kind.MATCH, share=share, part=share)
        case SwitchStep(gates=gates):
            return Stage("switch", FULL, at, 0.0, _gates(gates), gated=bool(gates))
        case ReplaceStep(gates=gates):
            waits = (*_gates(gates), "readiness")
            return Stage("replicas are replaced", FULL, at, 0.0, waits, gated=bool(gates))
        case RecreateStep(gates=gates):
            waits = (*_gates(gates), "readiness: nobody answers until then")
            title = "old replicas stop, new ones start"
            return Stage(title, FULL, at, 0.0, waits, gated=bool(gates))
        case SettleStep(keep_old_s=length):
            return Stage("old replicas stay warm", FULL, at, length)
        case _:
            assert_never(step)


def _seen(title: str, at: float, hold: Hold, gates: tuple[Gate, ...]) -> Stage:
    """Return a stage that gives the new version something else than a share of the traffic."""
    return Stage(title, 0, at, hold.for_s, _held(hold, gates), gated=bool(gates))


def _longer(hold: Hold, *, judged: bool) -> Hold:
    """Return a hold that is as long as the judge needs at least."""
    return Hold(max(hold.for_s, EVIDENCE_S if judged else 0.0), hold.min_samples)


def _percent(mille: int, of: str) -> str:
    return f"{mille / 10:g} % of the {of}"


def _matched(matches: tuple[Match, ...]) -> str:
    said = (" and ".join(map(_condition, match.conditions)) for match in matches)
    return f"requests with {', or '.join(said)}"


def _condition(one: Condition) -> str:
    """Say what a request must have, in the words of the part that is looked at."""
    if one.value is None:
        return f"{one.part.value} {one.name}"
    return f"{one.part.value} {one.name}{' like ' if one.pattern else '='}{one.value}"


def _held(hold: Hold, gates: tuple[Gate, ...]) -> tuple[str, ...]:
    samples = (f"{hold.min_samples:,} requests",) if hold.min_samples else ()
    return (*_gates(gates), *samples)


def _gates(gates: tuple[Gate, ...]) -> tuple[str, ...]:
    return tuple(_gate(gate) for gate in gates)


def _gate(gate: Gate) -> str:
    match gate:
        case Approval(count=count, roles=roles):
            by = f" by {' or '.join(roles)}" if roles else ""
            return f"{prose.several(count, 'approval')}{by}"
        case WindowGate(window=window):
            return f"the window {window.name} to be open"
        case Webhook(url=url):
            found = _HOST.match(url)
            return f"a yes from {found[1] if found else 'a webhook'}"
        case _:
            assert_never(gate)
