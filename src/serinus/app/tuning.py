"""
The template of an application and its parameters, as inputs of a form.

Which inputs there are follows from the template that is chosen: each has the bounds, the choices
and the unit that the template's author gave it, and says whose value holds where none is written.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from serinus.app import inputs
from serinus.app.inputs import Choice, Field
from serinus.app.level import ABSENT, APPLICATION, Level, mapping
from serinus.core.spec import patch, place, placeholder, resolve, versions
from serinus.core.spec.resolve import DEFAULT_TEMPLATE, Library
from serinus.core.spec.template import DeliveryTemplate, Parameter
from serinus.ports.documents import Edit

TEMPLATE = "template"
VERSION = "templateVersion"
COURSE, JUDGE = "course", "judge"
"""Headings: how it goes forward, and by what it is judged."""

DEFAULT = "template default"

_JUDGING = ("checks", "judge", "onFail", "onNoData", "onUnverified", "verified", "strikes")


class Chosen(NamedTuple):
    """The template that a level comes to, and who chose it; None: there is no such one."""

    name: str
    version: str
    origin: str
    template: DeliveryTemplate | None


class Said(NamedTuple):
    """A parameter's value, and who says it."""

    value: Any
    origin: str


# --- the template -------------------------------------------------------------------------------


def chosen(level: Level, library: Library) -> Chosen:
    """Return the template that holds at a level: the newest version that fits what is asked."""
    name, version, origin = DEFAULT_TEMPLATE.name, "", "default"
    for said, where in _layers(level, library):
        found = _reference(said.get("template"))
        if found is not None:
            (name, version), origin = found, where
    return Chosen(name, version, origin, find(library, name, version))


def find(library: Library, name: str, version: str) -> DeliveryTemplate | None:
    """Return the newest version of a template that fits; None when there is none."""
    fitting = [t for t in library.templates.get(name, ()) if versions.fits(t.spec.version, version)]
    return max(fitting, key=lambda t: versions.key(t.spec.version) or (0, 0, 0), default=None)


