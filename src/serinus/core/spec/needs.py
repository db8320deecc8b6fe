"""
What a delivery needs of the router: a template that needs more than it can do is refused.

Paths are relative to the body, as those of :mod:`serinus.core.spec.plan` are.
"""

from collections.abc import Iterator

from serinus.core.errors import Problem
from serinus.core.spec import duration, matching, steps
from serinus.core.spec.limits import Limits
from serinus.core.spec.template import Body

_WHAT = {
    "weight": "divide the traffic by weights",
    "header": "choose requests by a header",
    "cookie": "choose requests by a cookie",
    "query": "choose requests by a query parameter",
    "mirror": "send copies of requests",
    "sticky": "keep users on their side",
    "edits": "change headers for the candidate alone",
    "visits": "note who came, which goals are counted by",
    "combined": "choose requests by more than one condition",
}


def review(body: Body, limits: Limits) -> Iterator[Problem]:
    """Say what the router cannot do of what a filled body needs."""
    if limits.features is None:
        return
    for path, feature in dict.fromkeys(_needed(body)):
        if not limits.can(feature):
            known = ", ".join(sorted(limits.features)) or "nothing of the kind"
            message = (
                f"the router '{limits.router}' cannot {_WHAT[feature]} (it can: {known}); choose "
                "another template, or another router in the environment's spec.router"
            )
            yield Problem(path, message)


def _needed(body: Body) -> Iterator[tuple[str, str]]:
    for index, step in enumerate(body.plan):
        here = f"plan[{index}]"
        if step.traffic is not None:
            yield f"{here}.traffic", "weight"
        if step.ramp is not None:
            yield f"{here}.ramp", "weight"
        if step.mirror is not None:
            yield f"{here}.mirror", "mirror"
        if step.match is not None:
            yield from _matched(step.match, f"{here}.match")
    if duration.seconds(body.sticky or "0s"):
        yield "sticky", "sticky"
    if body.headers.set or body.headers.remove:
        yield "headers", "edits"
    if body.goals:
        yield "goals", "visits"


def _matched(written: steps.Match | list[steps.Match], here: str) -> Iterator[tuple[str, str]]:
    seen = 0
    for index, match in enumerate(matching.listed(written)):
        path = f"{here}[{index}]" if isinstance(written, list) else here
        for part in matching.conditions(match):
            yield f"{path}.{part.value}", part.value
            seen += 1
            if seen == 2:  # noqa: PLR2004  the second is the first too many
                yield f"{path}.{part.value}", "combined"
    if matching.share(written) is not None:
        yield here, "weight"
        yield here, "sticky"
