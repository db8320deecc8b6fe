"""
Review: everything that is wrong with one document, at once, each with its path.

What needs other documents (the template, the environment, the platform's limits) is found when the
application is resolved: :mod:`serinus.core.spec.effective`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, assert_never

import msgspec

from serinus.core.errors import Problem, Severity
from serinus.core.spec import (
    checker,
    formats,
    hours,
    mend,
    notify,
    parameters,
    patch,
    place,
    placeholder,
    problems,
    resolve,
    territory,
    versions,
    workload,
)
from serinus.core.spec.application import (
    API,
    Application,
    ApplicationSpec,
    DeliverySpec,
    Environment,
)
from serinus.core.spec.limits import Limits
from serinus.core.spec.origin import Origins
from serinus.core.spec.plan import not_yet
from serinus.core.spec.template import BODY, CAPABILITIES, DeliveryTemplate

Document = Application | Environment | DeliveryTemplate

KINDS: Mapping[str, type[Application | Environment | DeliveryTemplate]] = {
    "Application": Application,
    "Environment": Environment,
    "DeliveryTemplate": DeliveryTemplate,
}
_LATER = ("CheckSet", "Fleet", "FlagRamp")
_OURS = ("FleetRelease", "Intent", "Release")
PATCHED = ("version", "workload", "route", "delivery")
"""What an application's environments may patch."""


def document(data: object) -> tuple[Document | None, tuple[Problem, ...]]:
    """Review one document by its kind; the document is None when it cannot be used."""
    found, told = read(data)
    return (None if problems.errors(told) else found), told


def read(data: object) -> tuple[Document | None, tuple[Problem, ...]]:
    """Review one document; it is None only when it has not the form of its kind."""
    if not isinstance(data, Mapping):
        return None, (Problem("", f"{checker.shown(data)} is not a mapping"),)
    large = checker.size(data)
    if large:
        return None, large
    told = _head(data)
    wanted = data.get("kind")
    kind = KINDS.get(wanted) if isinstance(wanted, str) else None
    if kind is None:
        return None, problems.as_written(told, data)
    form: mend.Mended[Any] = mend.check(data, kind)
    told += tuple(p for p in form.problems if p.path not in {"kind", "apiVersion"})
    if form.value is not None:
        told += form.other(_meaning(form.value, data))
    found = None if form.problems else form.value
    return found, problems.as_written(told, data)


