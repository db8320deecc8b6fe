"""
From a check to the questions that a metric source is asked, and from its answers to a sample.

::

    QueryCheck ── questions ──▶ one query for each arm, or one for everybody
                                        │  (the source answers with series)
    Sample     ◀─ sample ────── number ◀┘

A query is filled in as PromQL is read: inside quotes, and in the pattern of a matcher (``=~``) as
a pattern. So no version can end a string or match another one: ``1.2`` is not ``1x2``.
"""

import enum
import math
import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from serinus.core.spec import duration
from serinus.core.spec.delivery import QueryCheck
from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.core.state.release import Release
from serinus.core.state.sample import EVERYBODY, Sample, Series

NAMES = ("revision", "version", "application", "environment", "window")
"""What may stand behind a ``$`` in a query."""

_EACH_ARM = frozenset({"revision", "version"})
_ANYWHERE = frozenset({"window"})
_NAME = re.compile(rf"\$({'|'.join(NAMES)})\b")
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<text>"(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | `[^`]*`)
  | (?P<matcher>=~|!~)
  | (?P<space>\s+)
  | (?P<code>[^"'`\#=!\s]+ | .)
    """,
    re.VERBOSE | re.DOTALL,
)
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
_SHOWN = 3
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


class _Where(enum.Enum):
    """What a piece of a query is."""

    CODE = enum.auto()
    COMMENT = enum.auto()
    TEXT = enum.auto()
    PATTERN = enum.auto()


def wrong(query: str) -> str:
    """Say what is wrong with the names in a query, empty if nothing is."""
    for where, piece in _pieces(query):
        for name in _NAME.findall(piece) if where is _Where.CODE else ():
            if name not in _ANYWHERE:
                return f'${name} stands outside of quotes; write it as a text, such as "${name}"'
    return ""


def questions(check: QueryCheck, release: Release) -> tuple[Question, ...]:
    """Return what to ask: once for everybody, or (``$revision``, ``$version``) for each arm."""
    common = {
        "application": release.application,
        "environment": release.environment,
        "window": duration.of_seconds(max(_SHORTEST_S, check.every_s)),
    }
    if not _EACH_ARM & _used(check.query):
        return (Question(EVERYBODY, _filled(check.query, common)),)
    arms = {CANDIDATE: (release.candidate, release.version)}
    if release.stable is not None:
        arms[STABLE] = (release.stable, release.stable_version)
    return tuple(
        Question(
            arm, _filled(check.query, {**common, "revision": revision[:10], "version": version})
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
    return Answer(value=value)


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


# --- queries ------------------------------------------------------------------------------------


def _pieces(query: str) -> Iterator[tuple[_Where, str]]:
    """Take a query apart; all pieces together are the query again."""
    matcher = False
    for token in _TOKEN.finditer(query):
        kind = str(token.lastgroup)
        if kind == "text":
            yield _Where.PATTERN if matcher else _Where.TEXT, token[0]
        else:
            yield _Where.COMMENT if kind == "comment" else _Where.CODE, token[0]
        if kind not in {"comment", "space"}:
            matcher = kind == "matcher"


def _used(query: str) -> frozenset[str]:
    pieces = (piece for where, piece in _pieces(query) if where is not _Where.COMMENT)
    return frozenset(name for piece in pieces for name in _NAME.findall(piece))


def _filled(query: str, values: Mapping[str, str]) -> str:
    return "".join(_piece(where, piece, values) for where, piece in _pieces(query))


def _piece(where: _Where, piece: str, values: Mapping[str, str]) -> str:
    if where is _Where.COMMENT:
        return piece
    quote = piece[0] if where in {_Where.TEXT, _Where.PATTERN} else ""

    def value(name: re.Match[str]) -> str:
        text = values[name[1]]
        if where is _Where.PATTERN:
            text = _META.sub(r"\\\g<0>", text)
        return _quoted(text, quote)

    return _NAME.sub(value, piece)


def _quoted(text: str, quote: str) -> str:
    """Write a text so that it cannot end the string that it stands in."""
    if quote == "`":  # knows no escapes
        return text.replace("`", "")
    if not quote:
        return text
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace(quote, f"\\{quote}")


# --- answers ------------------------------------------------------------------------------------


def _several(found: Sequence[Series]) -> str:
    """Say how many series came, by what they differ, and how to make one of them."""
    labels = sorted({label for series in found for label in series.labels})
    differ = [a for a in labels if len({series.labels.get(a) for series in found}) > 1]
    more = ", …" if len(differ) > _SHOWN else ""
    by = f" (they differ by {', '.join(differ[:_SHOWN])}{more})" if differ else ""
    return (
        f"{len(found)} series{by}, where one number is wanted; "
        "make one of them, as with sum(…), avg(…) or max(…)"
    )
