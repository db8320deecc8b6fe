"""
From a check to the questions that a metric source is asked, and from its answers to a sample.

::

    QueryCheck ── questions ──▶ one query for each arm, or one for everybody
                                        │  (the source answers with series)
    Sample     ◀─ sample ────── number ◀┘

How a query is filled in is :mod:`serinus.core.spec.promql`'s.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec

from serinus.core.spec import duration, promql
from serinus.core.spec.delivery import QueryCheck
from serinus.core.state import labels
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.release import Release
from serinus.core.state.sample import EVERYBODY, Sample, Series

MOST = 1e50
"""A number beyond this, either way, is none: what is estimated from squares of it overflows."""

LEAST = 1e-50
"""A number that is nearer to 0 than this is 0, for the same reason."""

_SHOWN = 3
_LABEL = 40
_SHORTEST_S = 0.001


class Question(msgspec.Struct, frozen=True):
    """What is asked for an arm: CANDIDATE, STABLE, or EVERYBODY."""

    arm: str
    query: str


class Answer(msgspec.Struct, frozen=True):
    """
    One number (None: there was no data), or what was wrong.

    ``final``: it will not be another way until the check or its source's settings change.
    """

    value: float | None = None
    problem: str = ""
    final: bool = False


def questions(check: QueryCheck, release: Release) -> tuple[Question, ...]:
    """Return what to ask: once for everybody, or (``$revision``, ``$version``) for each arm."""
    place = labels.parted(release.application)
    common = {
        "application": release.application,
        "namespace": place.namespace,
        "name": place.name,
        "environment": release.environment,
        "window": duration.of_seconds(max(_SHORTEST_S, check.every_s)),
    }
    if not promql.OF_ARMS & promql.used(check.query):
        return (Question(EVERYBODY, promql.filled(check.query, common)),)
    arms = {CANDIDATE: (release.candidate, release.version)}
    if release.stable is not None:
        arms[STABLE] = (release.stable, release.stable_version)
    return tuple(
        Question(
            arm,
            promql.filled(check.query, {**common, "revision": revision[:10], "version": version}),
        )
        for arm, (revision, version) in arms.items()
    )


def number(found: Sequence[Series]) -> Answer:
    """Return the one number of an answer; no series is no data, several are a problem."""
    if len(found) > 1:
        return Answer(problem=_several(found))
    points = found[0].points if found else ()
    if not points:
        return Answer()
    if len(points) > 1:
        return Answer(
            problem=f"{len(points)} values of one series, where one number is wanted; "
            "take one of the range, as with rate(…) or avg_over_time(…)",
        )
    value = points[0][1]
    if math.isnan(value):
        return Answer(problem="the answer is NaN (not a number), as 0 / 0 gives")
    if math.isinf(value):
        sign = "+" if value > 0 else "-"
        return Answer(problem=f"the answer is {sign}Inf (infinite), as a division by 0 gives")
    if abs(value) > MOST:
        return Answer(problem=f"the answer is {value:.3g}; wanted a number of at most {MOST:g}")
    return Answer(value=value if abs(value) >= LEAST else 0.0)


def sample(check: str, at: float, answers: Mapping[str, Answer]) -> Sample:
    """Return one look of a check, with the numbers that there are and all that was wrong."""
    said = {arm: answer.problem for arm, answer in answers.items() if answer.problem}
    same = len(set(said.values())) == 1 and len(said) == len(answers)
    return Sample(
        check=check,
        at=at,
        values={a: answer.value for a, answer in answers.items() if answer.value is not None},
        problem=next(iter(said.values()))
        if same
        else "; ".join(f"{arm}: {problem}" for arm, problem in sorted(said.items())),
        final=any(answer.final for answer in answers.values()),
    )


# --- answers ------------------------------------------------------------------------------------


def _several(found: Sequence[Series]) -> str:
    """Say how many series came, by what they differ, and how to make one of them."""
    labels = sorted({label for series in found for label in series.labels})
    differ = [a for a in labels if len({series.labels.get(a) for series in found}) > 1]
    more = ", …" if len(differ) > _SHOWN else ""
    shown = ", ".join(_word(label) for label in differ[:_SHOWN])
    by = f" (they differ by {shown}{more})" if differ else ""
    return (
        f"{len(found)} series{by}, where one number is wanted; "
        "make one of them, as with sum(…), avg(…) or max(…)"
    )


def _word(label: str) -> str:
    """Return the name of a label; a source may call one as it likes."""
    word = "".join(c if c.isprintable() else "?" for c in label[: _LABEL + 1])
    return word if len(word) <= _LABEL else f"{word[: _LABEL - 1]}…"
