"""
Foresight: what a plan can see on this application's traffic, and how soon, in words and numbers.

A row for each step: a regression that first shows itself there (an outage, 5 %, 1 %) is seen after
so long, with so many bad requests; and the smallest one, there from the beginning, that is seen by
the end of the step. Everything is of the judge's own making (:mod:`serinus.core.analysis.forecast`)
and of the delivery's own numbers.
"""

from collections.abc import Iterable, Iterator
from math import log

from msgspec.structs import replace

from serinus.app import basis, caveats, measure
from serinus.app.basis import Basis, Known
from serinus.app.foreseen import OUTAGE, CheckForecast, Foresight, SizeView, Stage, StepView
from serinus.core.analysis import blocks, forecast, memory, stream
from serinus.core.analysis.ground import Course, Ground, Question, Span
from serinus.core.planner import canary, luck, replicas
from serinus.core.spec import timeline
from serinus.core.spec.delivery import (
    FULL,
    AgainstSlo,
    Check,
    Delivery,
    ErrorsCheck,
    LatencyCheck,
    TrafficStep,
)
from serinus.core.spec.wayback import RetreatPolicy

WANTED = (0.05, 0.01)
"""Regressions that people think in; where one is allowed, the next larger of these is shown."""

SIZES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)

ROWS = 12
"""More steps than this (a ramp) are shown by some of them."""

POINTS = 22
_ABOVE = 1.1


def foresee(delivery: Delivery, found: Basis, stable_replicas: int = 1) -> Foresight:
    """Forecast what the steps of a delivery can see, or say why that cannot be said."""
    problem = _problem(delivery, found)
    if problem or found.rate is None:
        return Foresight(problem=problem, origin=found.sentence, rate=found.rate)
    stages = holds(delivery, found.rate)
    seconds = sum(stage.seconds for stage in stages)
    course = _course(delivery, stages, found.rate)
    checks = tuple(
        _check(delivery, check, course, stages, found.known.get(check.name), stable_replicas)
        for check in delivery.checks
    )
    planned = sum(s.hold.for_s for s in delivery.steps if isinstance(s, TrafficStep))
    total = timeline.fastest(timeline.timeline(delivery)) + max(0.0, seconds - planned)
    seen = Foresight(
        origin=found.sentence,
        rate=found.rate,
        checks=checks,
        seconds=seconds,
        total=total,
        verified=_verified(delivery, checks),
    )
    return replace(
        seen,
        sentences=tuple(caveats.sentences_of(delivery, seen)),
        warnings=tuple(caveats.warnings_of(delivery, seen, found, stages)),
    )


def _problem(delivery: Delivery, found: Basis) -> str:
    """Say why nothing can be forecast, empty if it can."""
    if not any(isinstance(step, TrafficStep) and step.share for step in delivery.steps):
        return (
            f"the plan ({delivery.strategy.value}) has no step that gives the new version a share "
            "of the traffic beside the old one, so there is no time to detection to forecast"
        )
    if not delivery.checks:
        return "nothing is judged: the delivery has no check that counts requests"
    if found.rate is None:
        return (
            "unknown: no requests of this application were counted yet; "
            "give --rate 100 (requests a second) and --base-errors 0.1%"
        )
    if found.rate <= 0.0:
        return (
            "no requests came in the last day, and without requests nothing can be seen; "
            "give --rate 100 (requests a second) for other traffic"
        )
    missing = [check for check in delivery.checks if check.name not in found.known]
    if len(missing) == len(delivery.checks):
        return "; ".join(f"{check.name}: {basis.missing(check)}" for check in missing)
    return ""


# --- the plan at this traffic -------------------------------------------------------------------


def holds(delivery: Delivery, rate: float) -> list[Stage]:
    """Return how long each step holds at this traffic, the first look before them."""
    found: list[Stage] = []
    policy = delivery.retreat
    for number, step in enumerate(delivery.steps, 1):
        if not isinstance(step, TrafficStep):
            continue
        if not found and policy.look_s and policy.min_share < step.share:
            found.append(Stage(0, policy.min_share, policy.look_s))
        found.append(_stage(delivery, number, step, rate))
    return found


def _stage(delivery: Delivery, number: int, step: TrafficStep, rate: float) -> Stage:
    """Return how long a step holds: as it says, and until it has its blocks and its requests."""
    share = step.share / FULL
    length = step.hold.for_s
    if not share:
        return Stage(number, step.share, length)
    few = canary.BLOCKS * max(blocks.LEAST_S, delivery.every_s)
    if share < 1:
        few = max(few, canary.STABLE_REQUESTS / (rate * (1 - share)))
    length = max(length, min(few, canary.PATIENCE_S))
    most = max(4 * step.hold.for_s, canary.PATIENCE_S)
    wanted = step.hold.min_samples / (rate * share)
    short = step.hold.min_samples if wanted > most else 0
    return Stage(number, step.share, max(length, min(wanted, most)), short)


