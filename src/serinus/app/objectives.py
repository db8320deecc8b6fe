"""
What a release must keep to, in plain units.

::

    success rate at least 99.5 %         errors: {slo: {max: 0.5%}}
    at most 1 % slower than 300 ms       latency: {bound: 300ms, slo: {max: 1%}}

They stand beside what the template compares with the stable version, in one list of checks; see
:mod:`serinus.app.listed` for how that is changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from serinus.app import inputs, tuning
from serinus.app.inputs import Choice, Field
from serinus.app.level import ABSENT, Level, below, mapping
from serinus.app.listed import Listed, filled
from serinus.core.spec import formats, percent
from serinus.core.spec.place import Place
from serinus.core.spec.resolve import Library
from serinus.ports.documents import Edit

OBJECTIVES = "objectives"
"""The heading."""

PREFIX = "objective."
SUCCESS = "objective.success"
SLOWNESS = "objective.latency"
SLOW = "objective.slow"
BUDGET = "objective.budget"
ROLLBACK = "objective.rollback"

LIMIT, LIMIT_LATENCY = "limit", "limit-latency"
"""What the checks are called that the form adds."""

BUDGETS = ("1d", "7d", "28d", "30d")
USUAL = Fraction(1, 100)
"""So many requests may be slower if nobody says how many."""

_YES = (Choice("true", "yes"), Choice("false", "no"))


# --- objectives ---------------------------------------------------------------------------------


def objectives(level: Level, library: Library) -> tuple[Field, ...]:
    """Return the inputs for the objectives."""
    template = tuning.chosen(level, library).template
    listed = Listed(level, "checks", template)
    errors, latency = (_found(listed.items, kind) for kind in ("errors", "latency"))
    locked = tuning.lock(template, ("checks",))
    slo = mapping(below(listed.items, (*errors, "slo"))) if errors else {}
    slow = mapping(below(listed.items, (*latency, "slo"))) if latency else {}
    bound = below(listed.items, (*latency, "bound")) if latency else ABSENT
    origin = "" if listed.own else "template"

    def field(name: str, title: str, kind: str, value: str, about: str, **more: Any) -> Field:
        own, above = (value, "") if listed.own else ("", value)
        return Field(
            name=name,
            title=title,
            group=OBJECTIVES,
            kind=kind,
            value=own,
            inherited=above,
            origin=origin if above else "",
            about=about,
            locked=locked or filled(value),
            **more,
        )

    return (
        field(
            SUCCESS,
            "Success rate, at least",
            "percent",
            _rest(slo.get("max")),
            "Requests that must succeed, whatever the stable version does.",
            unit="%",
        ),
        field(
            SLOWNESS,
            "Latency limit",
            "duration",
            inputs.shown(bound),
            "A request that takes longer is too slow.",
            unit="ms",
        ),
        field(
            SLOW,
            "Slower than that, at most",
            "percent",
            inputs.shown(slow.get("max", ABSENT)),
            "The share of requests that may be too slow.",
            unit="%",
        ),
        field(
            BUDGET,
            "Error budget over",
            "choice",
            inputs.shown(slo.get("over", ABSENT)),
            "The objective holds for all requests of so long a time; when the budget burns too "
            "fast, a release is held.",
            choices=tuple(map(Choice, BUDGETS)),
        ),
        field(
            ROLLBACK,
            "Roll back when it is broken",
            "choice",
            inputs.shown(slo.get("rollback", ABSENT)),
            "At once, without probes of fresh replicas.",
            choices=_YES,
        ),
    )


def places(level: Level, library: Library) -> Mapping[str, Place]:
    """Return where the values of the inputs are, for the problems beside them; empty: nowhere."""
    listed = Listed(level, "checks", tuning.chosen(level, library).template)
    errors, latency = (_found(listed.items, kind) for kind in ("errors", "latency"))
    return {
        SUCCESS: (*listed.where, *errors) if errors else (),
        SLOW: (*listed.where, *latency, "slo") if latency else (),
        SLOWNESS: (*listed.where, *latency) if latency else (),
        BUDGET: (*listed.where, *errors, "slo", "over") if errors else (),
    }


def _found(items: Sequence[Any], kind: str) -> Place:
    """Return where the first check of a kind with an objective is, empty if there is none."""
    for index, item in enumerate(items):
        if isinstance(below(item, (kind, "slo")), Mapping):
            return (index, kind)
    return ()


def _rest(written: Any) -> str:
    """Return the success rate that a limit of failures leaves."""
    if not isinstance(written, str) or formats.wrong("percent", written):
        return "" if written is None else str(written)
    return percent.text(1 - percent.parse(written))


# --- back ---------------------------------------------------------------------------------------


def changes(level: Level, library: Library, sent: Mapping[str, str]) -> Iterator[Edit]:
    """
    Return what has to be edited so that the objectives are as they were sent.

    ``sent``: the inputs of this module that were changed, by name.
    """
    for name, text in sent.items():
        template = tuning.chosen(level, library).template
        listed = Listed(level, "checks", template)
        for edit in tuple(_objective(listed, name, inputs.tidy(text))):
            yield edit
            # What comes next is changed in what this one leaves.
            level = level.after(edit)


def _objective(listed: Listed, name: str, text: str) -> Iterator[Edit]:
    kind = "latency" if name in {SLOWNESS, SLOW} else "errors"
    found = _found(listed.items, kind)
    if not text and name in {SUCCESS, SLOWNESS}:
        if found:
            yield from listed.edit(found[:1], ABSENT)
        return
    value = _value(name, text)
    if not found:
        if text:
            yield from listed.edit((len(listed.items),), _new(name, value))
        return
    key = {SUCCESS: ("slo", "max"), SLOW: ("slo", "max"), SLOWNESS: ("bound",)}.get(name)
    where = (*found, *(key or ("slo", name.rpartition(".")[2].replace("budget", "over"))))
    if text:
        yield from listed.edit(where, value)
    elif below(listed.items, where) is not ABSENT:
        yield from listed.edit(where, str(percent.text(USUAL)) if name == SLOW else ABSENT)


def _value(name: str, text: str) -> Any:
    """Return what a check says where a form says it in plain units."""
    if name == ROLLBACK:
        return text == "true"
    if name == SLOWNESS:
        return f"{text}ms" if text.replace(".", "", 1).isdigit() else text
    if name not in {SUCCESS, SLOW}:
        return text
    share = text if text.endswith("%") else f"{text}%"
    if name == SLOW or formats.wrong("percent", share) or percent.parse(share) > 1:
        return share
    return percent.text(1 - percent.parse(share))


def _new(name: str, value: Any) -> dict[str, Any]:
    """Return the check that is added for the first of its inputs that is filled in."""
    usual = percent.text(USUAL)
    if name == SLOWNESS:
        return {"name": LIMIT_LATENCY, "latency": {"bound": value, "slo": {"max": usual}}}
    if name == SLOW:
        return {"name": LIMIT_LATENCY, "latency": {"slo": {"max": value}}}
    if name == SUCCESS:
        return {"name": LIMIT, "errors": {"slo": {"max": value}}}
    key = "over" if name == BUDGET else "rollback"
    return {"name": LIMIT, "errors": {"slo": {"max": usual, key: value}}}