def _layers(level: Level, library: Library) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Return what each layer says of the delivery, the weakest first."""
    environment = library.environments.get(level.environment)
    if environment is not None:
        defaults = environment.spec.defaults
        said = {"template": defaults.template, "parameters": defaults.parameters}
        yield said, f"environment {level.environment}"
    if level.environment:
        yield mapping(level.inherited("delivery")), APPLICATION
        yield mapping(level.own("delivery")), f"{APPLICATION}@{level.environment}"
    else:
        yield mapping(level.own("delivery")), APPLICATION


def _reference(said: Any) -> tuple[str, str] | None:
    if isinstance(said, str) and said:
        return said, ""
    name = getattr(said, "name", None) or mapping(said).get("name")
    version = getattr(said, "version", None) or mapping(said).get("version") or ""
    return (name, str(version)) if isinstance(name, str) else None


def choices(level: Level, library: Library) -> tuple[Field, Field]:
    """Return the inputs for the template and its version."""
    holds = chosen(level, library)
    own = _reference(level.own("delivery", "template"))
    name, version = own or ("", "")
    above = chosen(Level(_without(level), level.environment), library)
    known = sorted(library.templates)
    of = library.templates.get(holds.name, ())
    majors = sorted({t.spec.version.partition(".")[0] for t in of})
    return (
        Field(
            name=TEMPLATE,
            title="Template",
            group=COURSE,
            kind="choice",
            value=name,
            inherited=above.name,
            origin=above.origin,
            choices=tuple(_template(one, library) for one in known),
            overrides=level.overriding("delivery", "template"),
        ),
        Field(
            name=VERSION,
            title="Version of the template",
            group=COURSE,
            kind="choice",
            value=version,
            inherited="the newest" if own or not above.version else above.version,
            origin=holds.origin,
            choices=(
                *(Choice(major, f"the newest {major}.x") for major in majors),
                *(Choice(t.spec.version, f"always {t.spec.version}") for t in reversed(of)),
            ),
        ),
    )


def _template(name: str, library: Library) -> Choice:
    newest = library.templates[name][-1].spec
    return Choice(name, newest.title or name, newest.about)


def _without(level: Level) -> Mapping[str, Any]:
    """Return the document as it would be if this level named no template."""
    where = level.at("delivery", "template")
    if level.own("delivery", "template") is ABSENT:
        return level.data
    found: Mapping[str, Any] = patch.changed(level.data, where)
    return found


# --- parameters ---------------------------------------------------------------------------------


def parameters(level: Level, library: Library) -> tuple[Field, ...]:
    """Return an input for each parameter of the template, and for each that it does not have."""
    template = chosen(level, library).template
    own = mapping(level.own("delivery", "parameters"))
    schema = {} if template is None else template.spec.parameters
    judging = frozenset() if template is None else _judged(template)
    above = inherited(level, library, template)
    found = [
        msgspec.structs.replace(
            _parameter(level, name, parameter, above.get(name)),
            group=JUDGE if name in judging else COURSE,
            locked=lock(template, ("parameters", name)),
        )
        for name, parameter in sorted(schema.items(), key=lambda item: item[1].order)
    ]
    strange = [
        Field(
            name=_input(level, str(name)),
            title=str(name),
            group=COURSE,
            value=inputs.shown(own[name]),
        )
        for name in own
        if name not in schema
    ]
    return (*found, *strange)


def inherited(level: Level, library: Library, template: DeliveryTemplate | None) -> dict[str, Said]:
    """Return what each parameter is where this level says nothing, and who says so."""
    schema = {} if template is None else template.spec.parameters
    found = {n: Said(p.default, DEFAULT) for n, p in schema.items() if p.default is not None}
    *below, _ = _layers(level, library)
    for said, origin in below:
        for name, value in mapping(said.get("parameters")).items():
            if value is not None:
                found[name] = Said(value, origin)
            elif name in schema and schema[name].default is not None:
                found[name] = Said(schema[name].default, DEFAULT)
            else:
                found.pop(name, None)
    return found


def _parameter(level: Level, name: str, parameter: Parameter, above: Said | None) -> Field:
    own = mapping(level.own("delivery", "parameters")).get(name, ABSENT)
    flags = (Choice("true", "yes"), Choice("false", "no")) if parameter.type == "boolean" else ()
    offered = tuple(Choice(inputs.shown(one)) for one in parameter.enum or ()) or flags
    return Field(
        name=_input(level, name),
        title=parameter.title or name,
        group=COURSE,
        kind="choice" if offered else kind(parameter),
        value=inputs.shown(own),
        inherited="" if above is None else inputs.shown(above.value),
        origin="" if above is None else above.origin,
        choices=offered,
        minimum=_bound(parameter.minimum),
        maximum=_bound(parameter.maximum),
        required=above is None,
        overrides=level.overriding("delivery", "parameters", name),
    )


def kind(parameter: Parameter) -> str:
    """Return what an input of a parameter takes."""
    known = {"percent", "duration", "quantity", "integer", "number", "boolean"}
    said = parameter.format or parameter.type
    return said if said in known else "text"


def _bound(value: Any) -> str:
    return "" if value is None else inputs.shown(value)


def lock(template: DeliveryTemplate | None, where: place.Place) -> str:
    """Say why a place of the body, or a parameter, cannot be changed; empty if it can."""
    if template is None or not any(
        patch.touches(place.pointer(one), where) for one in template.spec.locks
    ):
        return ""
    return f"template {template.metadata.name} locks this"


def _judged(template: DeliveryTemplate) -> frozenset[str]:
    """Return the parameters that stand where a template says by what it judges."""
    body = resolve.written(template)
    used = placeholder.fill(body, {}, template.spec.parameters).used
    return frozenset(name for where, name in used.items() if where[0] in _JUDGING)


def _input(level: Level, name: str) -> str:
    return place.text(level.at("delivery", "parameters", name))


# --- back ---------------------------------------------------------------------------------------


def choose(level: Level, library: Library, name: str, version: str) -> Iterator[Edit]:
    """Return the edits that choose a template; parameters that it does not have are taken away."""
    said = level.own("delivery", "template")
    before = _reference(said) or ("", "")
    if before == (name, version):
        return
    where = level.at("delivery", "template")
    if not name:
        yield Edit(where)
    elif isinstance(said, Mapping):
        if name != before[0]:
            yield Edit((*where, "name"), name)
        if version != before[1]:
            yield Edit((*where, "version"), version) if version else Edit((*where, "version"))
    else:
        yield Edit(where, {"name": name, "version": version} if version else name)
    if name != before[0]:
        yield from _left(level, library, name)


def _left(level: Level, library: Library, name: str) -> Iterator[Edit]:
    """Take away the parameters that the new template does not have."""
    offered = library.templates.get(name, ())
    known = {parameter for one in offered for parameter in one.spec.parameters}
    for parameter in mapping(level.own("delivery", "parameters")):
        if offered and parameter not in known:
            yield Edit(level.at("delivery", "parameters", parameter))
