"""
Review: everything that is wrong with one document, at once, each with its path.

What needs other documents (the template, the environment, the platform's limits) is found when the
application is resolved: :mod:`serinus.core.spec.effective`.
"""

from collections.abc import Mapping
from typing import Any

from serinus.core.errors import Problem
from serinus.core.spec import checker, formats, steps
from serinus.core.spec.application import API, Application, Environment
from serinus.core.spec.template import BODY, DeliveryTemplate, Parameter

KINDS: Mapping[str, type[Application | Environment | DeliveryTemplate]] = {
    "Application": Application,
    "Environment": Environment,
    "DeliveryTemplate": DeliveryTemplate,
}

Document = Application | Environment | DeliveryTemplate


def document(data: object) -> tuple[Document | None, tuple[Problem, ...]]:
    """Review one document by its kind; the document is None when it cannot be used."""
    if not isinstance(data, Mapping):
        return None, (Problem("", f"{checker.shown(data)} is not a mapping"),)
    problems = _head(data)
    kind = KINDS.get(str(data.get("kind")))
    if kind is None:
        return None, problems
    found, more = checker.check(data, kind)
    problems += more
    if found is None:
        return None, problems
    match found:
        case Application():
            problems += _application(found)
        case DeliveryTemplate():
            problems += _template(found)
        case Environment():
            problems += _name(found.metadata.name)
    return (None if problems else found), problems


def _head(data: Mapping[str, Any]) -> tuple[Problem, ...]:
    problems = []
    version = data.get("apiVersion")
    if version != API:
        problems.append(
            Problem("apiVersion", f"{checker.shown(version)} is not known; wanted {API}")
        )
    kind = data.get("kind")
    if kind not in KINDS:
        problems.append(Problem("kind", checker.unknown(str(kind), list(KINDS), "kind")))
    return tuple(problems)


def _name(name: str) -> tuple[Problem, ...]:
    wrong = formats.wrong("name", name)
    return (Problem("metadata.name", wrong),) if wrong else ()


def _application(found: Application) -> tuple[Problem, ...]:
    problems = [*_name(found.metadata.name)]
    workload, place = found.spec.workload, "spec.workload"
    if workload.command is None and workload.image is None:
        problems.append(Problem(place, "'command' is missing; wanted what starts one replica"))
    if isinstance(workload.command, list) and not workload.command:
        problems.append(Problem(f"{place}.command", "the list is empty; wanted a program"))
    if workload.replicas < 1:
        message = f"{workload.replicas} replicas cannot serve; wanted 1 or more"
        problems.append(Problem(f"{place}.replicas", message))
    if workload.port is not None and not 1 <= workload.port <= 65535:  # noqa: PLR2004 - TCP's
        problems.append(Problem(f"{place}.port", f"{workload.port} is not a port; wanted 1–65535"))
    if workload.health.path is not None and not workload.health.path.startswith("/"):
        message = f"'{workload.health.path}' is not a path; wanted one such as /healthz"
        problems.append(Problem(f"{place}.health.path", message))
    return tuple(problems)


def _template(found: DeliveryTemplate) -> tuple[Problem, ...]:
    spec = found.spec
    problems = []
    wanted = f"{spec.template}-{spec.version}"
    if found.metadata.name != wanted:
        message = f"'{found.metadata.name}' does not tell its version; wanted '{wanted}'"
        problems.append(Problem("metadata.name", message))
    if version_key(spec.version) is None:
        message = f"'{spec.version}' is not a version; wanted three numbers, such as 1.0.0"
        problems.append(Problem("spec.version", message))
    for name, parameter in spec.parameters.items():
        if parameter.default is not None:
            wrong = parameter_wrong(parameter, parameter.default)
            if wrong:
                problems.append(Problem(f"spec.parameters.{name}.default", wrong))
        if parameter.format is not None and parameter.format not in formats.FORMATS:
            message = checker.unknown(parameter.format, list(formats.FORMATS), "format")
            problems.append(Problem(f"spec.parameters.{name}.format", message))
    for lock in spec.locks:
        first = lock.split("/")[1] if lock.startswith("/") else ""
        if first not in (*BODY, "parameters"):
            message = f"'{lock}' locks nothing; wanted a pointer such as /checks or /onFail"
            problems.append(Problem("spec.locks", message))
    return tuple(problems)