def _course(delivery: Delivery, stages: Iterable[Stage], rate: float) -> Course:
    return Course(
        rate,
        tuple(Span(stage.share / FULL, stage.seconds) for stage in stages),
        max(blocks.LEAST_S, delivery.every_s),
        max(measure.plan_seconds(delivery), 1.0),
    )


# --- one check ----------------------------------------------------------------------------------


def _check(  # noqa: PLR0917  the columns of a table
    delivery: Delivery,
    check: Check,
    course: Course,
    stages: list[Stage],
    known: Known | None,
    stable_replicas: int,
) -> CheckForecast:
    if known is None:
        return CheckForecast(name=check.name, what=what(check), problem=basis.missing(check))
    question = _question(delivery, check, known)
    field = Ground(question, course)
    policy = delivery.retreat
    policy = replace(policy, probes=policy.probes or luck.UNKNOWN_PROBES)
    sizes = shares(question.limit)
    steps: list[StepView] = []
    end, smallest = 0.0, 1.0
    for place, stage in enumerate(stages):
        end += stage.seconds
        if place not in _shown(len(stages)):
            continue
        found = forecast.smallest(field, end, smallest)
        smallest = smallest if found is None else found
        steps.append(
            StepView(
                number=stage.number,
                share=stage.share / FULL,
                seconds=stage.seconds,
                replicas=replicas.needed(stage.share, stable_replicas),
                sizes=tuple(_size(field, share, place, stage.share, policy) for share in sizes),
                smallest=found,
                curve=tuple(_curve(field, place)),
            )
        )
    margin = stream.margin(check, delivery.margin)
    return CheckForecast(
        name=check.name,
        what=what(check, known.bound_ms),
        base=known.share,
        limit=question.limit,
        dispersion=known.phi,
        steps=tuple(steps),
        verified=forecast.verify(question, course, margin, delivery.verify_error),
    )


def _question(delivery: Delivery, check: Check, known: Known) -> Question:
    """Return what a check asks: its part of all evidence is its weight among the others."""
    gauges = memory.gauges(delivery.looks)
    whole = sum(one.weight for one in (*delivery.checks, *gauges))
    # With no bad request in so many there may still be half a one.
    share = known.share or (0.5 / known.requests if known.requests else 0.0)
    price = log(whole / check.weight) + log(known.bounds)
    return Question(stream.line(check), share, log(delivery.retreat.alarm), price, known.phi)


def _shown(stages: int) -> set[int]:
    """Return which stages are shown: all of them, or some of a long ramp, evenly."""
    if stages <= ROWS:
        return set(range(stages))
    return {round(row * (stages - 1) / (ROWS - 1)) for row in range(ROWS)}


def shares(limit: float) -> tuple[float, ...]:
    """Return the sizes to show: an outage, and two that are no longer allowed."""
    worse = [size for size in SIZES if size > _ABOVE * limit]
    return (OUTAGE, *(WANTED if set(WANTED) <= set(worse) else worse[-len(WANTED) :]))


def _size(field: Ground, share: float, place: int, given: int, policy: RetreatPolicy) -> SizeView:
    seen = forecast.detect(field, share, place)
    if seen is None:
        return SizeView(share=share)
    final = forecast.decide(field, share, seen, given, policy)
    return SizeView(
        share=share,
        seconds=seen.seconds,
        bad=seen.bad,
        decided=final.seconds if final else None,
        decided_bad=final.bad if final else None,
    )


def _curve(field: Ground, place: int) -> Iterator[tuple[float, float | None]]:
    low = max(field.question.limit, 1e-4)
    for point in range(1, POINTS + 1):
        share = low ** (1 - point / POINTS)
        seen = forecast.detect(field, share, place)
        yield share, seen.seconds if seen else None


def what(check: Check, bound_ms: int = 0) -> str:
    """Say what is bad by a check."""
    if isinstance(check, ErrorsCheck):
        return "failed requests"
    if isinstance(check, LatencyCheck):
        return f"requests slower than {bound_ms} ms" if bound_ms else "slow requests"
    return f"{check.name}, for each request"


def _verified(delivery: Delivery, checks: Iterable[CheckForecast]) -> float | None:
    """Return when every check that can be forecast has shown that the candidate is safe."""
    against = {c.name for c in delivery.checks if not isinstance(c.against, AgainstSlo)}
    wanted = [one for one in checks if (one.name in against or not against) and not one.problem]
    times = [one.verified for one in wanted if one.verified is not None]
    return max(times) if times and len(times) == len(wanted) else None
