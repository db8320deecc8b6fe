"""
What goes to the candidate beside its share of the traffic: chosen requests, and copies.

::

    wanted: the step of the release     ┐
                                        ├──▶ Lane: a sentence, wanted or not, seen or not
    seen: the route of the data plane   ┘

A share is a number that is wanted and seen; a lane is something that is so or not, and is wanted
and seen as well.
"""

from collections.abc import Iterator, Sequence

import msgspec

from serinus.core.planner import cohorts, words
from serinus.core.spec.requests import Condition, Match, Part
from serinus.core.state.release import Release
from serinus.core.state.traffic import Mirror, Route

MATCH, MIRROR = "match", "mirror"


class Lane(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """
    Requests that reach the candidate whatever its share is.

    ``kind``: ``match`` (they go there instead of to the stable version) or ``mirror`` (copies,
    whose answers nobody gets). ``seen`` None: nobody could look at the data plane. ``sentence``
    says all of it.
    """

    kind: str
    sentence: str
    wanted: bool
    seen: bool | None


class _Copies(msgspec.Struct, frozen=True):
    share: int
    methods: tuple[str, ...]


def of(release: Release, route: Route | None) -> tuple[Lane, ...]:
    """Return the lanes of a release; ``route``: as the data plane was seen to follow it."""
    return (*_matches(release, route), *_copies(release, route))


def said(match: Match) -> str:
    """Say which requests a match chooses: ``All requests with the cookie “beta=yes”``."""
    return f"All requests with {' and '.join(_condition(one) for one in match.conditions)}"


def _condition(one: Condition) -> str:
    between = ": " if one.part is Part.HEADER else "="
    exact = one.value is not None and not one.pattern
    told = f"“{one.name}{between}{one.value}”" if exact else f"“{one.name}”"
    where = f"{told} in the query" if one.part is Part.QUERY else f"the {one.part.value} {told}"
    return f"{where} like “{one.value}”" if one.pattern else where


def _matches(release: Release, route: Route | None) -> Iterator[Lane]:
    wanted = cohorts.matches(release)
    there = route is not None and route.matched == release.candidate
    found = route.matches if route is not None and there else ()
    for match in (*wanted, *(one for one in found if one not in wanted)):
        yield _lane(
            MATCH,
            said(match),
            ("go to the candidate", "are to go to the candidate"),
            wanted=match in wanted,
            seen=None if route is None else match in found,
        )


def _copies(release: Release, route: Route | None) -> Iterator[Lane]:
    step = cohorts.mirror(release)
    wanted = None if step is None else _Copies(step.share, step.methods)
    seen = _mirrored(release, route.mirror) if route is not None else None
    for one in dict.fromkeys(found for found in (wanted, seen) if found is not None):
        methods = f" with {_either(one.methods)}" if one.methods else ""
        yield _lane(
            MIRROR,
            f"{words.share(one.share)} of the requests{methods}",
            (
                "are copied to the candidate, whose answers are thrown away",
                "are to be copied to the candidate, whose answers are thrown away",
            ),
            wanted=one == wanted,
            seen=None if route is None else one == seen,
        )


def _either(methods: Sequence[str]) -> str:
    *most, last = methods
    return f"{', '.join(most)} or {last}" if most else last


def _mirrored(release: Release, mirror: Mirror | None) -> _Copies | None:
    if mirror is None or mirror.revision != release.candidate or not mirror.share:
        return None
    return _Copies(mirror.share, mirror.methods)


def _lane(kind: str, who: str, does: tuple[str, str], *, wanted: bool, seen: bool | None) -> Lane:
    so, to_be = does
    if not wanted:
        sentence = f"{who} {so}: that is not wanted any more, and still so."
    elif seen:
        sentence = f"{who} {so}."
    elif seen is None:
        sentence = f"{who} {to_be}; nobody could look at the data plane."
    else:
        sentence = f"{who} {to_be}; the router was not seen to do so yet."
    return Lane(kind=kind, sentence=sentence, wanted=wanted, seen=seen)
