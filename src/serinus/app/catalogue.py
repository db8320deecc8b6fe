"""
The catalogue: templates as people choose them, who uses which, and what a new version would change.

::

    detail(library, name)      a template, whole: what it does, its parameters, its versions
    uses(store)                applications × environments × version, and what was wanted when
    impact(new, …)             which effective deliveries a new version changes, line by line
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from serinus.app import asides, diff, prospect, tuning
from serinus.app.prospect import TemplateView
from serinus.core.errors import Problem
from serinus.core.spec import effective, versions
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.limits import Limits
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import DeliveryTemplate
from serinus.ports import failures
from serinus.ports.store import Store

ANYWHERE = Limits(images=True, enforced=("cpu", "memory", "files"))
"""The limits of no place in particular: what a template comes to by itself."""


class Card(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    A template at a glance, in one version.

    ``needs``: what a router must be able to do. ``deprecated``: why nobody should choose it.
    """

    name: str
    version: str
    title: str
    about: str
    promise: str
    not_for: str
    strategy: str
    needs: tuple[str, ...]
    deprecated: str


class Detail(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    One version of a template, whole.

    ``view``: its words, parameters and timeline. ``checks`` and ``asides``: what it is judged by,
    and what is set besides. ``locks``: places that nobody below may change. ``versions``: all that
    there are, the newest first.
    """

    card: Card
    view: TemplateView
    checks: tuple[str, ...]
    asides: tuple[str, ...]
    locks: tuple[str, ...]
    versions: tuple[str, ...]


class Use(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    Who uses a template where. ``version``: what the next release would take.

    ``running``: name and version that the last release took, if it was another one.
    """

    application: str
    environment: str
    template: str
    version: str
    running: str = ""


class Impact(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a new version changes of one application: the diff, and what would be wrong with it."""

    application: str
    environment: str
    before: str
    lines: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


# --- what there is ------------------------------------------------------------------------------


def card(template: DeliveryTemplate) -> Card:
    """Return a template at a glance."""
    spec = template.spec
    return Card(
        name=spec.template,
        version=spec.version,
        title=spec.title or spec.template,
        about=spec.about,
        promise=spec.promise,
        not_for=spec.not_for,
        strategy=spec.strategy,
        needs=tuple(spec.needs),
        deprecated=_deprecated(template),
    )


def detail(library: Library, name: str, version: str = "") -> Detail:
    """Return one version of a template, the newest that fits; Missing when there is none."""
    template = tuning.find(library, name, version)
    if template is None:
        known = ", ".join(sorted(library.templates))
        raise failures.Missing(
            f"there is no template {' '.join(part for part in (name, version) if part)}",
            why=f"known: {known}",
            hint="serinus template ls",
        )
    delivery = prospect.default(template, library)
    judged = () if delivery is None else (*delivery.checks, *delivery.looks)
    return Detail(
        card=card(template),
        view=prospect.template(template, delivery),
        checks=() if delivery is None else prospect.checks(delivery),
        asides=asides.lines(delivery) if delivery is not None and judged else (),
        locks=tuple(template.spec.locks),
        versions=_newest_first(one.spec.version for one in library.templates[name]),
    )


def _deprecated(template: DeliveryTemplate) -> str:
    why = template.spec.deprecated
    if why is None:
        return ""
    said = (
        f"since {why.since}" if why.since else "",
        why.message,
        f"use {why.use}" if why.use else "",
    )
    return "; ".join(part for part in said if part) or "deprecated"


def _newest_first(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(found, key=lambda v: versions.key(v) or (0, 0, 0), reverse=True))


# --- who uses it --------------------------------------------------------------------------------


async def uses(store: Store) -> tuple[Use, ...]:
    """Return who uses which template where; an application that cannot be resolved uses none."""
    found = []
    for key in await store.keys():
        wanted = (await store.asked(key)).wanted
        if wanted is None or not wanted.delivery.template:
            continue
        status = await store.status(key)
        last = None if status is None else status.release
        ran = "" if last is None else _named(last.delivery)
        here = _named(wanted.delivery)
        found.append(
            Use(
                application=key.application,
                environment=key.environment,
                template=wanted.delivery.template,
                version=wanted.delivery.template_version,
                running="" if ran == here else ran,
            )
        )
    return tuple(found)


def counted(found: Iterable[Use]) -> Mapping[str, int]:
    """Return by how many applications each template is used, an environment each."""
    counts: dict[str, int] = {}
    for use in found:
        counts[use.template] = counts.get(use.template, 0) + 1
    return counts


def _named(delivery: Delivery) -> str:
    return f"{delivery.template} {delivery.template_version}".strip()


# --- what a new version would change ------------------------------------------------------------


def impact(
    new: DeliveryTemplate, library: Library, written: Iterable[tuple[Mapping[str, Any], str]]
) -> tuple[Impact, ...]:
    """
    Return what a version that is not there yet changes, for those whom it changes.

    ``written``: documents of applications as plain data, each with an environment. One that would
    not take the new version, or to which it is no change, is not told of.
    """
    ahead = _with(library, new)
    found = []
    for data, environment in written:
        old = effective.effective(data, environment, library, ANYWHERE)
        after = effective.effective(data, environment, ahead, ANYWHERE)
        told = tuple(p for p in after.problems if p not in old.problems)
        lines = changed(old.delivery, after.delivery)
        if lines or told:
            before = "" if old.delivery is None else _named(old.delivery)
            found.append(
                Impact(
                    application=old.application,
                    environment=environment,
                    before=before,
                    lines=lines,
                    problems=told,
                )
            )
    return tuple(found)


def changed(old: Delivery | None, new: Delivery | None) -> tuple[str, ...]:
    """Return the lines in which two deliveries differ, but for the name of the template itself."""
    names = tuple("nothing" if one is None else _named(one) for one in (old, new))
    before, after = (
        msgspec.structs.replace(one, template="", template_version="") if one else ()
        for one in (old, new)
    )
    return diff.values(before, after, *names)


def _with(library: Library, new: DeliveryTemplate) -> Library:
    name = new.spec.template
    others = tuple(t for t in library.templates.get(name, ()) if t.spec.version != new.spec.version)
    together = sorted((*others, new), key=lambda t: versions.key(t.spec.version) or (0, 0, 0))
    return Library({**library.templates, name: tuple(together)}, library.environments)
