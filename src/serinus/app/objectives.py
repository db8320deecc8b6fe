"""
What a release must keep to, in plain units, and which of its steps wait for a person.

::

    success rate at least 99.5 %         errors: {slo: {max: 0.5%}}
    at most 1 % slower than 300 ms       latency: {bound: 300ms, slo: {max: 1%}}
    a person approves before 25 %        gates: [{approval: {}}]

They stand beside what the template compares with the stable version. Checks and steps are lists,
and a list is replaced as a whole: the first objective takes the template's list along, with its
placeholders, so that its parameters go on meaning what they meant.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from serinus.app import inputs, tuning
from serinus.app.inputs import Choice, Field
from serinus.app.level import ABSENT, Level, below, mapping
from serinus.core.spec import formats, patch, percent, placeholder, resolve
from serinus.core.spec.place import Place
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import DeliveryTemplate
from serinus.ports.documents import Edit

OBJECTIVES, GATES = "objectives", "gates"
"""Headings."""

SUCCESS = "objective.success"
SLOWNESS = "objective.latency"
SLOW = "objective.slow"
BUDGET = "objective.budget"
ROLLBACK = "objective.rollback"
APPROVAL = "approval."

LIMIT, LIMIT_LATENCY = "limit", "limit-latency"
"""What the checks are called that the form adds."""

BUDGETS = ("1d", "7d", "28d", "30d")
USUAL = Fraction(1, 100)
"""So many requests may be slower if nobody says how many."""

_YES = (Choice("true", "yes"), Choice("false", "no"))


class _Listed:
    """A list of the delivery at a level: its own, or the one that it takes along if it changes."""

    def __init__(self, level: Level, key: str, template: DeliveryTemplate | None) -> None:
        own, above = level.own("delivery", key), level.inherited("delivery", key)
        written = {} if template is None else resolve.written(template)
        taken = above if isinstance(above, list) else written.get(key)
        self._taken: list[Any] = list(taken or ())
        self.where = level.at("delivery", key)
        self.own = isinstance(own, list)
        self.items: list[Any] = own if isinstance(own, list) else self._taken

    def edit(self, where: Place, value: Any) -> Iterator[Edit]:
        """
        Change one place of the list; a list that is not this level's own is written whole.

        One that has become what it would be without this level's word is taken away.
        """
        after = patch.changed(self.items, where, value)
        if not self.own:
            yield Edit(self.where, after)
        elif after == self._taken:
            yield Edit(self.where)
        else:
            yield Edit((*self.where, *where), value)


# --- objectives ---------------------------------------------------------------------------------


def objectives(level: Level, library: Library) -> tuple[Field, ...]:
    """Return the inputs for the objectives."""
    template = tuning.chosen(level, library).template
    listed = _Listed(level, "checks", template)
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
            locked=locked or _filled(value),
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
    listed = _Listed(level, "checks", tuning.chosen(level, library).template)
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


def _filled(value: str) -> str:
    name = placeholder.name(value)
    return "" if name is None else f"the parameter {name} of the template says it"


# --- approvals ----------------------------------------------------------------------------------


def approvals(level: Level, library: Library) -> tuple[Field, ...]:
    """Return an input for each step: whether a person has to approve before it begins."""
    template = tuning.chosen(level, library).template
    listed = _Listed(level, "plan", template)
    locked = tuning.lock(template, ("plan",))
    said = {name: one.value for name, one in tuning.inherited(level, library, template).items()}
    said |= mapping(level.own("delivery", "parameters"))
    return tuple(
        Field(
            name=f"{APPROVAL}{index}",
            title=f"Approval before {title}",
            group=GATES,
            kind="choice",
            value=value if listed.own else "",
            inherited="" if listed.own else value,
            origin="" if listed.own else "template",
            choices=_YES,
            locked=locked,
        )
        for index, item in enumerate(listed.items)
        if (title := _step(item, said))
        for value in ("false" if _approval(item) is None else "true",)
    )


def _step(item: Any, said: Mapping[str, Any]) -> str:
    """Return what a step does, for people; empty for one that nobody waits before."""
    filled = placeholder.fill(item, said, said).value
    share = below(filled, ("traffic", "candidate"))
    if share is not ABSENT:
        return str(share)
    titles = {
        "switch": "the switch",
        "match": "the test",
        "mirror": "copies",
        "preview": "the preview",
        "ramp": "the ramp",
        "replace": "replicas are replaced",
        "recreate": "replicas are stopped",
    }
    return next((title for key, title in titles.items() if key in mapping(item)), "")


def _approval(item: Any) -> int | None:
    gates = mapping(item).get("gates")
    found = gates if isinstance(gates, list) else []
    return next((i for i, gate in enumerate(found) if "approval" in mapping(gate)), None)


# --- back ---------------------------------------------------------------------------------------


def changes(level: Level, library: Library, sent: Mapping[str, str]) -> Iterator[Edit]:
    """
    Return what has to be edited so that the objectives and approvals are as they were sent.

    ``sent``: the inputs of this module that were changed, by name.
    """
    for name, text in sent.items():
        template = tuning.chosen(level, library).template
        edits = (
            _approve(_Listed(level, "plan", template), name, text)
            if name.startswith(APPROVAL)
            else _objective(_Listed(level, "checks", template), name, inputs.tidy(text))
        )
        for edit in edits:
            yield edit
            # What comes next is changed in what this one leaves.
            level = level._replace(data=patch.changed(level.data, edit.place, edit.value))


def _objective(listed: _Listed, name: str, text: str) -> Iterator[Edit]:
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


def _approve(listed: _Listed, name: str, text: str) -> Iterator[Edit]:
    index = int(name.removeprefix(APPROVAL))
    if index >= len(listed.items):
        return
    item = listed.items[index]
    there = _approval(item)
    gates = mapping(item).get("gates")
    if text == "true" and there is None:
        where: Place = (index, "gates")
        if isinstance(gates, list) and gates:
            yield from listed.edit((*where, len(gates)), {"approval": {}})
        else:
            yield from listed.edit(where, [{"approval": {}}])
    elif text != "true" and there is not None:
        whole = isinstance(gates, list) and len(gates) == 1
        yield from listed.edit((index, "gates") if whole else (index, "gates", there), ABSENT)
