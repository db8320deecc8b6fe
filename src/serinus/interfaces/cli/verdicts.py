"""A verdict in lines of text: evidence, what it is measured against, and what would change it."""

from collections.abc import Iterable, Iterator, Mapping

from rich.text import Text

from serinus.app import whys
from serinus.app.whys import Decided, Why
from serinus.core.state.explanation import (
    CheckExplained,
    Explanation,
    LookExplained,
)
from serinus.interfaces import words

Line = tuple[str, Text]

THRESHOLDS = {
    "alarm": "raises the alarm",
    "give up": "takes everything back",
    "probe": "fails the probe",
    "objective": "violates the objective",
}
"""What so much evidence does, by the words of an explanation."""

LEAST = 0.05
"""Odds below this are all the same to a reader."""

_SHOWN = 8
"""Replicas that are listed, the loudest ones."""


def above(why: Why | None) -> Iterator[Line]:
    """Write why a release is where it is."""
    if why is not None:
        yield from _labelled("why", (*why.why, *why.unknown))


def below(why: Why | None) -> Mapping[str, tuple[Text, ...]]:
    """Return by its name the lines that stand below a check."""
    if why is None or why.verdict is None:
        return {}
    checks = {one.name: tuple(map(_dim, _check(one))) for one in why.verdict.checks}
    looks = {one.name: tuple(map(_dim, _look(one))) for one in why.verdict.looks}
    return checks | looks


def after(why: Why | None, *, only: str = "") -> Iterator[Line]:
    """Write what all checks together say, what would change it, and what was decided by it."""
    if why is None or why.verdict is None:
        return
    found = why.verdict
    if not only:
        yield from _labelled("evidence", _together(why, found))
        yield from _labelled("ahead", (one.sentence for one in found.forecasts))
    yield from _labelled("pods", _replicas(found, only))
    if not only:
        yield from _labelled("missing", found.missing)
        yield from _labelled("decided", map(_decision, why.decisions))
        yield from _labelled("asked", _asked(found))


def _labelled(label: str, texts: Iterable[str]) -> Iterator[Line]:
    for place, text in enumerate(texts):
        yield label if place == 0 else " ", Text(text)


def _dim(text: str) -> Text:
    return Text(f"  {text}", "dim")


# --- all together --------------------------------------------------------------------------------


def _together(why: Why, found: Explanation) -> Iterator[str]:
    if found.evidence is None or found.needed is None:
        return
    when = "when it was decided" if why.decided else "so far"
    does = THRESHOLDS.get(found.threshold, "decides")
    yield (
        f"all checks together {_odds(found.evidence)} {when}, and {_odds(found.needed)} {does};"
        f" this test has seen {words.count(found.test_requests, 'request')} of the"
        f" candidate and {found.test_stable_requests:,} of stable"
    )
    if found.carried:
        yield found.carried


def _odds(evidence: float) -> str:
    return "less than 0.1:1" if evidence < LEAST else words.odds(evidence)


def _replicas(found: Explanation, only: str) -> Iterator[str]:
    mine = [one for one in found.replicas if not only or one.check == only]
    for one in sorted(mine, key=lambda each: (not each.current, -each.evidence))[:_SHOWN]:
        before = "" if one.current else ", in an earlier test"
        yield (
            f"{one.name}  {one.check}: {one.bad:,} bad of"
            f" {words.count(one.requests, 'request')}, evidence {_odds(one.evidence)}{before}"
        )
    if len(mine) > _SHOWN:
        yield f"and {len(mine) - _SHOWN} more, which say less"


def _decision(one: Decided) -> str:
    at = f"{words.clock(one.at)}  " if one.at else ""
    if one.evidence is None or one.needed is None:
        return f"{at}{one.reason}: no evidence"
    share = "" if one.share is None else f" at {words.share(one.share)}"
    accused = f", {one.accused} most of it" if one.accused else ""
    if one.reason == "Promoting" and one.safety is not None and one.safety_needed is not None:
        accused = f", and {_odds(one.safety)} of {_odds(one.safety_needed)} that it is safe"
    return (
        f"{at}{one.reason}{share}: {one.test} {_odds(one.evidence)} of"
        f" {_odds(one.needed)}{accused}; {words.count(one.requests, 'request')} against"
        f" {one.stable_requests:,} of stable"
    )


# --- one check -----------------------------------------------------------------------------------


def _check(one: CheckExplained) -> Iterator[str]:
    if one.needed is not None:
        yield (
            f"judged by {one.judged:,.0f} requests of the candidate and {one.stable_judged:,.0f} of"
            f" stable; weight {one.weight * 100:.0f} %; alone {_odds(one.needed)}"
            f" {THRESHOLDS.get(one.threshold, 'decides')}"
        )
    if one.safety is not None and one.safety_needed is not None and one.margin is not None:
        yield (
            f"{_odds(one.safety)} that it is below {words.rate(one.margin)}{_margin(one)};"
            f" {_odds(one.safety_needed)} verifies it"
        )
    cost = whys.guard(one)
    if cost and one.unguarded is not None:
        cost += f"; without this guard {_odds(one.unguarded)}, which only tells how severe it looks"
    yield from [cost] if cost else []
    yield from (forecast.sentence for forecast in one.forecasts)


def _margin(one: CheckExplained) -> str:
    if not one.margin_ratio:
        return ""
    plus = f" + {one.margin_plus * 100:g} pp" if one.margin_plus else ""
    return f" ({one.margin_ratio:g} × stable{plus})"


def _look(one: LookExplained) -> Iterator[str]:
    if one.needed is not None and one.evidence is not None:
        yield (
            f"{words.count(one.count or 0, 'look')} compared, {_odds(one.evidence)}; alone"
            f" {_odds(one.needed)} decides; approximate, as numbers are no counts"
        )
    if one.trouble:
        yield f"the last look: {one.trouble}"
    yield from (forecast.sentence for forecast in one.forecasts)


def _asked(found: Explanation) -> Iterator[str]:
    """Write what was asked, once where both sides were asked the same."""
    counts = [(one.name, one.asked) for one in found.checks]
    numbers = [(one.name, one.asked) for one in found.looks]
    for name, questions in (*counts, *numbers):
        texts: dict[str, list[str]] = {}
        for asked in questions:
            texts.setdefault(f"{asked.source}: {asked.text}", []).append(asked.of)
        for text, arms in texts.items():
            yield f"{name} of {' and '.join(arms)}  {text}"
