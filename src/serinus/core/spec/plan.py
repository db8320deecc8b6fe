"""
Plans, as they are written and filled: what each strategy's plan may hold, and shares that rise.

Paths are relative to the body (``plan[0].traffic.candidate``): who wrote it is found by
:mod:`serinus.core.spec.resolve`.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from serinus.core.errors import Problem, Severity
from serinus.core.spec import bounds, duration, formats, gating, matching, needs, percent, steps
from serinus.core.spec.gating import Surroundings
from serinus.core.spec.limits import Limits
from serinus.core.spec.template import Body

HERE: Mapping[str, tuple[str, ...]] = {
    "rolling": ("replace", "settle"),
    "recreate": ("recreate", "settle"),
    "blueGreen": ("preview", "mirror", "switch", "settle"),
    "canary": ("mirror", "traffic", "ramp", "settle"),
    "abTest": ("match",),
    "mirror": ("mirror",),
}
"""The strategies that are carried out, each with the steps that its plan may hold."""

SHAPES: Mapping[str, str] = {
    "rolling": "one replace, then settle if wanted",
    "recreate": "one recreate, then settle if wanted",
    "blueGreen": "a preview and mirrors if wanted, one switch, then settle if wanted",
    "canary": "mirrors if wanted, traffic and ramp steps, then settle if wanted",
    "abTest": "one match, which lasts as long as its hold",
    "mirror": "mirrors, each of which lasts as long as its hold",
}

BESIDE: Mapping[str, tuple[str, ...]] = {
    "traffic": ("hold", "gates", "manual"),
    "ramp": ("gates", "manual"),
    "preview": ("hold", "gates"),
    "mirror": ("hold", "gates"),
    "match": ("hold", "gates"),
    "switch": ("gates",),
    "replace": ("gates",),
    "recreate": ("gates",),
    "settle": (),
}
"""What may stand beside each thing that happens."""

_ONCE = {
    "rolling": "replace",
    "recreate": "recreate",
    "blueGreen": "switch",
    "abTest": "match",
}
_BEFORE = {"blueGreen": "switch", "canary": "traffic"}
"""What a mirror has to stand before: afterwards the candidate has requests of its own."""
_HINTS = {
    ("ramp", "hold"): "; a ramp's hold stands within it",
    ("preview", "manual"): "; a gate lets a person decide: gates: [{approval: {}}]",
}
_DIVIDED = frozenset({"traffic", "match"})
"""Steps in which some users are served by the candidate, and others are not."""

_MOST_STEPS = 100
_CAREFUL = Fraction(5, 100)
"""A first share above this is warned of in production."""


def review(body: Body, limits: Limits, surroundings: Surroundings) -> Iterator[Problem]:
    """Review the plan of a filled body for its strategy."""
    kinds: list[str] = []
    if len(body.plan) > _MOST_STEPS:
        yield Problem("plan", f"{len(body.plan)} steps; wanted at most {_MOST_STEPS}")
        return
    for index, step in enumerate(body.plan):
        place = f"plan[{index}]"
        given = [what for what in steps.WHAT if getattr(step, what) is not None]
        if len(given) != 1:
            found = f"has {' and '.join(given)}" if given else "says nothing that happens"
            known = ", ".join(HERE.get(body.strategy, steps.WHAT))
            yield Problem(place, f"the step {found}; wanted exactly one of {known}")
            continue
        kinds.append(given[0])
        if given[0] in steps.LATER:
            yield Problem(f"{place}.{given[0]}", not_yet(f"the step '{given[0]}'"))
            continue
        yield from _fits(body.strategy, given[0], place)
        yield from _beside(step, given[0], place)
        yield from gating.review(step.gates, place, surroundings)
        yield from _numbers(step, place)
        yield from _requests(body, step, place, limits)
    yield from _shape(body, kinds)
    yield from _shares(body.plan, limits, surroundings.stage)
    yield from _rounded(body.plan, limits)
    yield from _sticky(body)
    yield from needs.review(body, limits)
    yield from matching.review_headers(body.headers)
    yield from matching.review_goals(body.goals, body.strategy)


def not_yet(what: str) -> str:
    """Refuse by name what is understood and not carried out on this platform yet."""
    return f"{what} is not on this platform yet"


# --- what a plan may hold -----------------------------------------------------------------------


def _fits(strategy: str, kind: str, place: str) -> Iterator[Problem]:
    if strategy in HERE and kind not in HERE[strategy]:
        message = f"'{kind}' is no step of {strategy}; its plan holds {SHAPES[strategy]}"
        yield Problem(f"{place}.{kind}", message)


def _beside(step: steps.Step, kind: str, place: str) -> Iterator[Problem]:
    if step.checks:
        yield Problem(f"{place}.checks", not_yet("a step with checks of its own"))
    given = {
        "hold": step.hold is not None,
        "gates": bool(step.gates),
        "manual": step.manual,
    }
    for key, there in given.items():
        if there and key not in BESIDE[kind]:
            hint = _HINTS.get((kind, key), "")
            yield Problem(f"{place}.{key}", f"'{key}' means nothing beside '{kind}'{hint}")


def _shape(body: Body, kinds: list[str]) -> Iterator[Problem]:
    """Review what the plan holds as a whole."""
    if not body.plan:
        shape = SHAPES.get(body.strategy, "one step or more")
        yield Problem("plan", f"the plan has no steps; wanted {shape}")
        return
    if len(kinds) < len(body.plan):
        return  # Something was said of a step already.
    for index, kind in enumerate(kinds[:-1]):
        if kind == "settle":
            yield Problem(f"plan[{index}].settle", "'settle' is the last step; others follow")
    yield from _repeated(body.strategy, kinds)
    fitting = [kind for kind in kinds if kind in HERE.get(body.strategy, ())]
    once = _ONCE.get(body.strategy)
    if fitting == kinds and once is not None and once not in kinds:
        yield Problem("plan", f"a {body.strategy} plan needs '{once}'")
    elif fitting == kinds and body.strategy == "canary" and not {"traffic", "ramp"} & set(kinds):
        yield Problem("plan", "a canary plan needs 'traffic' or 'ramp'")
    yield from _early(body.strategy, kinds)


def _early(strategy: str, kinds: list[str]) -> Iterator[Problem]:
    """See to it that mirrors stand before the candidate has requests of its own."""
    border = _BEFORE.get(strategy, "")
    stops = {border, "ramp"} if border == "traffic" else {border}
    for index, kind in enumerate(kinds):
        if kind == "mirror" and border and stops & set(kinds[:index]):
            message = f"a mirror after '{border}' shows nothing new; wanted it before"
            yield Problem(f"plan[{index}].mirror", message)


def _repeated(strategy: str, kinds: list[str]) -> Iterator[Problem]:
    single = {_ONCE.get(strategy), "preview"} & set(HERE.get(strategy, ()))
    for index, kind in enumerate(kinds):
        if kind in single and kind in kinds[:index]:
            yield Problem(f"plan[{index}].{kind}", f"a second '{kind}'; wanted one")
        elif kind == "preview" and kind in single and "switch" in kinds[:index]:
            message = "a preview after the switch shows nothing; wanted it before"
            yield Problem(f"plan[{index}].{kind}", message)


def _requests(body: Body, step: steps.Step, place: str, limits: Limits) -> Iterator[Problem]:
    """Review a step that chooses requests: a match, or a mirror."""
    if step.match is not None:
        yield from matching.review(step.match, f"{place}.match", limits)
        yield from _lasting(step, place, "the test")
        if matching.share(step.match) is not None:
            yield from _drawn(body.sticky, step.hold)
    if step.mirror is not None:
        yield from matching.review_mirror(step.mirror, f"{place}.mirror")
        if body.strategy == "mirror":
            yield from _lasting(step, place, "the mirroring")


def _lasting(step: steps.Step, place: str, what: str) -> Iterator[Problem]:
    if step.hold is None:
        yield Problem(place, f"{what} has no length; wanted such as hold: {{for: 1h}}")
    elif not duration.seconds(step.hold.for_):
        yield Problem(f"{place}.hold.for", f"{what} has no length; wanted more than 0s, such as 1h")


# --- users --------------------------------------------------------------------------------------


def _drawn(sticky: str | None, hold: steps.Hold | None) -> Iterator[Problem]:
    """See to it that users who are drawn by a share stay on their side for the whole test."""
    kept = duration.seconds(sticky or "0s")
    if not kept:
        message = "a share of users needs to know them again; wanted such as sticky: 30d"
        yield Problem("sticky", message)
    elif hold is not None and kept < duration.seconds(hold.for_):
        message = (
            f"{sticky} is shorter than the test, which is {hold.for_}: "
            "users are drawn again within it"
        )
        yield Problem("sticky", message, Severity.WARNING)


def _sticky(body: Body) -> Iterator[Problem]:
    kept = duration.seconds(body.sticky or "0s")
    if 0 < kept < 1:
        yield Problem("sticky", f"{body.sticky} is too short; wanted 1s or more, or 0s for nobody")
    elif kept and body.strategy in HERE and not set(HERE[body.strategy]) & _DIVIDED:
        message = f"nobody has to stay on a side: {body.strategy} does not divide the traffic"
        yield Problem("sticky", message, Severity.WARNING)


# --- numbers ------------------------------------------------------------------------------------


def _numbers(step: steps.Step, place: str) -> Iterator[Problem]:
    ramped = None if step.ramp is None else step.ramp.hold
    for name, hold in (("hold", step.hold), ("ramp.hold", ramped)):
        if hold is not None and hold.min_samples < 0:
            message = f"{hold.min_samples} is below 0; 0 waits for no number of requests"
            yield Problem(f"{place}.{name}.minSamples", message)
    if step.preview is not None:
        yield from _part(step.preview.replicas, f"{place}.preview.replicas", "0.1%")
        if step.hold is not None and step.hold.min_samples > 0:
            message = "a preview has no traffic to count; wanted 'for' alone"
            yield Problem(f"{place}.hold.minSamples", message)
    if step.recreate is not None:
        yield from bounds.length(step.recreate.timeout, bounds.START, f"{place}.recreate.timeout")
    if step.replace is not None:
        surge, lacking = step.replace.max_surge, step.replace.max_unavailable
        yield from _part(surge, f"{place}.replace.maxSurge", "0%")
        yield from _part(lacking, f"{place}.replace.maxUnavailable", "0%")
        if not formats.share(surge) and not formats.share(lacking):
            message = "with neither maxSurge nor maxUnavailable no replica can be replaced"
            yield Problem(f"{place}.replace", message)


def _part(text: str, place: str, least: str) -> Iterator[Problem]:
    part = formats.share(text)
    if part > 1 or part < formats.share(least):
        yield Problem(place, f"{text} of the replicas cannot be; wanted {least}–100%")
    elif (part * 1000).denominator != 1:
        yield Problem(place, f"{text} is finer than 0.1%")


# --- shares -------------------------------------------------------------------------------------


def _shares(plan: list[steps.Step], limits: Limits, stage: str) -> Iterator[Problem]:
    """Review the shares of all steps: that each can be, and that they rise."""
    before = Fraction(0)
    for index, step in enumerate(plan):
        given = list(_given(step, f"plan[{index}]"))
        for place, text in given:
            yield from _share(text, place, limits)
        yield from _parts(step, f"plan[{index}]", limits)
        if step.ramp is not None:
            yield from _ramp(step.ramp, f"plan[{index}].ramp", limits)
        # A share that cannot be sets no bar for the next.
        possible = [s for s in (formats.share(text) for _, text in given) if 0 < s <= 1]
        if not possible:
            continue
        place, text = given[0]
        if possible[0] < before:
            said = percent.text(before)
            yield Problem(place, f"{text} is less than the {said} before; wanted shares that rise")
        elif not before and stage == "prod" and possible[0] > _CAREFUL:
            message = f"the first share is {text}; 1%–5% is kinder in production"
            yield Problem(place, message, Severity.WARNING)
        before = max(before, *possible)


def _given(step: steps.Step, place: str) -> Iterator[tuple[str, str]]:
    if step.traffic is not None:
        yield f"{place}.traffic.candidate", step.traffic.candidate
    if step.ramp is not None:
        yield f"{place}.ramp.from", step.ramp.from_
        yield f"{place}.ramp.to", step.ramp.to


def _parts(step: steps.Step, place: str, limits: Limits) -> Iterator[Problem]:
    """Review the shares that need not rise: of users, and of copies."""
    if step.match is not None:
        for where, text in matching.shares(step.match, f"{place}.match"):
            yield from _share(text, where, limits, "99.9%", "users")
    if step.mirror is not None:
        where, text = matching.copied(step.mirror, f"{place}.mirror")
        yield from _share(text, where, limits, what="requests")


def _share(
    text: str, place: str, limits: Limits, most: str = "100%", what: str = "traffic"
) -> Iterator[Problem]:
    share = formats.share(text)
    if not 0 < share <= formats.share(most):
        yield Problem(place, f"{text} of the {what} cannot be; wanted 0.1%–{most}")
    elif (share * 1000).denominator != 1:
        yield Problem(place, f"{text} is finer than the router can do, which is 0.1%")
    elif not limits.fits(share) and not (limits.rounds and what == "traffic"):
        message = (
            f"{text}: this split does steps of {limits.finest / 10:.3g}% only; "
            "add replicas, choose a router, or accept the nearest step"
        )
        yield Problem(place, message)


def _rounded(plan: list[steps.Step], limits: Limits) -> Iterator[Problem]:
    """Tell once, at the first of them, which shares of the traffic are given as others."""
    found: dict[str, tuple[str, str]] = {}
    for index, step in enumerate(plan) if limits.rounds else ():
        for place, text in _given(step, f"plan[{index}]"):
            share = formats.share(text)
            fine = (share * 1000).denominator != 1
            if 0 < share <= 1 and not fine and not limits.fits(share):
                found.setdefault(text, (place, f"{limits.nearest(int(share * 1000)) / 10:.3g}%"))
    if not found:
        return
    first, _ = next(iter(found.values()))
    told = ", ".join(f"{given} in place of {text}" for text, (_, given) in found.items())
    message = (
        f"this split does steps of {limits.finest / 10:.3g}% only, so that it gives {told}; "
        "add replicas, or choose a router that has weights"
    )
    yield Problem(first, message, Severity.WARNING)


def _ramp(ramp: steps.Ramp, place: str, limits: Limits) -> Iterator[Problem]:
    first, last, by = (formats.share(t) for t in (ramp.from_, ramp.to, ramp.by))
    if first >= last:
        yield Problem(f"{place}.to", f"{ramp.to} is not more than from, which is {ramp.from_}")
    if not by:
        yield Problem(f"{place}.by", f"{ramp.by} leads nowhere; wanted 0.1% or more")
    elif (by * 1000).denominator != 1 or not (limits.rounds or limits.fits(by)):
        yield Problem(f"{place}.by", f"{ramp.by} is finer than the router can do")
    elif (last - first) / by > _MOST_STEPS:
        message = f"{ramp.by} makes more than {_MOST_STEPS} steps; wanted a larger one"
        yield Problem(f"{place}.by", message)
