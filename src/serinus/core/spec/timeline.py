"""
The timeline of a delivery: what happens when, at the fastest; and the curve that pictures show.

At the fastest, because evidence may need longer than the clock, and gates wait for people.
"""

from typing import assert_never

import msgspec

from serinus.core.spec.delivery import (
    FULL,
    Delivery,
    Gate,
    PreviewStep,
    RecreateStep,
    ReplaceStep,
    SettleStep,
    Step,
    SwitchStep,
    TrafficStep,
)

EVIDENCE_S = 15.0
"""A judged step holds for three blocks of evidence at least."""


class Stage(msgspec.Struct, frozen=True):
    """
    One step of the timeline.

    ``share`` in per mille after the step began; ``at_s`` and ``for_s`` in seconds, at the fastest;
    ``waits``: what it waits for beside the clock.
    """

    title: str
    share: int
    at_s: float
    for_s: float
    waits: tuple[str, ...] = ()


def timeline(delivery: Delivery) -> tuple[Stage, ...]:
    """Return the stages, from the start of the replicas to the end of the settling."""
    stages = [Stage("replicas start and warm up", 0, 0.0, delivery.warmup_s, ("readiness",))]
    at = delivery.warmup_s
    promoted = False
    for step in delivery.steps:
        if isinstance(step, SettleStep) and not promoted:
            stages.append(Stage("promotion", FULL, at, delivery.warmup_s, ("readiness",)))
            at, promoted = at + delivery.warmup_s, True
        stage = _stage(step, at, judged=bool(delivery.checks))
        stages.append(stage)
        at += stage.for_s
        promoted = promoted or stage.share == FULL
    if not promoted:
        stages.append(Stage("promotion", FULL, at, delivery.warmup_s, ("readiness",)))
    return tuple(stages)


def fastest(stages: tuple[Stage, ...]) -> float:
    """Return the seconds until the new version serves everybody, at the fastest."""
    return next((s.at_s for s in stages if s.share == FULL), stages[-1].at_s)


def curve(delivery: Delivery) -> tuple[tuple[float, int], ...]:
    """Return (seconds, per mille) corners of the share over time, at the fastest."""
    return tuple((s.at_s, s.share) for s in timeline(delivery))


def _stage(step: Step, at: float, *, judged: bool) -> Stage:
    match step:
        case TrafficStep(share=share, hold=hold, gates=gates, manual=manual):
            waits = [*_gates(gates)]
            if hold.min_samples:
                waits.append(f"{hold.min_samples:,} requests")
            if manual:
                waits.append("a person: serinus next")
            length = max(hold.for_s, EVIDENCE_S if judged and share < FULL else 0.0)
            return Stage(f"{share / 10:g} % of the traffic", share, at, length, tuple(waits))
        case PreviewStep(hold=hold, gates=gates):
            return Stage("preview without traffic", 0, at, hold.for_s, _gates(gates))
        case SwitchStep(gates=gates):
            return Stage("switch", FULL, at, 0.0, _gates(gates))
        case ReplaceStep(gates=gates):
            return Stage("replicas are replaced", FULL, at, 0.0, (*_gates(gates), "readiness"))
        case RecreateStep(gates=gates):
            waits = [*_gates(gates), "readiness: nobody answers until then"]
            return Stage("old replicas stop, new ones start", FULL, at, 0.0, tuple(waits))
        case SettleStep(keep_old_s=length):
            return Stage("old replicas stay warm", FULL, at, length)
        case _:
            assert_never(step)


def _gates(gates: tuple[Gate, ...]) -> tuple[str, ...]:
    return tuple(
        f"{g.count} approval{'' if g.count == 1 else 's'}"
        + (f" by {' or '.join(g.roles)}" if g.roles else "")
        for g in gates
    )
