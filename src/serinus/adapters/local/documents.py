"""
YAML as people write it: plain data, where everything stands, and what is wrong with the text.

The text is read event by event (YAML 1.2, core schema) and not by a ready-made loader, because the
plain data, the places for problems and the spans for edits then come from one pass, and because
the limits (depth, nodes, aliases, keys given twice) hold before anything is expanded.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from serinus.core.errors import Problem
from serinus.core.spec import place
from serinus.core.spec.place import Place
from serinus.core.spec.problems import Position

LARGEST = 1 << 20
"""Bytes of one file."""

NODES = 50_000
DEPTH = 64
ALIASES = 100

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_TAG = "tag:yaml.org,2002:"
_TWO_KEYS = re.compile(r"\s*(?:- +)*[^\s:#]+:\s+[^\s:#'\"\[{]+:(\s|$)")
_WORD = 64
"""Bits of a whole number, and more digits than one of them has."""


class Node(NamedTuple):
    """
    One value in the text: its span, where it starts (counted from one), and what is below it.

    ``keys`` are where the keys of a mapping start. ``style`` is the quote of a scalar, empty for a
    plain one; ``flow`` tells ``{a: 1}`` from a block. The span of an alias is the alias' own.
    """

    start: int
    end: int
    at: Position
    value: Any
    children: Mapping[str | int, "Node"] = {}
    keys: Mapping[str | int, Position] = {}
    flow: bool = False
    style: str = ""
    size: int = 1


class Document(NamedTuple):
    """One document of a file; ``start`` and ``end`` span its text with its ``---``."""

    root: Node
    problems: tuple[Problem, ...]
    start: int
    end: int

    @property
    def data(self) -> Any:
        """The plain data."""
        return self.root.value


class Page(NamedTuple):
    """All documents of a text up to the first damage, and the damage."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...] = ()


