"""From a filled template body to a resolved delivery: checked, with all sugar expanded."""

from typing import NamedTuple

from serinus.core.errors import Problem, Severity
from serinus.core.spec import checker, checks, delivery, duration, formats, review, steps
from serinus.core.spec.template import Body

STRATEGIES = tuple(s.value for s in delivery.Strategy)
HERE = ("rolling", "recreate", "blueGreen", "canary")
"""The strategies that are carried out; the others are refused by name."""

CAREFUL_FIRST = 50
"""A first share above this (per mille) is warned of in production."""


class Limits(NamedTuple):
    """
    What the platform can do.

    ``finest``: the finest share in per mille; ``bounds_ms``: the latency bounds that it counts at;
    ``images``: whether it runs images.
    """

    finest: float = 1
    bounds_ms: tuple[int, ...] = ()
    images: bool = False


def compile_body(
    body: Body, limits: Limits, *, stage: str, path: str
) -> tuple[delivery.Delivery | None, tuple[Problem, ...]]:
    """Return the delivery, None when an error keeps it from being carried out."""
    problems = [*review.written_steps(body.plan, f"{path}.plan"), *_later(body, path)]
    problems += _choices(body, path)
    if any(p.severity is Severity.ERROR for p in problems):
        return None, tuple(problems)
    problems += _shares(body, limits, stage, path)
    found = _checks(body.checks, limits, f"{path}.checks", problems)
    if any(p.severity is Severity.ERROR for p in problems):
        return None, tuple(problems)
    compiled = delivery.Delivery(
        strategy=delivery.Strategy(body.strategy),
        steps=tuple(s for step in body.plan for s in _steps(step)),
        checks=found,
        warmup_s=duration.seconds(body.warmup),
        start_timeout_s=duration.seconds(body.start_timeout),
        drain_s=duration.seconds(body.drain),
        keep_candidate_s=duration.seconds(body.on_fail.keep_candidate),
        quarantine=body.on_fail.quarantine,
        every_s=duration.seconds(body.every),
        margin=delivery.Margin(body.verified.ratio, formats.fraction(body.verified.plus)),
        on_unverified=delivery.Unverified(body.on_unverified),
        on_no_data=delivery.NoDataPolicy(
            duration.seconds(body.on_no_data.hold), body.on_no_data.then
        ),
        retreat=delivery.RetreatPolicy(
            probes=body.retreat.probes,
            trial_s=duration.seconds(body.retreat.trial),
            probe_target_s=duration.seconds(body.retreat.probe_target),
            max_retreats=body.retreat.max_retreats,
        ),
    )
    return compiled, tuple(problems)


# --- what is refused, and why -------------------------------------------------------------------


def _later(body: Body, path: str) -> list[Problem]:
    """Refuse by name what is understood and not carried out on this platform yet."""
    problems = []
    if body.strategy not in STRATEGIES:
        message = checker.unknown(body.strategy, STRATEGIES, "strategy")
        problems.append(Problem(f"{path}.strategy", message))
    elif body.strategy not in HERE:
        problems.append(Problem(f"{path}.strategy", _not_yet(f"strategy {body.strategy}")))
    for index, step in enumerate(body.plan):
        place = f"{path}.plan[{index}]"
        problems += [
            Problem(f"{place}.{what}", _not_yet(f"the step '{what}'"))
            for what in steps.LATER
            if getattr(step, what) is not None
        ]
        for number, gate in enumerate(step.gates):
            problems += [
                Problem(f"{place}.gates[{number}].{what}", _not_yet(f"the gate '{what}'"))
                for what in ("window", "webhook")
                if getattr(gate, what) is not None
            ]
    problems += [
        Problem(f"{path}.checks[{index}].query", _not_yet("a check by query"))
        for index, check in enumerate(body.checks)
        if check.query is not None
    ]
    return problems


def _not_yet(what: str) -> str:
    return f"{what} is not on this platform yet"


def _choices(body: Body, path: str) -> list[Problem]:
    choices = {
        "onUnverified": (body.on_unverified, ("promote", "hold", "rollback")),
        "onNoData.then": (body.on_no_data.then, ("zero", "rollback")),
        "onFail.rollback": (body.on_fail.rollback, ("instant",)),
    }
    problems = [
        Problem(f"{path}.{name}", checker.unknown(value, known, "choice"))
        for name, (value, known) in choices.items()
        if value not in known
    ]
    if body.retreat.probes < 1:
        message = f"{body.retreat.probes} probes decide nothing; wanted 1 or more"
        problems.append(Problem(f"{path}.retreat.probes", message))
    return problems


