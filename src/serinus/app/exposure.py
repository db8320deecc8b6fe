"""
Exposure: how many requests, or which part of them, meet the new version by the end of each step.

It is reckoned from the traffic that the application has now. Where nobody knows any, parts and
lengths of time say the same without it. It is what a version meets that nothing speaks against: a
bad one is taken back before, and meets fewer.
"""

from collections.abc import Iterator, Sequence

import msgspec

from serinus.app import foresight
from serinus.core.spec import prose, timeline
from serinus.core.spec.delivery import FULL, Delivery
from serinus.core.spec.timeline import Kind, Stage

TODAY = "today's"
GIVEN = "the given"
"""Where a rate is from: counted, or said by somebody."""

_MANY = 100
"""From so many on a rate has no decimals."""


class Met(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    Who meets the new version in one stage of the timeline.

    ``seconds``: of the stage, at this traffic. ``requests``: answered by the new version until its
    end, from the start of the release; None where no traffic is known. ``sentence``: empty where
    nobody meets it, or everybody does.
    """

    seconds: float
    share: float
    requests: float | None = None
    sentence: str = ""


class Exposure(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    Who meets the new version before it serves everybody.

    ``stages``: one for each of the timeline. ``rate``: requests a second of the whole application,
    None where they are not known. ``requests``: what all stages come to.
    """

    sentence: str
    stages: tuple[Met, ...]
    rate: float | None = None
    requests: float | None = None


def of(delivery: Delivery, rate: float | None, whose: str = TODAY) -> Exposure:
    """
    Reckon the exposure of a delivery.

    ``rate``: requests a second; None or 0: no traffic is known. ``whose``: in words.
    """
    stages = timeline.timeline(delivery)
    if rate is None or rate <= 0:
        met = tuple(_parts(delivery, stages))
        return Exposure(sentence=_unknown(delivery, stages), stages=met)
    met = tuple(_counted(delivery, stages, rate))
    whole = max(one.requests or 0.0 for one in met)
    return Exposure(
        sentence=_known(delivery, stages, whole, f"{whose} {_rate(rate)} requests/s"),
        stages=met,
        rate=rate,
        requests=whole,
    )


def _counted(delivery: Delivery, stages: Sequence[Stage], rate: float) -> Iterator[Met]:
    """Count what comes while each step holds at this traffic, the first look before them."""
    holds = foresight.holds(delivery, rate) if delivery.checks else []
    lengths = {one.number: one.seconds for one in holds}
    looks = [rate * one.share / FULL * one.seconds for one in holds if not one.number]
    requests = 0.0
    for stage in stages:
        seconds = lengths.get(stage.step, stage.for_s) if stage.step else stage.for_s
        if 0 < stage.share < FULL:
            requests += rate * stage.share / FULL * seconds + sum(looks)
            looks.clear()
        yield Met(
            seconds=seconds,
            share=stage.share / FULL,
            requests=requests,
            sentence=_said(stage, seconds, requests, rate),
        )


def _said(stage: Stage, seconds: float, requests: float, rate: float) -> str:
    if stage.kind is Kind.MIRROR:
        copies = _count(rate * stage.part / FULL * seconds, "copy", "copies")
        return f"at most {copies}; nobody gets the answers"
    if stage.kind is Kind.MATCH and not stage.share:
        return "those that match; how many nobody can count beforehand"
    if not 0 < stage.share < FULL:
        return ""
    return f"≈ {_count(requests)} by the end of step {stage.step}"


def _parts(delivery: Delivery, stages: Sequence[Stage]) -> Iterator[Met]:
    """Say it without any traffic: parts, and of how long all requests would be as many."""
    seconds = 0.0
    for stage in stages:
        sentence = ""
        if stage.kind is Kind.MATCH and not stage.share:
            sentence = _said(stage, stage.for_s, 0.0, 0.0)
        elif 0 < stage.share < FULL:
            seconds += stage.share / FULL * stage.for_s
            whom = _users(delivery, stage)
            sentence = f"{_share(stage)} of {whom}"
            if stage.for_s:
                sentence += f" for {prose.seconds(stage.for_s)}"
            if seconds:
                sentence += (
                    f"; by the end of step {stage.step} as many requests as come "
                    f"in {prose.seconds(max(1.0, seconds))}"
                )
        yield Met(seconds=stage.for_s, share=stage.share / FULL, sentence=sentence)


# --- the whole ----------------------------------------------------------------------------------


def _known(delivery: Delivery, stages: tuple[Stage, ...], whole: float, rate: str) -> str:
    if not whole:
        return _nobody(delivery, stages)
    most = _most(delivery, stages)
    return f"≈ {_count(whole)}{most} meet the new version {_before(stages)}, at {rate}."


def _unknown(delivery: Delivery, stages: tuple[Stage, ...]) -> str:
    if not any(0 < stage.share < FULL for stage in stages):
        return _nobody(delivery, stages)
    length = prose.seconds(max(1.0, timeline.exposed(stages, 1.0)))
    return (
        f"As many requests as come in {length}{_most(delivery, stages)} meet the new version "
        f"{_before(stages)}; how many that are is not known: none were counted lately."
    )


def _nobody(delivery: Delivery, stages: tuple[Stage, ...]) -> str:
    if any(stage.kind is Kind.MATCH for stage in stages):
        return f"Only those that match meet the new version {_before(stages)}."
    if not timeline.promotes(stages):
        return "Nobody gets an answer of the new version."
    if delivery.strategy in timeline.GONE:
        return "Everybody meets the new version as its replicas get ready: no step holds it back."
    return "Nobody meets the new version before it serves everybody; then all do at once."


def _before(stages: tuple[Stage, ...]) -> str:
    return "before it serves everybody" if timeline.promotes(stages) else "before the test is over"


def _most(delivery: Delivery, stages: Sequence[Stage]) -> str:
    parts = [stage for stage in stages if 0 < stage.share < FULL]
    largest = max(parts, key=lambda stage: stage.share)
    return f" (at most {_share(largest)} of {_users(delivery, largest)} at a time)"


def _users(delivery: Delivery, stage: Stage) -> str:
    """Say of what a share is: who stays on a side is a user, else each request is drawn."""
    return "users" if delivery.sticky_s or stage.kind is Kind.MATCH else "requests"


def _share(stage: Stage) -> str:
    return f"{stage.share / 10:g} %"


def _count(number: float, one: str = "request", many: str = "") -> str:
    """Write about how many; at least one is."""
    rounded = float(f"{number:.2g}") if number >= _MANY else number
    return prose.several(max(1, round(rounded)), one, many)


def _rate(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= _MANY else f"{rate:.3g}"
