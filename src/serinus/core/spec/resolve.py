"""
How values meet: template, environment, application and this release, later ones winning.

::

    template default → environment → application → application@environment → this release

Objects merge deeply (RFC 7396, JSON Merge Patch: null deletes), lists are replaced. A template's
locks name what nobody below may change. The result knows where each value came from.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from serinus.core.errors import Problem, Severity
from serinus.core.spec import checker, course, place, review
from serinus.core.spec.application import Defaults, DeliverySpec, Environment, TemplateRef
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.place import Place
from serinus.core.spec.template import BODY, Body, DeliveryTemplate

DEFAULT_TEMPLATE = TemplateRef("canary-standard")
"""What an application gets that names no template: the cautious one."""


class Library(msgspec.Struct, frozen=True):
    """What applications may refer to: templates by name, oldest version first; environments."""

    templates: Mapping[str, tuple[DeliveryTemplate, ...]]
    environments: Mapping[str, Environment]


class Layer(msgspec.Struct, frozen=True):
    """One layer of wishes: its words for people, the path of its document, and its delivery."""

    origin: str
    path: str
    delivery: DeliverySpec | Defaults


class Resolution(msgspec.Struct, frozen=True):
    """The effective delivery, where each of its values came from, and what is wrong with it."""

    delivery: Delivery | None
    provenance: Mapping[str, str]
    problems: tuple[Problem, ...]
    parameters: Mapping[str, Any] = {}
    template: DeliveryTemplate | None = None


def resolve(
    layers: tuple[Layer, ...], library: Library, limits: course.Limits, *, stage: str = "dev"
) -> Resolution:
    """Let the layers meet, the first one weakest."""
    template, problems = _template(layers, library)
    if template is None:
        return Resolution(None, {}, problems)
    parameters, provenance, more = _parameters(template, layers)
    problems += more
    written = {key: getattr(template.spec, _field(key)) for key in BODY}
    body = {key: value for key, value in written.items() if value is not None}
    provenance.update(dict.fromkeys(body, f"template {template.metadata.name}"))
    for layer in layers:
        problems += _patched(body, layer, template, provenance)
    filled, more = _filled(body, parameters, provenance)
    problems += more
    where = layers[-1].path if layers else "spec.delivery"
    delivery, more = _compiled(filled, template, limits, stage, where)
    problems += tuple(_at_parameter(p, body, where, layers) for p in more)
    if any(p.severity is Severity.ERROR for p in problems):
        delivery = None
    return Resolution(delivery, provenance, problems, parameters, template)


def _compiled(
    filled: Any, template: DeliveryTemplate, limits: course.Limits, stage: str, where: str
) -> tuple[Delivery | None, tuple[Problem, ...]]:
    checked, problems = checker.check(filled, Body, place.parse(where))
    if checked is None:
        return None, problems
    compiled, problems = course.compile_body(checked, limits, stage=stage, path=where)
    if compiled is None:
        return None, problems
    named = msgspec.structs.replace(
        compiled, template=template.spec.template, template_version=template.spec.version
    )
    return named, problems


def _at_parameter(
    problem: Problem, body: Mapping[str, Any], where: str, layers: tuple[Layer, ...]
) -> Problem:
    """Lead a problem of a filled placeholder back to the parameter that people wrote."""
    value: Any = dict(body)
    for part in place.parse(problem.path)[len(place.parse(where)) :]:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return problem
    if not isinstance(value, str) or not value.startswith("${"):
        return problem
    name = value.removeprefix("${").removesuffix("}")
    for layer in reversed(layers):
        if name in layer.delivery.parameters:
            path = f"{layer.path}.parameters.{name}"
            return msgspec.structs.replace(problem, path=path)
    return problem


def merge(value: Any, patch: Any) -> Any:
    """Apply a JSON Merge Patch (RFC 7396) and return the result; the arguments stay as they are."""
    if not isinstance(patch, Mapping):
        return patch
    base = dict(value) if isinstance(value, Mapping) else {}
    for key, change in patch.items():
        if change is None:
            base.pop(key, None)
        else:
            base[key] = merge(base.get(key), change)
    return base


# --- the template -------------------------------------------------------------------------------


def _template(
    layers: tuple[Layer, ...], library: Library
) -> tuple[DeliveryTemplate | None, tuple[Problem, ...]]:
    chosen, where = DEFAULT_TEMPLATE, "spec.delivery.template"
    for layer in layers:
        ref = layer.delivery.template
        if ref is not None:
            chosen = TemplateRef(ref) if isinstance(ref, str) else ref
            where = f"{layer.path}.template"
    versions = library.templates.get(chosen.name)
    if not versions:
        message = checker.unknown(chosen.name, list(library.templates), "template")
        return None, (Problem(where, message),)
    fitting = [t for t in versions if _fits(t.spec.version, chosen.version)]
    if not fitting:
        known = ", ".join(t.spec.version for t in versions)
        message = f"template {chosen.name} has no version '{chosen.version}'; known: {known}"
        return None, (Problem(where, message),)
    return max(fitting, key=lambda t: review.version_key(t.spec.version) or (0, 0, 0)), ()


def _fits(version: str, wanted: str) -> bool:
    return not wanted or version == wanted or version.startswith(f"{wanted}.")


# --- parameters ---------------------------------------------------------------------------------


def _parameters(
    template: DeliveryTemplate, layers: tuple[Layer, ...]
) -> tuple[dict[str, Any], dict[str, str], tuple[Problem, ...]]:
    schema = template.spec.parameters
    values = {name: p.default for name, p in schema.items() if p.default is not None}
    provenance = dict.fromkeys((f"parameters.{name}" for name in values), "template default")
    problems: list[Problem] = []
    for layer in layers:
        for name, value in layer.delivery.parameters.items():
            path = f"{layer.path}.parameters.{name}"
            if name not in schema:
                message = checker.unknown(name, list(schema), "parameter")
                problems.append(Problem(path, f"{message} (template {template.metadata.name})"))
                continue
            if _locked(template, ("parameters", name)):
                problems.append(Problem(path, f"template {template.metadata.name} locks this"))
                continue
            wrong = review.parameter_wrong(schema[name], value)
            if wrong:
                problems.append(Problem(path, wrong))
            else:
                values[name] = value
                provenance[f"parameters.{name}"] = layer.origin
    for name in schema:
        if name not in values:
            where = f"{layers[-1].path if layers else 'spec.delivery'}.parameters.{name}"
            message = f"template {template.metadata.name} needs a value for '{name}'"
            problems.append(Problem(where, message))
    return values, provenance, tuple(problems)


# --- the body -----------------------------------------------------------------------------------


def _patched(
    body: dict[str, Any], layer: Layer, template: DeliveryTemplate, provenance: dict[str, str]
) -> tuple[Problem, ...]:
    """Patch the body by one layer, where the template does not lock it."""
    if not isinstance(layer.delivery, DeliverySpec):
        return ()
    problems: list[Problem] = []
    for key in BODY:
        patch = getattr(layer.delivery, _field(key), None)
        if patch is None:
            continue
        touched = [p for p in _leaves(patch, (key,)) if _locked(template, p)]
        for path in touched:
            where = f"{layer.path}.{place.text(path)}"
            problems.append(Problem(where, f"template {template.metadata.name} locks this"))
        if not touched:
            body[key] = merge(body.get(key), patch)
            for path in _leaves(patch, (key,)):
                provenance[place.text(path)] = layer.origin
    return tuple(problems)


def _leaves(value: Any, path: Place) -> list[Place]:
    if isinstance(value, Mapping) and value:
        return [leaf for key, item in value.items() for leaf in _leaves(item, (*path, str(key)))]
    return [path]


def _locked(template: DeliveryTemplate, path: Place) -> bool:
    """Tell whether a lock stands on a path, above it or below it."""
    for lock in template.spec.locks:
        locked = place.pointer(lock)
        length = min(len(locked), len(path))
        if locked[:length] == path[:length]:
            return True
    return False


def _filled(
    value: Any, parameters: Mapping[str, Any], provenance: dict[str, str], path: Place = ()
) -> tuple[Any, tuple[Problem, ...]]:
    """Put parameters in the place of placeholders, which are whole values."""
    if isinstance(value, Mapping):
        filled = {k: _filled(v, parameters, provenance, (*path, k)) for k, v in value.items()}
        problems = tuple(p for _, found in filled.values() for p in found)
        return {k: v for k, (v, _) in filled.items() if v is not None}, problems
    if isinstance(value, list):
        items = [_filled(v, parameters, provenance, (*path, i)) for i, v in enumerate(value)]
        return [v for v, _ in items], tuple(p for _, found in items for p in found)
    if not isinstance(value, str) or not value.startswith("${"):
        return value, ()
    name = value.removeprefix("${").removesuffix("}")
    if name not in parameters:
        message = checker.unknown(name, list(parameters), "parameter")
        return None, (Problem(f"spec.{place.text(path)}", message),)
    provenance[place.text(path)] = f"{provenance[f'parameters.{name}']}: {name}"
    return parameters[name], ()


def _field(key: str) -> str:
    """Return the Python name of a key (``onFail`` → ``on_fail``)."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in key)