def _shares(body: Body, limits: Limits, stage: str, path: str) -> list[Problem]:
    """Refuse shares that the router cannot do; warn of a bold first one in production."""
    problems = []
    first = True
    for index, step in enumerate(body.plan):
        if step.traffic is None:
            continue
        share = formats.FORMATS["percent"](step.traffic.candidate)
        place = f"{path}.plan[{index}].traffic.candidate"
        if not 0 < share <= 1:  # type: ignore[operator]
            message = f"{step.traffic.candidate} of the traffic cannot be; wanted 0.1%–100%"
            problems.append(Problem(place, message))
        elif (share * 1000) % 1:  # type: ignore[operator]
            message = f"{step.traffic.candidate} is finer than the router can do, which is 0.1%"
            problems.append(Problem(place, message))
        elif (share * 1000) % int(limits.finest):  # type: ignore[operator]
            message = (
                f"{step.traffic.candidate}: this split does steps of {limits.finest / 10:g}% only; "
                "add replicas, choose a router, or accept the nearest step"
            )
            problems.append(Problem(place, message))
        elif first and stage == "prod" and formats.mille(step.traffic.candidate) > CAREFUL_FIRST:
            message = f"the first share is {step.traffic.candidate}; 1%–5% is kinder in production"
            problems.append(Problem(place, message, Severity.WARNING))
        first = False
    return problems


# --- steps --------------------------------------------------------------------------------------


def _steps(step: steps.Step) -> list[delivery.Step]:
    gates = tuple(_gate(g.approval) for g in step.gates if g.approval is not None)
    hold = _hold(step.hold)
    if step.traffic is not None:
        share = formats.mille(step.traffic.candidate)
        return [delivery.TrafficStep(share, hold, gates, step.manual)]
    if step.ramp is not None:
        return _ramp(step.ramp, gates)
    if step.preview is not None:
        part = formats.mille(step.preview.replicas)
        return [delivery.PreviewStep(part, hold, gates)]
    if step.switch is not None:
        return [delivery.SwitchStep(gates)]
    if step.replace is not None:
        surge, down = step.replace.max_surge, step.replace.max_unavailable
        return [delivery.ReplaceStep(formats.mille(surge), formats.mille(down), gates)]
    if step.recreate is not None:
        return [delivery.RecreateStep(duration.seconds(step.recreate.timeout), gates)]
    if step.settle is not None:
        return [delivery.SettleStep(duration.seconds(step.settle.keep_old))]
    return []


def _ramp(ramp: steps.Ramp, gates: tuple[delivery.Gate, ...]) -> list[delivery.Step]:
    """Expand a ramp; its gates stand before its first step."""
    first, last = formats.mille(ramp.from_), formats.mille(ramp.to)
    by = max(1, formats.mille(ramp.by))
    shares = [*range(first, last, by), last]
    hold = _hold(ramp.hold)
    return [
        delivery.TrafficStep(share, hold, gates if index == 0 else ())
        for index, share in enumerate(shares)
    ]


def _hold(hold: steps.Hold | None) -> delivery.Hold:
    if hold is None:
        return delivery.Hold()
    return delivery.Hold(duration.seconds(hold.for_), hold.min_samples)


def _gate(gate: steps.Approval) -> delivery.Gate:
    timeout = None if gate.timeout is None else duration.seconds(gate.timeout)
    return delivery.Approval(tuple(gate.roles), gate.count, timeout, gate.on_timeout)


# --- checks -------------------------------------------------------------------------------------


