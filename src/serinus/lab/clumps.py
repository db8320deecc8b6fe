"""
Clumps: how much stable's bad requests fall on single replicas, and what that does to a probe.

One cause makes many requests of one replica bad at once. Within seconds that is a pause or a burst,
within minutes a replica that has a bad time. The judge divides its evidence by what it knows of the
first; what the second does is answered by probes on fresh replicas.
"""

from collections.abc import Mapping, Sequence
from math import inf, log

from serinus.app import measure
from serinus.core.analysis import dispersion, eprocess, forecast, placebo, probe, stream
from serinus.core.analysis.ground import Course, Ground, Question, Span
from serinus.core.spec.delivery import FULL, AgainstSlo, Check, Delivery, ErrorsCheck, TrafficStep
from serinus.core.state.counts import STABLE, Tick
from serinus.lab.calibrated import Detection, Dispersion, Luck

LENGTHS_S = (5.0, 60.0, 300.0)
"""Blocks in which it is looked how bad requests clump."""

THETAS = (0.01, 0.05, 0.2)
"""Regressions (shares of bad requests) that probes are asked about."""

_COUPLE = 2


def raw(ticks: Sequence[Tick], policy: Delivery) -> list[Tick]:
    """Return the ticks that are as short as the judge's blocks."""
    block_s = max(LENGTHS_S[0], policy.every_s)
    return [tick for tick in ticks if tick.seconds <= 1.5 * block_s]


def spread(ticks: Sequence[Tick], length_s: float) -> Dispersion:
    """Tell how much bad requests clump on single replicas within blocks of a length."""
    scatter = events = seconds = 0.0
    blocks = 0
    block: dict[str, tuple[int, int]] = {}
    last: float | None = None
    for tick in ticks:
        if tick.seconds > 1.5 * length_s:
            continue
        if last is not None and tick.at - tick.seconds - last > length_s:
            block, seconds = {}, 0.0
        last, seconds = tick.at, seconds + tick.seconds
        _add(block, tick.arms[STABLE].replicas)
        if seconds < 0.95 * length_s:
            continue
        if sum(n > 0 for n, _ in block.values()) >= _COUPLE:
            more = dispersion.clumps(list(block.values()))
            scatter, events, blocks = scatter + more[0], events + more[1], blocks + 1
        block, seconds = {}, 0.0
    phi = dispersion.phi(scatter, events, inf) if blocks else None
    return Dispersion(length_s, phi, blocks, round(events))


def _add(block: dict[str, tuple[int, int]], more: Mapping[str, tuple[int, int]]) -> None:
    for name, (n, x) in more.items():
        before = block.get(name, (0, 0))
        block[name] = (before[0] + n, before[1] + x)


def luck(policy: Delivery, ticks: Sequence[Tick]) -> list[Luck]:
    """Probe stable's replicas in the past for regressions of some sizes."""
    short = raw(ticks, policy)
    check = _counted(policy)
    if not short or check is None:
        return []
    block_s = max(LENGTHS_S[0], policy.every_s)
    blocks = placebo.past(short, check, block_s)
    requests = sum(tick.arms[STABLE].requests for tick in short)
    errors = sum(tick.arms[STABLE].errors for tick in short)
    rate = requests / sum(tick.seconds for tick in short)
    own = spread(short, block_s).phi or 1.0
    phi, theta_p = min(own, dispersion.MOST), eprocess.baseline(requests, errors)
    ratio, plus = stream.line(check)
    limit = min(ratio * theta_p + plus, 0.99)
    plan_s = measure.plan_seconds(policy)
    found = []
    for theta in THETAS:
        if theta <= 1.4 * limit:
            continue
        share = probe.share(theta, limit, phi, rate, policy.retreat) / FULL
        wanted = probe.requests(theta, limit, phi, policy.retreat)
        window = max(placebo.WINDOW_S, 1.5 * wanted / max(rate * share, 1e-9))
        design = placebo.Design(
            theta=theta,
            theta_p=theta_p,
            line=(ratio, plus),
            phi=phi,
            requests=rate * share * block_s,
            block_s=block_s,
            level=policy.retreat.probe,
            window_s=min(window, policy.retreat.probe_limit_s),
        )
        seen = placebo.look(blocks, design)
        if seen.windows:
            probes = placebo.probes(seen, plan_s, 1)
            alarms = placebo.alarms(seen, plan_s, 1, 1)
            found.append(Luck(theta, seen.windows, seen.crossed, probes, alarms))
    return found


def detection(
    policy: Delivery, rate: float, stable: float, phis: tuple[float, float]
) -> list[Detection]:
    """
    Forecast how soon regressions of some sizes are seen with these dispersions.

    ``rate``: requests a second; ``stable``: its share of bad ones; ``phis``: the dispersion that
    the judge uses, and that of the longest blocks.
    """
    check = _counted(policy)
    if check is None or rate <= 0:
        return []
    whole = sum(one.weight for one in policy.checks)
    spans = tuple(
        Span(step.share / FULL, step.hold.for_s)
        for step in policy.steps
        if isinstance(step, TrafficStep) and step.hold.for_s
    )
    block_s = max(LENGTHS_S[0], policy.every_s)
    course = Course(rate, spans, block_s, measure.plan_seconds(policy))
    asked = Question(
        stream.line(check), stable, log(policy.retreat.alarm), log(whole / check.weight)
    )
    fields = [Ground(asked._replace(phi=phi), course) for phi in (1.0, *phis)]
    found = []
    for theta in THETAS:
        if theta <= 1.4 * asked.limit:
            continue
        seen = [forecast.detect(field, theta) for field in fields]
        found.append(Detection(theta, *[None if one is None else one.seconds for one in seen]))
    return found


def _counted(policy: Delivery) -> Check | None:
    """Return the check on errors that probes are asked about, those against stable first."""
    errors = [check for check in policy.checks if isinstance(check, ErrorsCheck)]
    errors.sort(key=lambda check: isinstance(check.against, AgainstSlo))
    return errors[0] if errors else None
