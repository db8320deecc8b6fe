"""
How values meet: template, environment, application and this release, later ones winning.

::

    template default → environment → application → application@environment → this release

Objects merge deeply (RFC 7396, JSON Merge Patch: null deletes), lists are replaced. A template's
locks name what nobody below may change. The result knows where each value came from, and a problem
of a value is told where that value was written.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from serinus.core.errors import Problem
from serinus.core.spec import checker, course, mend, parameters, patch, place, placeholder, problems
from serinus.core.spec import versions as order
from serinus.core.spec.application import Defaults, DeliverySpec, Environment, TemplateRef
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.gating import NOWHERE, Surroundings
from serinus.core.spec.limits import Limits
from serinus.core.spec.origin import Origins
from serinus.core.spec.template import BODY, Body, DeliveryTemplate

DEFAULT_TEMPLATE = TemplateRef("canary-standard")
"""What an application gets that names no template: the cautious one."""


class Library(msgspec.Struct, frozen=True):
    """What applications may refer to: templates by name, oldest version first; environments."""

    templates: Mapping[str, tuple[DeliveryTemplate, ...]]
    environments: Mapping[str, Environment]


class Layer(msgspec.Struct, frozen=True):
    """
    One layer of wishes: its words for people, the path of its document, and its delivery.

    ``general``: it speaks to applications with different templates, so that a parameter counts
    where the template has it. ``texts``: its parameters came as texts, as from a command line.
    """

    origin: str
    path: str
    delivery: DeliverySpec | Defaults
    general: bool = False
    texts: bool = False


class Resolution(msgspec.Struct, frozen=True):
    """The effective delivery, where each of its values came from, and what is wrong with it."""

    delivery: Delivery | None
    provenance: Mapping[str, str]
    problems: tuple[Problem, ...]
    parameters: Mapping[str, Any] = {}
    template: DeliveryTemplate | None = None


def resolve(
    layers: tuple[Layer, ...],
    library: Library,
    limits: Limits,
    surroundings: Surroundings = NOWHERE,
) -> Resolution:
    """Let the layers meet, the first one weakest."""
    template, found = _template(layers, library)
    if template is None:
        return Resolution(None, {}, found)
    origins = Origins(template.metadata.name, "spec.delivery", "spec.delivery.parameters.{}")
    values, more = _parameters(template, layers, library, origins)
    found += more
    body = written(template)
    for layer in layers:
        found += _patched(body, layer, template, origins)
    delivery, more = fill(template, body, values, limits, origins, surroundings=surroundings)
    found += more
    return Resolution(
        delivery=None if problems.errors(found) else delivery,
        provenance=origins.provenance(),
        problems=found,
        parameters=values,
        template=template,
    )


def written(template: DeliveryTemplate) -> dict[str, Any]:
    """Return a template's body as it was written, placeholders and all."""
    body = {key: getattr(template.spec, field(key)) for key in BODY}
    return {key: value for key, value in body.items() if value is not None}


def fill(
    template: DeliveryTemplate,
    body: Mapping[str, Any],
    values: Mapping[str, Any],
    limits: Limits,
    origins: Origins,
    *,
    surroundings: Surroundings = NOWHERE,
) -> tuple[Delivery | None, tuple[Problem, ...]]:
    """Fill a body and resolve it; problems are led to where the values were written."""
    filled = placeholder.fill(body, values, template.spec.parameters)
    origins.fill(filled.used, body)
    if not filled.whole:
        return None, tuple(origins.lead(p) for p in filled.problems)
    checked = mend.check(filled.value, Body)
    if checked.value is None:
        return None, tuple(origins.lead(p) for p in checked.problems)
    compiled, found = course.compile_body(checked.value, limits, surroundings)
    found = (*checked.problems, *checked.other(found))
    if compiled is not None:
        spec = template.spec
        compiled = msgspec.structs.replace(
            compiled, template=spec.template, template_version=spec.version
        )
    return compiled, tuple(origins.lead(p) for p in found)


