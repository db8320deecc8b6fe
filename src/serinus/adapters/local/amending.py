"""
Changes of one document's text by a form: values set, added and taken away, keys called otherwise.

A sister of :mod:`serinus.adapters.local.edits`, whose changes are those of single values. Here too
each change is a piece of text put in the place of another, and what comes of it is read again and
compared: a text that cannot be changed safely is left alone.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from serinus.adapters.local import documents, edits, layout
from serinus.adapters.local.documents import Document, Node
from serinus.adapters.local.edits import Impossible
from serinus.core.spec import canonical, patch, place
from serinus.ports import failures
from serinus.ports.documents import Edit


def amend(text: str, changes: Sequence[Edit]) -> str:
    """Make changes one after the other; Rejected when the text does not come to them."""
    document: Document | None = None
    for change in changes:
        where = place.text(change.place)
        try:
            document = document or _one(text)
            wanted = patch.changed(document.data, change.place, change.value, change.name)
            text = _made(text, document, change)
            document = _one(text)
        except (Impossible, ValueError, IndexError, KeyError, TypeError) as problem:
            raise _unsafe(where, str(problem)) from problem
        if canonical.text(document.data) != canonical.text(wanted):
            raise _unsafe(where, "the change would touch more than it should")
    return text


def _one(text: str) -> Document:
    page = documents.parse(text)
    if page.problems or len(page.documents) != 1:
        raise Impossible("it is not one whole document")
    return page.documents[0]


def _unsafe(where: str, why: str) -> failures.Rejected:
    return failures.Rejected(
        f"{where} cannot be changed by a form: the text is written in a way that is not safe",
        why=why,
        hint=f"change {where} in the text itself",
    )


# --- one change ---------------------------------------------------------------------------------


def _made(text: str, document: Document, change: Edit) -> str:
    parent, depth = document.root, 0
    for part in change.place[:-1]:
        child = parent.children.get(part)
        if child is None or child.value is None:
            break
        parent, depth = child, depth + 1
    key, rest = change.place[depth], change.place[depth + 1 :]
    node = parent.children.get(key)
    if change.name:
        return _renamed(text, parent, key, change.name)
    if change.value is msgspec.UNSET:
        if node is None or rest:
            raise Impossible("it is not there, or is merged from elsewhere")
        return _removed(text, parent, key)
    value = change.value
    for name in reversed(rest):
        value = {name: value}
    if node is None:
        return _added(text, parent, key, value)
    if canonical.text(node.value) == canonical.text(value):
        return text
    if isinstance(value, dict | list) or isinstance(node.value, dict | list):
        return _replaced(text, parent, key, value)
    return edits.put(text, document, change.place, value)


def _renamed(text: str, parent: Node, key: str | int, name: str) -> str:
    start = _index(text, parent.keys[key])
    for old in (f'"{key}"', f"'{key}'", str(key)):
        if text.startswith(old, start):
            return text[:start] + edits.written(name) + text[start + len(old) :]
    raise Impossible(f"the key {key} is written in another way")


def _added(text: str, parent: Node, key: str | int, value: Any) -> str:
    """Add behind the last value of a mapping or a list."""
    listed = isinstance(parent.value, list)
    if parent.flow:
        piece = layout.flow(value) if listed else layout.flow({key: value})[1:-1]
        if parent.children:
            at = max(child.end for child in parent.children.values())
            return f"{text[:at]}, {piece}{text[at:]}"
        return f"{text[: parent.end - 1]}{piece}{text[parent.end - 1 :]}"
    if not parent.children:
        raise Impossible("there is nothing beside which it could stand")
    column = parent.at[1] - 1
    lines = layout.block([value] if listed else {key: value}, column)
    end = _end(parent)
    at = text.find("\n", end - 1 if text[end - 1 : end] == "\n" else end)
    before = f"{text}\n" if at < 0 else text[: at + 1]
    return f"{before}{_native(text, lines)}{'' if at < 0 else text[at + 1 :]}"


def _replaced(text: str, parent: Node, key: str | int, value: Any) -> str:
    """Put a list or a mapping in the place of something else, or the other way round."""
    node = parent.children[key]
    end = _end(node)
    if parent.flow or node.flow:
        return text[: node.start] + layout.flow(value) + text[node.end :]
    mark = "-" if isinstance(parent.value, list) else ":"
    head = text[: node.start].rstrip()
    if not head.endswith(mark):
        raise Impossible("a comment or an anchor stands before what is there")
    if isinstance(value, dict | list) and value and isinstance(parent.value, dict):
        column = parent.at[1] - 1
        new = layout.block({key: value}, column).rstrip("\n")
        new = new[new.index(":", column) + 1 :]
    else:
        new = f" {layout.flow(value)}"
    tail = text[end:]
    return head + _native(text, new) + ("\n" if text[end - 1 : end] == "\n" else "") + tail


def _removed(text: str, parent: Node, key: str | int) -> str:
    node = parent.children[key]
    listed = isinstance(parent.value, list)
    starts = {
        k: child.start if listed else _index(text, parent.keys[k])
        for k, child in parent.children.items()
    }
    start, end = starts[key], _end(node)
    after = [s for s in starts.values() if s > start]
    before = [_end(c) for k, c in parent.children.items() if starts[k] < start]
    if parent.flow:
        if after:
            return text[:start] + text[min(after) :]
        return text[: max(before) if before else start] + text[end:]
    if not after and not before:
        head = text[: parent.start].rstrip()
        head = f"{head} " if head.endswith(":") else text[: parent.start]
        return head + ("[]" if listed else "{}") + text[end:]
    if listed:
        start = text.rindex("-", 0, start)
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip():
        # The first key of an item shares its line with the dash: the next one moves there.
        if not after:
            raise Impossible("it shares its line with something else")
        return text[:start] + text[min(after) :]
    at = text.find("\n", end - 1 if text[end - 1 : end] == "\n" else end)
    return text[:line] + ("" if at < 0 else text[at + 1 :])


def _end(node: Node) -> int:
    """Return where the last value of a node ends: a block's own is where the next one begins."""
    if node.flow or not node.children:
        return node.end
    return max(_end(child) for child in node.children.values())


def _index(text: str, at: tuple[int, int]) -> int:
    line, column = at
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


def _native(text: str, lines: str) -> str:
    return lines.replace("\n", "\r\n") if "\r\n" in text else lines
