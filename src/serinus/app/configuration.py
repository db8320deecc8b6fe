"""
The effective configuration: every value that holds in an environment, and who says it.

::

    settings(reviewed, library, "prod")      each value with its origin, locked or to be reset
    differences(one, other)                  two environments beside each other
    drift(store, key, content)               what runs against what is asked for

The layers are those of :mod:`serinus.core.spec.resolve`; what is shown is what a release that began
now would take.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from serinus.app import catalogue, diff, inputs, sheet, tuning, variables
from serinus.app.diff import Change, Content
from serinus.app.level import ABSENT, APPLICATION, Level, mapping
from serinus.core.spec import patch, place, placeholder, resolve
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import BODY
from serinus.core.state.notice import Key
from serinus.ports import failures
from serinus.ports.documents import Reviewed
from serinus.ports.store import Store

WORKLOAD, DELIVERY, BEHAVIOUR = "workload", "delivery", "behaviour"
"""Headings: what runs and where; parameters; what the template does with them."""

DEFAULT = "default"


class Setting(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    One value as it holds in an environment.

    ``name``: its place below the spec, the same in every environment. ``origin``: who says it, in
    words (``application@prod``, ``template default``). ``locked``: why it cannot be changed.
    ``written``: the place that says it in this document; what is there can be taken away, and then
    what it inherits holds again. Empty: this document does not say it. ``hidden``: a secret.
    """

    name: str
    title: str
    group: str
    value: str
    origin: str
    locked: str = ""
    written: str = ""
    hidden: bool = False


class Difference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One value that is not the same in two environments; None where it is not there."""

    name: str
    title: str
    one: Setting | None
    other: Setting | None


class Drift(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    What is asked for against what serves now.

    ``workload``: the change of what runs; None where nothing serves yet, or nothing is asked for.
    ``delivery``: the lines in which the way of delivering differs from that of the last release.
    ``problem``: why what is asked for cannot be told.
    """

    workload: Change | None = None
    delivery: tuple[str, ...] = ()
    problem: str = ""

    @property
    def same(self) -> bool:
        """Tell whether what runs is what is asked for."""
        return not (self.problem or self.delivery or (self.workload and self.workload.lines))


# --- each value ---------------------------------------------------------------------------------


def settings(reviewed: Reviewed, library: Library, environment: str) -> tuple[Setting, ...]:
    """Return what holds in an environment; nothing of a text that cannot be read."""
    if reviewed.data is None:
        return ()
    level = Level(reviewed.data, environment)
    return (
        *_plain(level, reviewed),
        *_variables(level),
        *_parameters(level, library),
        *_body(level, library),
    )


def _plain(level: Level, reviewed: Reviewed) -> Iterator[Setting]:
    host = "" if reviewed.effective is None else reviewed.effective.host
    version = "" if reviewed.effective is None else reviewed.effective.version
    known = {"route.host": host, "version": version}
    for plain in sheet.PLAIN:
        value, origin, written = _said(level, *plain.keys)
        text = inputs.shown(value, plain.kind) or known.get(plain.path, "") or plain.default
        if text:
            yield Setting(
                name=plain.path,
                title=plain.title,
                group=WORKLOAD,
                value=text,
                origin=origin,
                written=written,
            )


def _said(level: Level, *keys: str | int) -> tuple[Any, str, str]:
    """Return a value, who says it, and at which place of this document."""
    own = level.own(*keys)
    if own is not ABSENT and own is not None:
        return own, f"{APPLICATION}@{level.environment}", place.text(level.at(*keys))
    base = level.inherited(*keys)
    if own is None:
        return ABSENT, f"{APPLICATION}@{level.environment}", place.text(level.at(*keys))
    if base is not ABSENT:
        return base, APPLICATION, place.text(("spec", *keys))
    return ABSENT, DEFAULT, ""


