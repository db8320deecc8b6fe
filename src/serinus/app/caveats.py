"""What a forecast means in words, and what its plan cannot do on the traffic that there is."""

from collections.abc import Iterable, Iterator, Mapping

from serinus.app import basis, foreseen
from serinus.app.basis import Basis
from serinus.app.foreseen import CheckForecast, Foresight, SizeView, Stage
from serinus.core.analysis import sentences
from serinus.core.spec import prose
from serinus.core.spec.delivery import AgainstSlo, Check, Delivery, ErrorsCheck

SLOW_TICK_S = 15.0
_MUCH = 0.01
_FAR = 1.5


def sentences_of(delivery: Delivery, seen: Foresight) -> Iterator[str]:
    """Say for people what the numbers mean."""
    told = {check.name: isinstance(check, ErrorsCheck) for check in delivery.checks}
    for one in seen.checks:
        if one.problem or not one.steps:
            continue
        first = one.steps[0].sizes[0]
        if first.seconds is None:
            continue
        at, number = prose.seconds(first.seconds), max(1, round(first.bad or 0))
        if told[one.name]:
            requests = prose.several(number, "failed request")
            yield f"a total outage is seen after {at}, {requests}{_decided(first)}"
        else:
            requests = prose.several(number, "request")
            yield f"if every request is bad by {one.name}, that is seen after {at}, {requests}"
    if seen.verified is not None:
        margin = delivery.margin
        yield (
            f"a version as good as stable is shown to be safe after {prose.seconds(seen.verified)} "
            f"(not worse than {margin.ratio:g} × stable + {margin.plus * 100:.3g} pp)"
        )
    yield (
        f"all steps take {prose.seconds(seen.seconds)} at this traffic; "
        f"everybody is served after {prose.seconds(seen.total)}"
    )


def _decided(size: SizeView) -> str:
    if size.decided is None:
        return "; probes have too few requests to roll it back, so that a person decides"
    return (
        f"; rolled back for good after {prose.seconds(size.decided)}, "
        f"{foreseen.count(size.decided_bad)} in all, and the time that fresh replicas take to "
        "start and to warm up"
    )


def warnings_of(
    delivery: Delivery, seen: Foresight, found: Basis, stages: Iterable[Stage]
) -> Iterator[str]:
    """Say what the plan cannot do on this traffic."""
    length = prose.seconds(seen.seconds)
    told: Mapping[str, Check] = {check.name: check for check in delivery.checks}
    for one in seen.checks:
        if one.problem:
            yield f"{one.name}: {one.problem}"
        elif one.steps:
            yield from _blind(one, told[one.name], seen, length)
    yield from _late(seen, length)
    if delivery.every_s > SLOW_TICK_S:
        yield (
            f"counters are read every {prose.seconds(delivery.every_s)}, longer than "
            f"{prose.seconds(SLOW_TICK_S)}: nothing is seen sooner than that"
        )
    for stage in stages:
        if stage.short:
            wait = prose.seconds(stage.seconds)
            yield f"step {stage.number} waits {wait} in vain for {stage.short:,} requests"
    if found.low is not None and found.rate is not None and found.low < found.rate:
        yield (
            f"in the quietest hour of the last day there were {basis.per_second(found.low)}: "
            f"serinus plan with --rate {found.low:.3g} says what is seen then"
        )


def _blind(one: CheckForecast, check: Check, seen: Foresight, length: str) -> Iterator[str]:
    """Say what a check does not see."""
    at = f"at {_requests(seen.rate or 0.0)}"
    smallest = one.steps[-1].smallest
    if smallest is None:
        yield f"{at} {one.name} cannot even see an outage in {length}"
        return
    if smallest >= max(_MUCH, 4 * (one.limit or 0.0)):
        above = sentences.percent(smallest)
        yield f"{at} {one.name} sees only regressions above {above} in {length}"
    if isinstance(check.against, AgainstSlo):
        alike = [o.steps[-1].smallest for o in seen.checks if o.steps and o.what == one.what]
        best = min(size for size in alike if size is not None)
        if best > _FAR * check.against.max:
            yield _above(best, check.against.max, one.name)
    for step in one.steps:
        outage = step.sizes[0].seconds
        if step.number and (outage is None or outage > step.seconds):
            after = "not at all" if outage is None else f"after {prose.seconds(outage)}"
            yield (
                f"an outage that begins with step {step.number} is seen {after}, "
                f"and the step takes {prose.seconds(step.seconds)}"
            )


def _above(smallest: float, objective: float, name: str) -> str:
    seen, most = sentences.percent(smallest), sentences.percent(objective)
    return (
        f"the smallest regression that can be seen, {seen}, is above the objective {name}, {most}"
    )


def _late(seen: Foresight, length: str) -> Iterator[str]:
    if seen.verified is None:
        if any(not one.problem and one.verified is None for one in seen.checks):
            yield "safety cannot be shown at all: stable itself is not within the margin"
        return
    if seen.verified > seen.seconds:
        yield (
            f"to show that it is safe takes {prose.seconds(seen.verified)}, "
            f"longer than the steps ({length}): it ends unverified"
        )


def _requests(rate: float) -> str:
    return "1 request/s" if rate == 1 else f"{basis.per_second(rate).removesuffix('/s')} requests/s"
