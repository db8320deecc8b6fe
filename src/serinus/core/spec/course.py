"""
From a filled template body to a resolved delivery: reviewed, and with all sugar expanded.

Paths of problems are relative to the body.
"""

import msgspec

from serinus.core.errors import Problem
from serinus.core.spec import (
    bounds,
    checker,
    checklist,
    delivery,
    duration,
    formats,
    gating,
    judging,
    matching,
    plan,
    problems,
    room,
    rules,
    steps,
    wayback,
)
from serinus.core.spec.gating import NOWHERE, Surroundings
from serinus.core.spec.limits import Limits as Limits
from serinus.core.spec.template import Body

STRATEGIES = tuple(s.value for s in delivery.Strategy)
_CHOICES = {
    "onFail.rollback": ("instant",),
    "onNoData.then": ("zero", "rollback"),
    "onUnverified": ("promote", "hold", "rollback"),
}


def compile_body(
    body: Body, limits: Limits, surroundings: Surroundings = NOWHERE
) -> tuple[delivery.Delivery | None, tuple[Problem, ...]]:
    """Return the delivery, None when an error keeps it from being carried out."""
    found = [*_strategy(body), *plan.review(body, limits, surroundings)]
    checks, looks = checklist.resolve(body.checks, body.strikes, limits, found)
    rule = judging.resolve(body, limits, found)
    found += [*bounds.body(body), *room.review(body), *_choices(body), *checklist.fitting(body)]
    if problems.errors(found):
        return None, tuple(found)
    resolved = _delivery(body, surroundings, checks, looks, rule)
    return _fitting(resolved, limits), tuple(found)


def _delivery(
    body: Body,
    surroundings: Surroundings,
    checks: tuple[delivery.Check, ...],
    looks: tuple[delivery.Look, ...],
    rule: rules.Rule | None,
) -> delivery.Delivery:
    return delivery.Delivery(
        strategy=delivery.Strategy(body.strategy),
        steps=tuple(s for step in body.plan for s in _steps(step, surroundings)),
        checks=checks,
        looks=looks,
        rule=rule,
        sticky_s=duration.seconds(body.sticky or "0s"),
        edits=matching.edits(body.headers),
        goals=matching.goals(body.goals),
        warmup_s=duration.seconds(body.warmup),
        start_timeout_s=duration.seconds(body.start_timeout),
        drain_s=duration.seconds(body.drain),
        max_surge=room.resolve(body),
        keep_candidate_s=duration.seconds(body.on_fail.keep_candidate),
        quarantine=body.on_fail.quarantine,
        every_s=duration.seconds(body.every),
        margin=wayback.Margin(body.verified.ratio, formats.fraction(body.verified.plus)),
        on_unverified=wayback.Unverified(body.on_unverified),
        on_no_data=wayback.NoDataPolicy(
            duration.seconds(body.on_no_data.hold), body.on_no_data.then
        ),
        retreat=wayback.RetreatPolicy(
            alarm=body.retreat.alarm,
            probes=body.retreat.probes,
            trial_s=duration.seconds(body.retreat.trial),
            probe_target_s=duration.seconds(body.retreat.probe_target),
            max_retreats=body.retreat.max_retreats,
            max_probes=body.retreat.max_probes,
            age_s=duration.seconds(body.retreat.age),
        ),
    )


def _fitting(resolved: delivery.Delivery, limits: Limits) -> delivery.Delivery:
    """Return a delivery with the shares that the platform can give."""
    if not limits.rounds:
        return resolved
    fitting = (
        msgspec.structs.replace(step, share=limits.nearest(step.share))
        if isinstance(step, delivery.TrafficStep)
        else step
        for step in resolved.steps
    )
    return msgspec.structs.replace(resolved, steps=tuple(fitting))


def _strategy(body: Body) -> list[Problem]:
    if body.strategy not in STRATEGIES:
        return [Problem("strategy", checker.unknown(body.strategy, STRATEGIES, "strategy"))]
    if body.strategy not in plan.HERE:
        return [Problem("strategy", plan.not_yet(f"the strategy {body.strategy}"))]
    return []


def _choices(body: Body) -> list[Problem]:
    given = {
        "onFail.rollback": body.on_fail.rollback,
        "onNoData.then": body.on_no_data.then,
        "onUnverified": body.on_unverified,
    }
    return [
        Problem(path, checker.unknown(given[path], known, "choice"))
        for path, known in _CHOICES.items()
        if given[path] not in known
    ]


# --- steps --------------------------------------------------------------------------------------


def _steps(step: steps.Step, surroundings: Surroundings) -> list[delivery.Step]:
    gates = gating.resolve(step.gates, surroundings)
    hold = _hold(step.hold)
    if step.traffic is not None:
        share = formats.mille(step.traffic.candidate)
        return [delivery.TrafficStep(share, hold, gates, step.manual)]
    if step.ramp is not None:
        return _ramp(step.ramp, gates, manual=step.manual)
    if step.preview is not None:
        part = formats.mille(step.preview.replicas)
        return [delivery.PreviewStep(part, hold, gates)]
    if step.mirror is not None:
        copied, methods = matching.mirror(step.mirror)
        return [delivery.MirrorStep(formats.mille(copied), methods, hold, gates)]
    if step.match is not None:
        drawn = formats.mille(matching.share(step.match) or "0%")
        return [delivery.MatchStep(matching.resolve(step.match), drawn, hold, gates)]
    if step.switch is not None:
        return [delivery.SwitchStep(gates)]
    if step.replace is not None:
        surge, down = step.replace.max_surge, step.replace.max_unavailable
        return [delivery.ReplaceStep(formats.mille(surge), formats.mille(down), gates)]
    if step.recreate is not None:
        return [delivery.RecreateStep(duration.seconds(step.recreate.timeout), gates)]
    # The review has seen that a step is one of these.
    settle = step.settle or steps.Settle()
    return [delivery.SettleStep(duration.seconds(settle.keep_old))]


def _ramp(
    ramp: steps.Ramp, gates: tuple[delivery.Gate, ...], *, manual: bool
) -> list[delivery.Step]:
    """Expand a ramp; its gates stand before its first step."""
    first, last = formats.mille(ramp.from_), formats.mille(ramp.to)
    shares = [*range(first, last, formats.mille(ramp.by)), last]
    hold = _hold(ramp.hold)
    return [
        delivery.TrafficStep(share, hold, gates if index == 0 else (), manual)
        for index, share in enumerate(shares)
    ]


def _hold(hold: steps.Hold | None) -> delivery.Hold:
    if hold is None:
        return delivery.Hold()
    return delivery.Hold(duration.seconds(hold.for_), hold.min_samples)