def _meaning(found: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    match found:
        case Application():
            return _application(found, data)
        case DeliveryTemplate():
            return _template(found)
        case Environment():
            return _environment(found)
        case _:
            assert_never(found)


def _head(data: Mapping[str, Any]) -> tuple[Problem, ...]:
    found = []
    version, kind = data.get("apiVersion"), data.get("kind")
    if version is None:
        found.append(Problem("apiVersion", f"'apiVersion' is missing; wanted {API}"))
    elif version != API:
        message = f"{checker.shown(version)} is not known; wanted {API}"
        found.append(Problem("apiVersion", message))
    if kind is None:
        message = f"'kind' is missing; wanted {', '.join(KINDS)}"
    elif not isinstance(kind, str):
        message = f"{checker.shown(kind)} is not a kind; wanted {', '.join(KINDS)}"
    elif kind in _LATER:
        message = not_yet(f"the kind {kind}")
    elif kind == "ClusterDeliveryTemplate":
        message = "templates of a whole cluster are there; here write kind: DeliveryTemplate"
    elif kind in _OURS:
        message = f"a {kind} is written by the controller alone; ask by a command"
    elif kind not in KINDS:
        message = checker.unknown(kind, list(KINDS), "kind")
    else:
        return tuple(found)
    return (*found, Problem("kind", message))


def _name(name: str) -> Iterator[Problem]:
    wrong = formats.wrong("name", name)
    if wrong:
        yield Problem("metadata.name", wrong)


def _environment(found: Environment) -> Iterator[Problem]:
    yield from _name(found.metadata.name)
    for problem in hours.review(found.spec):
        yield msgspec.structs.replace(problem, path=f"spec.{problem.path}")
    for problem in territory.review(found.spec):
        yield msgspec.structs.replace(problem, path=f"spec.{problem.path}")
    yield from notify.review(found.spec.notify or ())


# --- applications -------------------------------------------------------------------------------


def _application(found: Application, data: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _name(found.metadata.name)
    meant = tuple(workload.review(found.spec))
    for problem in meant:
        yield msgspec.structs.replace(problem, path=f"spec.{problem.path}")
    # A problem of the application itself is told once, not again for each environment.
    own = {*meant, *patched(data, "").problems}
    for environment, change in found.spec.environments.items():
        yield from _change(environment, change, data, own)


def _change(
    environment: str, change: object, data: Mapping[str, Any], own: set[Problem]
) -> Iterator[Problem]:
    """Review an environment's patch: by itself, and by what it makes of the application."""
    here = ("spec", "environments", environment)
    path = place.text(here)
    wrong = formats.wrong("name", environment)
    if wrong:
        yield Problem(path, wrong)
    if not isinstance(change, Mapping):
        yield Problem(path, f"{checker.shown(change)} is not a mapping")
        return
    for key in change:
        if key not in PATCHED:
            yield Problem(place.text((*here, key)), checker.unknown(key, PATCHED, "field"))
    if change.get("delivery") is not None:
        _, found = checker.check(change["delivery"], DeliverySpec, (*here, "delivery"))
        yield from found
    merged = patched(data, environment)
    meant = () if merged.value is None else tuple(workload.review(merged.value))
    places = patch.leaves(change)
    for problem in (*merged.problems, *merged.other(meant)):
        mine = any(patch.touches(p, place.parse(problem.path)) for p in places)
        if mine or problem not in own:
            yield msgspec.structs.replace(problem, path=f"{path}.{problem.path}")


def patched(data: Mapping[str, Any], environment: str) -> mend.Mended[ApplicationSpec]:
    """Return the spec with an environment's patch, but for ``delivery``, which is layered."""
    written = data.get("spec")
    if not isinstance(written, Mapping):
        return mend.Mended(None, ())
    changes = written.get("environments")
    change = changes.get(environment) if isinstance(changes, Mapping) else None
    if not isinstance(change, Mapping):
        change = {}
    rest = {k: v for k, v in change.items() if k in PATCHED and k != "delivery"}
    base = {k: v for k, v in written.items() if k not in {"environments", "delivery"}}
    return mend.check(patch.merge(base, rest), ApplicationSpec)


# --- templates ----------------------------------------------------------------------------------


def _template(found: DeliveryTemplate) -> Iterator[Problem]:
    spec = found.spec
    wanted = f"{spec.template}-{spec.version}"
    if versions.key(spec.version) is None:
        message = (
            f"{checker.shown(spec.version)} is not a version; wanted three numbers, such as 1.0.0"
        )
        yield Problem("spec.version", message)
    elif found.metadata.name != wanted:
        message = (
            f"{checker.shown(found.metadata.name)} does not tell its version; wanted '{wanted}'"
        )
        yield Problem("metadata.name", message)
    for index, need in enumerate(spec.needs):
        if need not in CAPABILITIES:
            message = checker.unknown(need, CAPABILITIES, "capability")
            yield Problem(f"spec.needs[{index}]", message)
    yield from _locks(found)
    bad = parameters.review(spec.parameters, "spec.parameters")
    yield from bad or _body(found)


def _locks(found: DeliveryTemplate) -> Iterator[Problem]:
    for index, lock in enumerate(found.spec.locks):
        first, *rest = place.pointer(lock) if lock.startswith("/") else ("",)
        here = f"spec.locks[{index}]"
        if first not in (*BODY, "parameters"):
            message = (
                f"{checker.shown(lock)} locks nothing; wanted a pointer such as /checks or /onFail"
            )
            yield Problem(here, message)
        elif first == "parameters" and rest and rest[0] not in found.spec.parameters:
            known = list(found.spec.parameters)
            yield Problem(here, checker.unknown(str(rest[0]), known, "parameter"))


def _body(found: DeliveryTemplate) -> Iterator[Problem]:
    """Review the body as its defaults fill it; an example stands for a default that lacks."""
    declared = found.spec.parameters
    origins = Origins(found.metadata.name, "spec", "spec.parameters.{}.default")
    values = {
        name: parameters.example(p) if p.default is None else p.default
        for name, p in declared.items()
    }
    body = resolve.written(found)
    _, told = resolve.fill(found, body, values, Limits(), origins)
    examples = {f"spec.parameters.{n}.default" for n, p in declared.items() if p.default is None}
    yield from (p for p in told if p.path not in examples)
    used = set(placeholder.fill(body, values, declared).used.values())
    for name in declared:
        if name not in used:
            message = "no placeholder asks for it"
            yield Problem(f"spec.parameters.{name}", message, Severity.WARNING)