def version_key(version: str) -> tuple[int, int, int] | None:
    """Read a template's version, None when it is none."""
    parts = version.split(".")
    if len(parts) != 3 or not all(p.isdecimal() for p in parts):  # noqa: PLR2004 - major.minor.patch
        return None
    major, minor, patch = (int(p) for p in parts)
    return major, minor, patch


def parameter_wrong(parameter: Parameter, value: object) -> str:
    """Say what is wrong with a parameter's value, empty if nothing is."""
    kind = {"string": str, "integer": int, "number": float, "boolean": bool}.get(parameter.type)
    if kind is None:
        kinds = ["string", "integer", "number", "boolean"]
        return checker.unknown(parameter.type, kinds, "type")
    if parameter.enum is not None:
        if value in parameter.enum:
            return ""
        return f"{checker.shown(value)} is not one of {', '.join(map(str, parameter.enum))}"
    _, problems = checker.check(value, kind)
    if problems:
        return problems[0].message
    if parameter.format:
        wrong = formats.wrong(parameter.format, str(value))
        if wrong:
            return wrong
    return _range(parameter, value)


def _range(parameter: Parameter, value: object) -> str:
    form = parameter.format
    for bound, name, sign in (
        (parameter.minimum, "minimum", -1),
        (parameter.maximum, "maximum", 1),
    ):
        if bound is None:
            continue
        beyond = (
            (_size(form, value) > _size(form, bound))
            if sign > 0
            else (_size(form, value) < _size(form, bound))
        )
        if beyond:
            side = "above" if sign > 0 else "below"
            return f"{value} is {side} the {name} of {bound}"
    return ""


def _size(form: str | None, value: object) -> Any:
    return formats.FORMATS[form](str(value)) if form else value


def written_steps(plan: list[steps.Step], path: str) -> tuple[Problem, ...]:
    """Review the steps of a filled plan: exactly one thing each, shares that rise."""
    problems: list[Problem] = []
    share = None
    for index, step in enumerate(plan):
        place = f"{path}[{index}]"
        given = [what for what in steps.WHAT if getattr(step, what) is not None]
        if len(given) != 1:
            what = f"has {' and '.join(given)}" if given else "says nothing that happens"
            wanted = ", ".join(steps.WHAT)
            problems.append(Problem(place, f"the step {what}; wanted exactly one of {wanted}"))
            continue
        if step.traffic is not None:
            now = formats.FORMATS["percent"](step.traffic.candidate)
            if share is not None and now < share:  # type: ignore[operator]
                message = f"{step.traffic.candidate} is less than the step before"
                problems.append(Problem(f"{place}.traffic.candidate", message))
            share = now
        problems.extend(_gates(step, place))
    if not plan:
        problems.append(Problem(path, "the plan has no steps; wanted one or more"))
    return tuple(problems)


def _gates(step: steps.Step, place: str) -> list[Problem]:
    problems = []
    for index, gate in enumerate(step.gates):
        given = [w for w in ("approval", "window", "webhook") if getattr(gate, w) is not None]
        if len(given) != 1:
            message = "a gate is exactly one of approval, window, webhook"
            problems.append(Problem(f"{place}.gates[{index}]", message))
        if gate.approval is not None and gate.approval.on_timeout not in {"hold", "rollback"}:
            message = checker.unknown(gate.approval.on_timeout, ["hold", "rollback"], "onTimeout")
            problems.append(Problem(f"{place}.gates[{index}].approval.onTimeout", message))
        if gate.approval is not None and gate.approval.count < 1:
            message = f"{gate.approval.count} approvals open nothing; wanted 1 or more"
            problems.append(Problem(f"{place}.gates[{index}].approval.count", message))
    return problems