def field(key: str) -> str:
    """Return the Python name of a key (``onFail`` → ``on_fail``)."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in key)


# --- the template -------------------------------------------------------------------------------


def _template(
    layers: tuple[Layer, ...], library: Library
) -> tuple[DeliveryTemplate | None, tuple[Problem, ...]]:
    chosen, where = DEFAULT_TEMPLATE, "spec.delivery.template"
    for layer in layers:
        if layer.delivery.template is not None:
            chosen, where = _ref(layer), f"{layer.path}.template"
    versions = library.templates.get(chosen.name)
    if not versions:
        message = checker.unknown(chosen.name, list(library.templates), "template")
        return None, (Problem(where, message),)
    fitting = [t for t in versions if order.fits(t.spec.version, chosen.version)]
    if not fitting:
        known = ", ".join(t.spec.version for t in versions)
        message = (
            f"template {chosen.name} has no version {checker.shown(chosen.version)}; known: {known}"
        )
        return None, (Problem(where, message),)
    newest = max(fitting, key=lambda t: order.key(t.spec.version) or (0, 0, 0))
    return newest, _deprecated(newest, where)


def _ref(layer: Layer) -> TemplateRef:
    ref = layer.delivery.template or DEFAULT_TEMPLATE
    return TemplateRef(ref) if isinstance(ref, str) else ref


def _deprecated(template: DeliveryTemplate, where: str) -> tuple[Problem, ...]:
    why = template.spec.deprecated
    if why is None:
        return ()
    message = f"template {template.metadata.name} is deprecated"
    message += f" since {why.since}" if why.since else ""
    message += f": {why.message}" if why.message else ""
    message += f"; use {why.use}" if why.use else ""
    message = " ".join(message.split())
    return (Problem(where, message, problems.Severity.WARNING),)


# --- parameters ---------------------------------------------------------------------------------


def _parameters(
    template: DeliveryTemplate, layers: tuple[Layer, ...], library: Library, origins: Origins
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    schema = template.spec.parameters
    values = {name: p.default for name, p in schema.items() if p.default is not None}
    for name in values:
        origins.default(name)
    found: list[Problem] = []
    wrong: set[str] = set()
    named = DEFAULT_TEMPLATE.name
    for layer in layers:
        named = named if layer.delivery.template is None else _ref(layer).name
        for name, value in layer.delivery.parameters.items():
            path = f"{layer.path}.{place.text(('parameters', name))}"
            if name not in schema:
                if not _meant_elsewhere(name, layer, named, template, library):
                    message = checker.unknown(name, list(schema), "parameter")
                    message += f" (template {template.metadata.name})"
                    found.append(Problem(path, message))
                continue
            why = _given(template, layer, name, value, values)
            if why:
                found.append(Problem(path, why))
                wrong.add(name)
            else:
                origins.parameter(name, layer.origin, path)
    for name in schema:
        if name not in values and name not in wrong:
            message = f"template {template.metadata.name} needs a value for '{name}'"
            found.append(Problem(f"spec.delivery.parameters.{name}", message))
    return values, tuple(found)


def _given(
    template: DeliveryTemplate, layer: Layer, name: str, value: Any, values: dict[str, Any]
) -> str:
    """Take a parameter's value from a layer, or say why not. Null takes back what was said."""
    parameter = template.spec.parameters[name]
    if layer.texts and isinstance(value, str):
        value = parameters.read(parameter, value)
    if value is None:
        value = parameter.default
    why = "" if value is None else parameters.wrong(parameter, value)
    if value != parameter.default and _locked(template, ("parameters", name)):
        return f"template {template.metadata.name} locks this"
    if not why:
        values[name] = value
        if value is None:
            del values[name]
    return why


def _meant_elsewhere(
    name: str, layer: Layer, name_then: str, template: DeliveryTemplate, library: Library
) -> bool:
    """Tell whether a parameter was meant for another template, which this application left."""
    if layer.general:
        return any(name in t.spec.parameters for ts in library.templates.values() for t in ts)
    if name_then == template.spec.template:
        return False
    return any(name in t.spec.parameters for t in library.templates.get(name_then, ()))


# --- the body -----------------------------------------------------------------------------------


def _patched(
    body: dict[str, Any], layer: Layer, template: DeliveryTemplate, origins: Origins
) -> tuple[Problem, ...]:
    """Patch the body by one layer, where the template does not lock it."""
    if not isinstance(layer.delivery, DeliverySpec):
        return ()
    found: list[Problem] = []
    for key in BODY:
        change = getattr(layer.delivery, field(key), msgspec.UNSET)
        if change is msgspec.UNSET:
            continue
        merged = patch.merge(body, {key: change})
        places = patch.leaves(change, (key,))
        touched = [p for p in places if _locked(template, p)] if merged != body else []
        for path in touched:
            where = f"{layer.path}.{place.text(path)}"
            found.append(Problem(where, f"template {template.metadata.name} locks this"))
        if not touched:
            body.pop(key, None)
            body.update(merged)
            origins.patch(places, layer.origin, layer.path)
    return tuple(found)


def _locked(template: DeliveryTemplate, path: place.Place) -> bool:
    """Tell whether a lock stands on a path, above it or below it."""
    return any(patch.touches(place.pointer(lock), path) for lock in template.spec.locks)
