"""
Room: how many replicas a release may have beyond those that serve, as it is written.

Paths are relative to the body (``maxSurge``): who wrote it is found by
:mod:`serinus.core.spec.resolve`.
"""

from collections.abc import Iterator

from serinus.core.errors import Problem
from serinus.core.spec import delivery, formats
from serinus.core.spec.template import Body

MOST = 1000
"""More than this on top bounds nothing."""

_BESIDE = {
    "rolling": "its step 'replace' has a maxSurge of its own",
    "blueGreen": "the whole candidate runs beside stable there",
    "recreate": "nothing runs beside stable there",
    "abTest": "both sides serve as many as before there",
    "mirror": "copies are answered beside all that stable serves",
}


def review(body: Body) -> Iterator[Problem]:
    """Refuse a bound that is out of range, and one where nothing can be given up for it."""
    bound = body.max_surge
    if bound is None:
        return
    if body.strategy != "canary":
        why = _BESIDE.get(body.strategy, "it is for plans whose traffic goes in steps")
        yield Problem("maxSurge", f"'maxSurge' bounds a canary; {why}")
    elif any(step.mirror is not None for step in body.plan):
        message = (
            "copies need replicas beside all that stable serves, which maxSurge forbids; "
            "leave out one of them"
        )
        yield Problem("maxSurge", message)
    if isinstance(bound, int):
        if not 1 <= bound <= MOST:
            message = f"{bound} replicas on top cannot be; wanted 1–{MOST}: the candidate needs one"
            yield Problem("maxSurge", message)
        return
    part = formats.share(bound)
    if not 0 < part <= 1:
        yield Problem("maxSurge", f"{bound} of the replicas on top cannot be; wanted 0.1%–100%")
    elif (part * 1000).denominator != 1:
        yield Problem("maxSurge", f"{bound} is finer than 0.1%")


def resolve(body: Body) -> delivery.Surge | None:
    """Return the bound, None where there is none."""
    bound = body.max_surge
    if bound is None:
        return None
    if isinstance(bound, int):
        return delivery.Surge(replicas=bound)
    return delivery.Surge(per_mille=formats.mille(bound))