def _checks(
    written: list[checks.Check], limits: Limits, path: str, problems: list[Problem]
) -> tuple[delivery.Check, ...]:
    found: list[delivery.Check] = []
    for index, check in enumerate(written):
        place = f"{path}[{index}]"
        given = [w for w in checks.WHAT if getattr(check, w) is not None]
        if len(given) != 1:
            wanted = ", ".join(checks.WHAT)
            problems.append(Problem(place, f"a check is exactly one of {wanted}"))
        elif check.use is not None:
            found.extend(_golden(check, limits, place, problems))
        elif check.errors is not None:
            against = _against(check.errors.stable, check.errors.slo, f"{place}.errors", problems)
            name = check.name or "errors"
            found.append(delivery.ErrorsCheck(name, against, check.weight or 0.5))
        elif check.latency is not None:
            found.append(_latency(check, check.latency, limits, place, problems))
    names = [c.name for c in found]
    for name in sorted({n for n in names if names.count(n) > 1}):
        message = f"two checks are called '{name}'; give each a name of its own"
        problems.append(Problem(path, message))
    return tuple(found)


def _golden(
    check: checks.Check, limits: Limits, place: str, problems: list[Problem]
) -> list[delivery.Check]:
    if check.use not in checks.SETS:
        message = checker.unknown(str(check.use), checks.SETS, "set of checks")
        problems.append(Problem(f"{place}.use", message))
        return []
    known = {"ratio", "plus", "latencyBound"}
    for name in check.with_:
        if name not in known:
            message = checker.unknown(name, sorted(known), "value")
            problems.append(Problem(f"{place}.with.{name}", message))
    ratio, plus = check.with_.get("ratio", "1.25"), check.with_.get("plus", "0.02%")
    against = _stable(ratio, plus, f"{place}.with", problems)
    bound = check.with_.get("latencyBound", "auto")
    bounds = (
        () if bound == "auto" else _bound(bound, limits, f"{place}.with.latencyBound", problems)
    )
    return [
        delivery.ErrorsCheck("errors", against),
        delivery.LatencyCheck("latency", against, bounds),
    ]


def _stable(ratio: str, plus: str, place: str, problems: list[Problem]) -> delivery.AgainstStable:
    try:
        number = float(ratio)
    except ValueError:
        problems.append(Problem(f"{place}.ratio", f"'{ratio}' is not a number"))
        number = 1.25
    if number < 1:
        problems.append(Problem(f"{place}.ratio", f"{ratio} is below 1; wanted 1 or more"))
    wrong = formats.wrong("percent", plus)
    if wrong:
        problems.append(Problem(f"{place}.plus", wrong))
        plus = "0.02%"
    return delivery.AgainstStable(max(number, 1.0), formats.fraction(plus))


def _latency(
    check: checks.Check,
    latency: checks.Latency,
    limits: Limits,
    place: str,
    problems: list[Problem],
) -> delivery.LatencyCheck:
    against = _against(latency.stable, latency.slo, f"{place}.latency", problems)
    where = f"{place}.latency.bound"
    if latency.bound is None and isinstance(against, delivery.AgainstSlo):
        problems.append(Problem(where, "an objective for latency needs a bound, such as 300ms"))
    bounds = () if latency.bound is None else _bound(latency.bound, limits, where, problems)
    return delivery.LatencyCheck(check.name or "latency", against, bounds, check.weight or 0.25)


def _bound(text: str, limits: Limits, place: str, problems: list[Problem]) -> tuple[int, ...]:
    """Return the bound; one at which the platform does not count is refused with its neighbours."""
    wrong = formats.wrong("duration", text)
    if wrong:
        problems.append(Problem(place, wrong))
        return ()
    bound = round(duration.seconds(text) * 1000)
    known = limits.bounds_ms
    if known and bound not in known:
        below = [b for b in known if b < bound][-1:]
        above = [b for b in known if b > bound][:1]
        near = " or ".join(f"{b}ms" for b in (*below, *above))
        problems.append(Problem(place, f"{text}: this platform counts at {near}; choose one"))
    return (bound,)


def _against(
    stable: checks.Stable | None, slo: checks.Slo | None, place: str, problems: list[Problem]
) -> delivery.AgainstStable | delivery.AgainstSlo:
    if stable is not None and slo is not None:
        problems.append(Problem(place, "a check compares with stable or with an slo, not both"))
    if slo is None:
        if stable is None:
            return delivery.AgainstStable()
        return _stable(str(stable.ratio), stable.plus, f"{place}.stable", problems)
    most = formats.fraction(slo.max)
    if not 0 < most < 1:
        message = f"{slo.max} is no objective; wanted more than 0% and less than 100%"
        problems.append(Problem(f"{place}.slo.max", message))
    return delivery.AgainstSlo(most, slo.rollback)
