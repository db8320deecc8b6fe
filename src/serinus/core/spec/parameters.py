"""Parameters of templates: what may be declared, and which values they take."""

import re
from collections.abc import Mapping
from typing import Any

from serinus.core.errors import Problem
from serinus.core.spec import checker, formats, place
from serinus.core.spec.template import Parameter

TYPES: Mapping[str, type] = {"string": str, "integer": int, "number": float, "boolean": bool}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


# --- what may be declared -----------------------------------------------------------------------


def review(parameters: Mapping[str, Parameter], path: str) -> tuple[Problem, ...]:
    """Review the parameters of a template."""
    problems: list[Problem] = []
    for name, parameter in parameters.items():
        here = f"{path}.{name}"
        if not _NAME.fullmatch(name):
            message = (
                f"{checker.shown(name)} is no name for a parameter; wanted one such as firstShare"
            )
            where = place.text((*place.parse(path), name))
            problems.append(Problem(where, message))
            continue
        found = _declared(parameter, here)
        if not found and parameter.default is not None:
            why = wrong(parameter, parameter.default)
            found = [Problem(f"{here}.default", why)] if why else []
        problems += found
    return tuple(problems)


def _declared(parameter: Parameter, path: str) -> list[Problem]:
    if parameter.type not in TYPES:
        message = checker.unknown(parameter.type, list(TYPES), "type")
        return [Problem(f"{path}.type", message)]
    if parameter.format is not None and parameter.format not in formats.FORMATS:
        message = checker.unknown(parameter.format, list(formats.FORMATS), "format")
        return [Problem(f"{path}.format", message)]
    if parameter.format is not None and parameter.type != "string":
        message = f"the type {parameter.type} has no format; only string has"
        return [Problem(f"{path}.format", message)]
    return [*_enum(parameter, path), *_bounds(parameter, path)]


def _enum(parameter: Parameter, path: str) -> list[Problem]:
    if parameter.enum is None:
        return []
    if not parameter.enum:
        return [Problem(f"{path}.enum", "the list is empty; wanted one choice or more")]
    found = []
    for index, choice in enumerate(parameter.enum):
        why = _unfit(parameter, choice)
        if not why and choice in parameter.enum[:index]:
            why = f"{checker.shown(choice)} stands there twice"
        if why:
            found.append(Problem(f"{path}.enum[{index}]", why))
    return found


def _bounds(parameter: Parameter, path: str) -> list[Problem]:
    given = {"minimum": parameter.minimum, "maximum": parameter.maximum}
    found = []
    for name, bound in given.items():
        if bound is None:
            continue
        why = _unfit(parameter, bound)
        if not _sized(parameter):
            what = parameter.format or parameter.type
            why = f"no {name} for a {what}; numbers, durations, percentages and quantities have one"
        if why:
            found.append(Problem(f"{path}.{name}", why))
    if not found and None not in given.values():
        low, high = (_size(parameter.format, bound) for bound in given.values())
        if low > high:
            message = f"{parameter.minimum} is above the maximum of {parameter.maximum}"
            found.append(Problem(f"{path}.minimum", message))
    return found


def _sized(parameter: Parameter) -> bool:
    return parameter.type in {"integer", "number"} or parameter.format in formats.SIZED


# --- values -------------------------------------------------------------------------------------


def wrong(parameter: Parameter, value: object) -> str:
    """Say what is wrong with a parameter's value, empty if nothing is."""
    why = _unfit(parameter, value)
    if why:
        return why
    if parameter.enum is not None and value not in parameter.enum:
        return f"{checker.shown(value)} is not one of {', '.join(map(_choice, parameter.enum))}"
    return _range(parameter, value)


def read(parameter: Parameter, text: str) -> Any:
    """Read a value that came as text, as from a command line; as it is when it is no such value."""
    match parameter.type:
        case "integer" if _INTEGER.fullmatch(text):
            return int(text)
        case "number" if _NUMBER.fullmatch(text):
            return float(text)
        case "boolean" if text in {"true", "false"}:
            return text == "true"
        case _:
            return text


def example(parameter: Parameter) -> Any:
    """Return a value that fits, for a look at a template some of whose parameters have none."""
    if parameter.enum:
        return parameter.enum[0]
    bound = parameter.minimum if parameter.minimum is not None else parameter.maximum
    if bound is not None:
        return bound
    plain = {"integer": 1, "number": 1.0, "boolean": True}
    return plain.get(parameter.type, formats.EXAMPLES.get(parameter.format or "", "example"))


def _unfit(parameter: Parameter, value: object) -> str:
    """Say why a value is not of the parameter's type and format."""
    form = parameter.format
    if form and isinstance(value, str | int | float) and not isinstance(value, bool):
        wrong = formats.wrong(form, str(value))
        if wrong:
            return wrong
    _, problems = checker.check(value, TYPES[parameter.type])
    return problems[0].message if problems else ""


def _choice(value: object) -> str:
    text = str(value)
    return text if text.isprintable() else checker.shown(text)


def _range(parameter: Parameter, value: object) -> str:
    size = _size(parameter.format, value)
    if parameter.minimum is not None and size < _size(parameter.format, parameter.minimum):
        return f"{value} is below the minimum of {parameter.minimum}"
    if parameter.maximum is not None and size > _size(parameter.format, parameter.maximum):
        return f"{value} is above the maximum of {parameter.maximum}"
    return ""


def _size(form: str | None, value: object) -> Any:
    return formats.FORMATS[form](str(value)) if form else value
