"""
Inputs of a form: values as people type them, and back.

A text that cannot be read as what is wanted is written as it was typed: the review of the document
says what is wrong with it, in the words that it has for everybody, and the sentence stands beside
the input. An empty text is nothing: what holds then is what was there before.
"""

import re
import shlex
from typing import Any

import msgspec

from serinus.app.level import ABSENT
from serinus.core.spec import parameters
from serinus.core.spec.template import Parameter

NOTHING = "-"
"""What is typed where ``null`` is meant."""

_BARE = re.compile(r"[0-9]+(\.[0-9]+)?")


class Choice(msgspec.Struct, frozen=True, rename="camel"):
    """One thing to choose; ``title`` is what people read, ``about`` what is worth knowing of it."""

    value: str
    title: str = ""
    about: str = ""


class Field(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """
    One input of a form, with everything that is to be shown beside it.

    ``name`` is the input's name: the place of the value in the document (``spec.workload.port``),
    or the name of something that several values make (``objective.success``). ``group``: under
    which heading it stands. ``kind``: what it takes, one of

    * ``text``, ``integer``, ``number``, ``percent`` (``5%``; ``5`` is taken for it), ``duration``
      (``90s``), ``quantity`` (``500m``, ``64Mi``);
    * ``words``: a command in one line, quoted as in a shell; ``lines``: a list, one a line;
    * ``choice``: one of ``choices``, or nothing.

    ``value``: what is written at this level, as text; empty: nothing is. ``inherited``: what holds
    then, and ``origin`` who says so, in words. ``overrides``: the environments that say otherwise.
    ``section``: what it is about besides its title, where several of one title stand under the
    heading. ``turns``: other inputs are there once another value is chosen.
    ``locked``: why it cannot be changed, empty when it can. ``problems``: what is wrong with it.
    """

    name: str
    title: str
    group: str
    kind: str = "text"
    value: str = ""
    inherited: str = ""
    origin: str = ""
    about: str = ""
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    minimum: str = ""
    maximum: str = ""
    required: bool = False
    section: str = ""
    turns: bool = False
    locked: str = ""
    overrides: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def shown(value: Any, kind: str = "text") -> str:
    """Write a value as somebody would type it."""
    match value:
        case msgspec.UnsetType():
            return ""
        case None:
            return NOTHING
        case bool():
            return "true" if value else "false"
        case list() if kind == "words":
            return shlex.join(str(word) for word in value)
        case list() if kind == "lines":
            return "\n".join(str(line) for line in value)
        case list() | dict():
            return msgspec.json.encode(value).decode()
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def same(one: str, other: str) -> bool:
    """Tell whether two texts are the same input: a page sends other line ends, and blanks."""
    return tidy(one) == tidy(other)


def tidy(text: str) -> str:
    """Return a text without the blanks around it, its lines as here."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def read(text: str, kind: str, before: Any = ABSENT) -> Any:
    """Read what was typed; ``before``: what was written there, whose form is kept."""
    text = tidy(text)
    if text == NOTHING:
        return None
    match kind:
        case "words":
            return text if isinstance(before, str) else _words(text)
        case "lines":
            return [line for line in map(str.strip, text.splitlines()) if line]
        case "integer" | "number" | "boolean":
            return parameters.read(Parameter(type=kind), text)
        case "percent" if _BARE.fullmatch(text):
            return f"{text}%"
        case _:
            return text


def _words(text: str) -> str | list[str]:
    """Split a command as a shell would; one that cannot be split stays as it was typed."""
    try:
        return shlex.split(text)
    except ValueError:
        return text
