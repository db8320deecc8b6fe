"""The outlook: what a draft comes to, told beside its form while it is written."""

import difflib
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from serinus.app import asides, exposure, level, prospect
from serinus.app.exposure import Exposure
from serinus.app.form import VARIABLES, Form
from serinus.app.prospect import Value
from serinus.core.errors import Problem, Severity
from serinus.core.spec import effective, problems, timeline
from serinus.core.spec.application import API
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Library
from serinus.interfaces.web import curves
from serinus.interfaces.web.against import Against
from serinus.interfaces.web.curves import Curve
from serinus.interfaces.web.drafts import Draft
from serinus.ports.documents import Reviewed

TEXT = "text"
"""The input that holds the whole text: what stands beside no other one is shown there."""


class Trouble(msgspec.Struct, frozen=True):
    """One thing that is wrong: the input beside which it stands, and its words."""

    field: str
    anchor: str
    title: str
    message: str
    mild: bool = False
    line: int | None = None
    column: int | None = None


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a draft comes to.

    ``ready``: nothing keeps it from being written. ``untouched``: nobody has typed anything yet, so
    nobody is told what is missing. ``verb``: what the button does. ``patch``: how the document
    changes, ``against``: how that differs from what serves now.
    ``first``: nothing serves yet, so that there is nothing to compare with. ``exposure``: who meets
    the new version, on the traffic that there is.
    """

    ready: bool
    untouched: bool
    verb: str
    troubles: tuple[Trouble, ...]
    curve: Curve | None = None
    checks: tuple[str, ...] = ()
    asides: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    patch: tuple[str, ...] = ()
    against: Against | None = None
    first: bool = False
    exposure: Exposure | None = None

    @property
    def errors(self) -> int:
        """How many things have to be mended."""
        return sum(not one.mild for one in self.troubles)


class Sheet(NamedTuple):
    """
    A draft as it was reviewed: its form, and what it refers to.

    ``against``: what serves; ``first``: nothing does. ``rate``: requests a second, None: unknown.
    """

    draft: Draft
    reviewed: Reviewed
    form: Form
    library: Library
    against: Against | None = None
    first: bool = False
    rate: float | None = None


def of(sheet: Sheet, *, untouched: bool = False) -> Outlook:
    """Look at what a draft comes to."""
    draft, reviewed, form, library, against, *_ = sheet
    found = reviewed.effective
    delivery = None if found is None else found.delivery
    told = None if found is None or delivery is None else prospect.of(found)
    delivery = delivery or imagined(reviewed.data, draft.level or draft.environment, library)
    changed = draft.text != (draft.seen or "")
    version = "" if found is None else found.version
    return Outlook(
        ready=not problems.errors(reviewed.problems) and (draft.new or changed),
        untouched=untouched,
        verb=_verb(draft, version, changed=changed),
        troubles=tuple(_troubles(reviewed, form)),
        curve=None if delivery is None else curves.of(timeline.timeline(delivery)),
        checks=() if delivery is None else prospect.checks(delivery),
        asides=() if delivery is None else tuple(asides.lines(delivery)),
        values=() if told is None else told.values,
        patch=() if draft.new or not changed else _patch(draft),
        against=against,
        first=sheet.first,
        exposure=None if delivery is None else exposure.of(delivery, sheet.rate),
    )


def imagined(data: object, environment: str, library: Library) -> Delivery | None:
    """Return the delivery of a document whose other parts cannot be used yet."""
    own = level.below(data, ("spec", "delivery"))
    patch = level.below(data, ("spec", "environments", environment, "delivery"))
    stub = {
        "apiVersion": API,
        "kind": "Application",
        "metadata": {"name": "imagined"},
        "spec": {
            "workload": {"command": "imagined"},
            "delivery": {} if own is level.ABSENT else own,
            "environments": {} if patch is level.ABSENT else {environment: {"delivery": patch}},
        },
    }
    return effective.effective(stub, environment, library, Limits()).delivery


def _verb(draft: Draft, version: str, *, changed: bool) -> str:
    if draft.new:
        return "Create and deploy"
    return f"Deploy {version}" if version and changed else "Deploy"


def _patch(draft: Draft) -> tuple[str, ...]:
    """Compare the texts as they are seen, so that no stored secret is among the lines."""
    place = draft.stored.place if draft.stored else ""
    return tuple(
        difflib.unified_diff(
            (draft.seen or "").splitlines(),
            draft.text.splitlines(),
            place,
            f"{place} (as written here)",
            lineterm="",
        )
    )


# --- what is wrong ------------------------------------------------------------------------------


def _troubles(reviewed: Reviewed, form: Form) -> Iterator[Trouble]:
    """Return every problem with the input beside which it stands, in the order of the form."""
    left = list(reviewed.problems)
    for field in form.fields:
        for message in field.problems:
            found = _taken(left, message)
            title = f"{field.section}: {field.title}" if field.section else field.title
            yield _trouble(field.name, f"f-{field.name}", title, message, found)
    for index, row in enumerate(form.variables):
        for message in row.problems:
            found = _taken(left, message)
            name = f"{VARIABLES}.{row.name}"
            yield _trouble(name, f"e-name-{index}", f"Variable {row.name}", message, found)
    for problem in left:
        yield _trouble(TEXT, "f-text", problem.path or "The text", problem.message, problem)


def _taken(left: list[Problem], message: str) -> Problem | None:
    found = next((one for one in left if one.message == message), None)
    if found is not None:
        left.remove(found)
    return found


def _trouble(field: str, anchor: str, title: str, message: str, found: Problem | None) -> Trouble:
    if found is None:
        return Trouble(field, anchor, title, message)
    mild = found.severity is Severity.WARNING
    return Trouble(field, anchor, title, message, mild, found.line, found.column)
