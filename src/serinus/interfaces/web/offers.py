"""Templates as they are offered: each with the picture of what its defaults do."""

from collections.abc import Sequence

import msgspec

from serinus.app import prospect
from serinus.app.prospect import ParameterView
from serinus.core.spec import timeline
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import DeliveryTemplate
from serinus.interfaces.web import curves
from serinus.interfaces.web.curves import Curve

ORDER = ("canary-standard", "canary-fast", "canary-careful", "canary-manual", "blue-green")
"""What most people want comes first; then the others by name."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One template, and its picture (None: some of its parameters have no default)."""

    name: str
    version: str
    title: str
    about: str
    promise: str
    not_for: str
    strategy: str
    deprecated: str
    curve: Curve | None
    parameters: tuple[ParameterView, ...]


def offers(library: Library) -> tuple[Offer, ...]:
    """Return the newest version of each template."""
    newest = {name: found[-1] for name, found in library.templates.items() if found}
    return tuple(offer(newest[name], library) for name in sorted(newest, key=_place))


def offer(found: DeliveryTemplate, library: Library) -> Offer:
    """Return one template as it is offered."""
    made = prospect.default(found, library)
    view = prospect.template(found, made)
    old = found.spec.deprecated
    said = "" if old is None else (old.message or f"use {old.use} instead")
    return Offer(
        name=view.name,
        version=view.version,
        title=view.title or view.name,
        about=view.about,
        promise=view.promise,
        not_for=view.not_for,
        strategy=view.strategy,
        deprecated=said,
        curve=None if made is None else curves.of(timeline.timeline(made)),
        parameters=view.parameters,
    )


def named(found: Sequence[Offer], name: str) -> Offer | None:
    """Return the offer of a name, None where there is none."""
    return next((one for one in found if one.name == name), None)


def _place(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)
