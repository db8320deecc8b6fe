"""
Changes of a text that leave everything else as it was written: comments, layout, quotes.

A change is a piece of text put in the place of another; the one who asks for it reads the result
again and compares before anything is written.
"""

import json
import re
from typing import Any

from serinus.adapters.local import documents
from serinus.adapters.local.documents import Document, Node
from serinus.core.spec.place import Place

_PLAIN = re.compile(
    r"([A-Za-z_/.•]|--?[A-Za-z])([A-Za-z0-9_./%+•@-]|:(?=[A-Za-z0-9_./]))*|[0-9][A-Za-z0-9_./%+-]*"
)
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_BLOCK = frozenset({"|", ">"})


class Impossible(Exception):
    """The text is written in a way that cannot be changed safely by a program."""


def put(text: str, document: Document, path: Place, value: object) -> str:
    """Return the text with one scalar changed, or added where it is absent."""
    node, line_above = document.root, 0
    for depth, part in enumerate(path):
        child = node.children.get(part)
        if child is None:
            return _add(text, node, line_above, path[depth:], value)
        line_above = node.keys.get(part, child.at)[0]
        node = child
    if isinstance(node.value, dict | list):
        raise Impossible(f"line {node.at[0]} holds more than one value")
    if node.value == value and type(node.value) is type(value):
        return text
    return _replace(text, node, value)


def placed(data: Any, path: Place, value: object) -> Any:
    """Return plain data with one value changed: what :func:`put` should come to."""
    if not path:
        return value
    base = dict(data) if isinstance(data, dict) else {}
    base[path[0]] = placed(base.get(path[0]), path[1:], value)
    return base


def remove(text: str, document: Document) -> str:
    """Return the text without one of its documents."""
    return text[: document.start] + text[document.end :]


def written(value: object, style: str = "") -> str:
    """Write a scalar, in single quotes if it had them, without any where none are needed."""
    if not isinstance(value, str):
        return json.dumps(value)
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if not style and _PLAIN.fullmatch(value) and documents.scalar(value) == value:
        return value
    return "".join(map(_escaped, json.dumps(value, ensure_ascii=False)))


def _escaped(letter: str) -> str:
    """Write what cannot be seen, or may not stand in YAML, as YAML escapes it."""
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


def _replace(text: str, node: Node, value: object) -> str:
    span = text[node.start : node.end]
    properties = _PROPERTIES.match(span)
    start = node.start + (properties.end() if properties else 0)
    new = written(value, node.style)
    if node.style in _BLOCK:
        new += _newline(text)
    if node.start == node.end:
        new = f" {new}"
    return text[:start] + new + text[node.end :]


def _add(text: str, node: Node, line_above: int, keys: Place, value: object) -> str:
    if node.flow:
        inside = text.index("{", node.start) + 1
        rest = ", " if node.children else ""
        return text[:inside] + _inline(keys, value) + rest + text[inside:]
    if not node.keys:
        raise Impossible(f"line {node.at[0]} has no key beside which a new one could stand")
    first_line, column = min(node.keys.values())
    added = ""
    for depth, key in enumerate(keys):
        last = f" {written(value)}" if depth == len(keys) - 1 else ""
        added += " " * (column - 1 + 2 * depth) + f"{written(str(key))}:{last}{_newline(text)}"
    at = _line_start(text, line_above + 1 if line_above else first_line)
    return text[:at] + added + text[at:]


def _inline(keys: Place, value: object) -> str:
    first, *rest = keys
    inner = f"{{{_inline(tuple(rest), value)}}}" if rest else written(value)
    return f"{written(str(first))}: {inner}"


def _line_start(text: str, line: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.index("\n", at) + 1
    return at


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