class _Damaged(Exception):
    def __init__(self, message: str, at: Position | None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


def read(content: bytes) -> tuple[str, Page]:
    """Return the text and its documents; whatever is wrong is told with line and column."""
    if len(content) > LARGEST:
        message = f"{len(content)} bytes are too many; wanted at most {LARGEST}"
        return "", Page((), (Problem("", message),))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as problem:
        before = content[: problem.start].decode("utf-8")
        line, column = _at(before, len(before))
        found = f"byte 0x{content[problem.start]:02x} is not UTF-8; save the file as UTF-8"
        return "", Page((), (Problem("", found, line=line, column=column),))
    return text, parse(text)


def parse(text: str) -> Page:
    """Return the documents of a text; empty ones are left out."""
    found: list[Document] = []
    try:
        for document in _Builder(text).documents():
            if found:
                found[-1] = found[-1]._replace(end=document.start)
            found.append(document)
    except _Damaged as damage:
        line, column = damage.at or (None, None)
        index = len(found)
        problem = Problem("", damage.message, line=line, column=column, document=index)
        return Page(_full(found), (problem,))
    return Page(_full(found))


def positions(root: Node) -> dict[str, Position]:
    """Return where each path stands: its key, or the item of a list."""
    found = {"": root.at}

    def walk(node: Node, path: Place) -> None:
        for key, child in node.children.items():
            below = (*path, key)
            found[place.text(below)] = node.keys.get(key, child.at)
            walk(child, below)

    walk(root, ())
    return found


def scalar(text: str) -> Any:
    """Return what a plain scalar means in YAML 1.2: nothing, true or false, a number, or a text."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text[:_WORD])
    if _FLOAT.fullmatch(text):
        # Python writes infinity and not-a-number without YAML's dot.
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _full(found: list[Document]) -> tuple[Document, ...]:
    return tuple(document for document in found if document.data is not None)


# --- events to nodes ----------------------------------------------------------------------------


class _Builder:
    """Builds the nodes of one text and counts what they cost."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._events = _events(text)
        self._anchors: dict[str, Node] = {}
        self._problems: list[Problem] = []
        self._path: list[str | int] = []
        self._nodes = 0
        self._aliases = 0

    def documents(self) -> Iterator[Document]:
        first = True
        for event in self._events:
            if not isinstance(event, events.DocumentStartEvent):
                continue
            start = 0 if first else event.start_mark.index
            first = False
            self._anchors, self._problems = {}, []
            root = self._node(next(self._events))
            yield Document(root, tuple(self._problems), start, len(self._text))

    def _node(self, event: Any) -> Node:
        at = _position(event)
        self._nodes += 1
        if self._nodes > NODES:
            raise _Damaged(f"more than {NODES} values, aliases included", at)
        if len(self._path) > DEPTH:
            raise _Damaged(f"nested deeper than {DEPTH} levels", at)
        if isinstance(event, events.AliasEvent):
            return self._alias(event, at)
        if isinstance(event, events.ScalarEvent):
            node = self._scalar(event, at)
        elif isinstance(event, events.SequenceStartEvent):
            node = self._sequence(event, at)
        else:
            node = self._mapping(event, at)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any, at: Position) -> Node:
        self._aliases += 1
        if self._aliases > ALIASES:
            raise _Damaged(f"more than {ALIASES} aliases", at)
        target = self._anchors.get(event.anchor)
        if target is None:
            raise _Damaged(f"the alias *{event.anchor} has no anchor before it", at)
        self._nodes += target.size
        return target._replace(start=event.start_mark.index, end=event.end_mark.index, at=at)

    def _scalar(self, event: Any, at: Position) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        tag = str(event.tag or "").removeprefix(_TAG)
        if event.tag and tag not in {"str", "int", "float", "bool", "null", "!"}:
            self._report(f"the tag {event.tag} is not known; leave it away", at)
        text, style = event.value, event.style or ""
        value = text if style or tag in {"str", "!"} else scalar(text)
        if isinstance(value, int) and not -(1 << _WORD - 1) <= value < 1 << _WORD - 1:
            self._report(f"the number {text[:20]}… is too large", at)
            value = text
        return Node(start, end, at, value, style=style)

    def _sequence(self, event: Any, at: Position) -> Node:
        children: dict[str | int, Node] = {}
        head = self._tagged(event, at)
        while not isinstance(event := next(self._events), events.SequenceEndEvent):
            self._path.append(len(children))
            children[len(children)] = self._node(event)
            self._path.pop()
        value = [child.value for child in children.values()]
        size = 1 + sum(child.size for child in children.values())
        span = (head.start, event.end_mark.index)
        return Node(*span, at, value, children, flow=head.flow, size=size)

    def _mapping(self, event: Any, at: Position) -> Node:
        value: dict[Any, Any] = {}
        children: dict[str | int, Node] = {}
        keys: dict[str | int, Position] = {}
        merged: list[Node] = []
        head = self._tagged(event, at)
        while not isinstance(event := next(self._events), events.MappingEndEvent):
            key = self._node(event)
            if isinstance(key.value, dict | list):
                raise _Damaged("a key is a text, not a list or a mapping", key.at)
            name = key.value if isinstance(key.value, str) else str(key.value)
            self._path.append(name)
            child = self._beside(key, self._node(next(self._events)))
            if name == "<<" and not key.style:
                merged.append(child)
            elif name in children:
                line = keys[name][0]
                self._report(f"the key '{name}' is given twice, first in line {line}", key.at)
            else:
                value[key.value], children[name], keys[name] = child.value, child, key.at
            self._path.pop()
        for child in merged:
            self._merge(child, value)
        size = 1 + sum(child.size + 1 for child in (*children.values(), *merged))
        span = (head.start, event.end_mark.index)
        return Node(*span, at, value, children, keys, flow=head.flow, size=size)

    def _beside(self, key: Node, value: Node) -> Node:
        """Let a value that is not written stand behind its colon, not where the next one begins."""
        if value.start < value.end:
            return value
        behind = self._text.find(":", key.end, value.end) + 1
        return value._replace(start=behind, end=behind, at=key.at) if behind else value

    def _merge(self, node: Node, value: dict[Any, Any]) -> None:
        """Carry out ``<<: *anchor``: what is written here wins over what is merged."""
        for source in node.value if isinstance(node.value, list) else [node.value]:
            if isinstance(source, dict):
                for key, item in source.items():
                    value.setdefault(key, item)
            else:
                self._report("'<<' merges mappings only", node.at)

    def _tagged(self, event: Any, at: Position) -> "_Head":
        tag = str(event.tag or "").removeprefix(_TAG)
        if tag not in {"", "map", "seq", "!"}:
            self._report(f"the tag {event.tag} is not known; leave it away", at)
        return _Head(event.start_mark.index, bool(event.flow_style))

    def _report(self, message: str, at: Position) -> None:
        path = place.text(tuple(self._path))
        self._problems.append(Problem(path, message, line=at[0], column=at[1]))


class _Head(NamedTuple):
    start: int
    flow: bool


def _events(text: str) -> Iterator[Any]:
    """Read events; what the reader says about a damaged text is said in our words."""
    try:
        yield from YAML(typ="safe", pure=True, plug_ins=[]).parse(text)
    except MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else None
        raise _Damaged(_explained(problem, text, mark), at) from problem
    except ReaderError as problem:
        found = f"the character {chr(problem.character)!r} may not stand in YAML"
        raise _Damaged(found, _at(text, problem.position)) from problem
    except (YAMLError, ValueError) as problem:  # such as "\U00110000", which is no character
        raise _Damaged(f"this is not YAML: {problem}", None) from problem


def _explained(problem: MarkedYAMLError, text: str, mark: Any) -> str:
    said = str(problem.problem or problem.context or "cannot be read")
    lines = text.splitlines()
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "'\\t'" in said or line[: len(line) - len(line.lstrip())].count("\t"):
        return "a tab; YAML is indented with spaces"
    if said.startswith("mapping values are not allowed"):
        if _TWO_KEYS.match(line):
            return (
                "two keys on one line; put the second one on a line of its own, indented, "
                "or the whole value in quotes"
            )
        return (
            "a key where none can stand; check the indentation, "
            "or put a value that contains ': ' in quotes"
        )
    if "cannot start any token" in said:
        return f"{said.removeprefix('found ')}; put the value in quotes"
    context = f"{problem.context}: " if problem.context and problem.problem else ""
    return f"this is not YAML: {context}{said}"


def _position(event: Any) -> Position:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _at(text: str, index: int) -> Position:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1
