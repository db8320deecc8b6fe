"""
Placeholders: ``"${start}"`` in a template stands for the value of a parameter.

Only whole values may be placeholders: no text is pasted together, and no code runs.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from serinus.core.errors import Problem
from serinus.core.spec import checker, place
from serinus.core.spec.place import Place

_WHOLE = re.compile(r"\$\{([A-Za-z][A-Za-z0-9_-]*)\}")


class Filled(NamedTuple):
    """
    A value with its placeholders filled.

    ``used``: which parameter stands at which place. ``whole`` is False when a placeholder could
    not be filled, so that the value is not worth a look.
    """

    value: Any
    problems: tuple[Problem, ...]
    used: Mapping[Place, str]
    whole: bool


def name(value: object) -> str | None:
    """Return the name of the parameter that a value stands for, None for all other values."""
    match = _WHOLE.fullmatch(value) if isinstance(value, str) else None
    return None if match is None else match[1]


def wrong(text: str) -> str:
    """Say what is wrong with a text that looks like a placeholder and is none."""
    if "${" not in text or name(text) is not None:
        return ""
    if "}" not in text[text.index("${") :]:
        return f"{checker.shown(text)} is not closed; wanted a placeholder such as '${{start}}'"
    return (
        f"{checker.shown(text)} is no placeholder; a placeholder is a whole value "
        "such as '${start}'"
    )


def fill(value: Any, values: Mapping[str, Any], declared: Collection[str]) -> Filled:
    """
    Put values in the place of placeholders.

    A parameter that is ``declared`` and has no value leaves a hole without a problem: why it has
    none is told where it was written.
    """
    problems: list[Problem] = []
    used: dict[Place, str] = {}

    def walk(value: Any, path: Place) -> Any:
        if isinstance(value, Mapping):
            inner = {key: walk(item, (*path, str(key))) for key, item in value.items()}
            return {key: item for key, item in inner.items() if item is not None}
        if isinstance(value, list):
            return [walk(item, (*path, index)) for index, item in enumerate(value)]
        if not isinstance(value, str):
            return value
        return put(value, path)

    def put(text: str, path: Place) -> Any:
        asked, why = name(text), wrong(text)
        if why:
            problems.append(Problem(place.text(path), why))
        elif asked is not None and asked not in declared:
            message = checker.unknown(asked, sorted(declared), "parameter")
            problems.append(Problem(place.text(path), message))
        elif asked is not None:
            used[path] = asked
            return values.get(asked)
        return text

    filled = walk(value, ())
    whole = not problems and all(asked in values for asked in used.values())
    return Filled(filled, tuple(problems), used, whole)