def _variables(level: Level) -> Iterator[Setting]:
    for row in variables.rows(level):
        value = row.value
        where: tuple[str, ...] = ("workload", "env", row.name)
        if row.kind != variables.VALUE:
            value = f"{row.kind} {row.source} / {row.key}"
            where = ("workload", "pod")
        yield Setting(
            name=place.text(("workload", "env", row.name)),
            title=row.name,
            group=WORKLOAD,
            value=value,
            origin=APPLICATION if row.inherited else f"{APPLICATION}@{level.environment}",
            written=place.text(("spec", *where) if row.inherited else level.at(*where)),
            hidden=row.hidden,
        )


def _parameters(level: Level, library: Library) -> Iterator[Setting]:
    for field in tuning.parameters(level, library):
        name = place.parse(field.name)[-1]
        mine = bool(field.value)
        value, origin = field.value or field.inherited, field.origin
        written = field.name if mine else ""
        if not mine and origin == APPLICATION:
            written = place.text(("spec", "delivery", "parameters", name))
        if value:
            yield Setting(
                name=place.text(("delivery", "parameters", name)),
                title=field.title,
                group=DELIVERY,
                value=value,
                origin=f"{APPLICATION}@{level.environment}" if mine else origin,
                locked=field.locked,
                written=written,
            )


def _body(level: Level, library: Library) -> Iterator[Setting]:
    """Return what the template does, patches and all, with its parameters filled in."""
    chosen = tuning.chosen(level, library)
    template = chosen.template
    yield Setting(
        name="delivery.template",
        title="Template",
        group=DELIVERY,
        value=chosen.name if template is None else f"{chosen.name} {template.spec.version}",
        origin=chosen.origin,
        written=_said(level, "delivery", "template")[2],
    )
    if template is None:
        return
    body = resolve.written(template)
    for layer in (level.inherited("delivery"), level.own("delivery")):
        body = patch.merge(body, {k: v for k, v in mapping(layer).items() if k in BODY})
    said = {name: one.value for name, one in tuning.inherited(level, library, template).items()}
    said |= mapping(level.own("delivery", "parameters"))
    filled = mapping(placeholder.fill(body, said, template.spec.parameters).value)
    own = f"template {template.metadata.name}"
    for key in BODY:
        if key in filled and key != "strategy":
            value, origin, written = _said(level, "delivery", key)
            yield Setting(
                name=place.text(("delivery", key)),
                title=key,
                group=BEHAVIOUR,
                value=inputs.shown(filled[key]),
                origin=own if value is ABSENT and not written else origin,
                locked=tuning.lock(template, (key,)),
                written=written,
            )


# --- beside each other --------------------------------------------------------------------------


def differences(one: Sequence[Setting], other: Sequence[Setting]) -> tuple[Difference, ...]:
    """
    Return the values that are not the same, in the order of the first.

    Secrets are the same here when both are set: nobody is told more of them.
    """
    ones, others = ({setting.name: setting for setting in side} for side in (one, other))
    return tuple(
        Difference(name=name, title=either.title, one=ones.get(name), other=others.get(name))
        for name, either in {**ones, **_more(ones, others)}.items()
        if _value(ones.get(name)) != _value(others.get(name))
    )


def _more(ones: Mapping[str, Setting], others: Mapping[str, Setting]) -> dict[str, Setting]:
    return {name: found for name, found in others.items() if name not in ones}


def _value(setting: Setting | None) -> str | None:
    return None if setting is None else setting.value


async def drift(store: Store, key: Key, content: Content) -> Drift:
    """Return how what is asked for differs from what serves."""
    status, asked = await store.status(key), await store.asked(key)
    if asked.wanted is None:
        return Drift(problem=asked.problem or f"nobody asks for {key}")
    last = None if status is None else status.release
    delivery = () if last is None else catalogue.changed(last.delivery, asked.wanted.delivery)
    if status is None or status.stable is None:
        return Drift(delivery=delivery)
    runs = await store.revision(status.stable)
    if runs is None:
        raise failures.Missing(f"the workload of revision {status.stable[:10]} is not stored")
    runs = msgspec.structs.replace(runs, version=status.stable_version or runs.version)
    return Drift(workload=diff.between(runs, asked.wanted.revision, content), delivery=delivery)
