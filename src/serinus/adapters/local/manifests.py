"""
Documents as manifests for a Kubernetes cluster: the text as it was written, in other hands.

A manifest is the text of one document with its comments, layout and quotes; its namespace is the
one value that changes. Kubernetes reads YAML 1.1, where ``on`` is true and ``010`` is eight: what
would be read in another way than here gets quotes. Each manifest is read again in both ways before
anybody sees it, and one that cannot be written so is written anew, as JSON, which everybody reads
in the same way.
"""

import json
import re
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from serinus.adapters.local import documents, edits
from serinus.adapters.local.documents import Document, Node
from serinus.core.spec import canonical, cluster

NAMESPACE = ("metadata", "namespace")

_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_ELSEWHERE = re.compile(
    r"""(?ix) y | n | yes | no | on | off | true | false | null | ~ | = | <<
    | [-+]? ( 0b[01]+ | 0o?[0-7]+ | 0x[0-9a-f]+ | [0-9]+ )
    | [-+]? ( [0-9]+ \.? | [0-9]* \. [0-9]+ ) ( e[-+]?[0-9]+ )?
    | [-+]? [0-9]+ ( :[0-5]?[0-9] )+ ( \.[0-9]* )?
    | [-+]? \.inf | \.nan
    | [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} ( [t\s] .* )?
    """
)
"""Plain words that a reader of YAML 1.1, whichever it is, may take for no text."""

_BREAKS = re.compile("[\x85\u2028\u2029]")
"""What ends a line in YAML 1.1 and is a letter like others in YAML 1.2."""

_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What JSON may hold as it is and YAML may not."""

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")
_START = re.compile(r"^---(?=\s|$)[ \t]*", re.MULTILINE)
_END = re.compile(r"^\.\.\.(?=\s|$).*", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"^%.*\n?", re.MULTILINE)


class Manifest(NamedTuple):
    """
    One document for the cluster.

    ``source``: the file it comes from. ``faithful``: the text is the one that was written; if not,
    the data is the same and the comments are lost.
    """

    kind: str
    name: str
    source: str
    text: str
    faithful: bool = True


def manifest(text: str, document: Document, source: str, namespace: str = "") -> Manifest:
    """Return a document of a text, whose data has no errors, as a manifest."""
    data = document.data
    kind, name = str(data["kind"]), str(data["metadata"]["name"])
    wanted = data
    if namespace and kind in cluster.NAMESPACED:
        wanted = edits.placed(data, NAMESPACE, namespace)
    written = _carried_over(text, document, wanted)
    faithful = written is not None
    if written is None:
        plain = msgspec.json.format(msgspec.json.encode(wanted), indent=2).decode()
        written = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", plain)
    return Manifest(kind, name, source, written.strip("\n") + "\n", faithful)


def _carried_over(text: str, document: Document, wanted: Any) -> str | None:
    """Return the text with what has to change, None when it cannot be changed so."""
    own = _alone(text, document)
    if _BREAKS.search(own):
        return None
    namespace = wanted["metadata"].get("namespace")
    try:
        own = _quoted(own, documents.parse(own).documents[0].root)
        if namespace is not None:
            own = edits.put(own, documents.parse(own).documents[0], NAMESPACE, namespace)
        (here,) = documents.parse(own).documents
        there = YAML(typ="safe", pure=True)
        there.version = "1.1"
        with warnings.catch_warnings(action="ignore"):
            same = _same(here.data, wanted) and _same(there.load(own), wanted)
    except (edits.Impossible, ValueError, IndexError, YAMLError):
        return None
    return own if same else None


def _alone(text: str, document: Document) -> str:
    """Cut a document out of its file, without what divides it from others."""
    head, body = text[document.start : document.root.start], text[document.root.start :]
    body = body[: document.end - document.root.start]
    inside = document.root.end - document.root.start
    body = body[:inside] + _END.sub("", body[inside:])
    head = _START.sub("", head, count=1)
    head = _DIRECTIVE.sub("", head.removeprefix("\ufeff"))
    return f"{head}{body}".replace("\r\n", "\n").lstrip("\n")


def _quoted(text: str, root: Node) -> str:
    """Return the text with quotes where a reader of YAML 1.1 would see no text."""
    changes = dict(_changes(text, root, _lines(text)))
    for (start, end), new in sorted(changes.items(), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _changes(text: str, node: Node, lines: list[int]) -> Iterator[tuple[tuple[int, int], str]]:
    if not isinstance(node.value, dict | list):
        yield from _scalar(text, node)
        return
    for key, (line, column) in node.keys.items():
        start = lines[line - 1] + column - 1
        name = str(key)
        if _is_no_text(name) and text.startswith(name, start):
            yield (start, start + len(name)), json.dumps(name)
    for child in node.children.values():
        yield from _changes(text, child, lines)


def _scalar(text: str, node: Node) -> Iterator[tuple[tuple[int, int], str]]:
    span = text[node.start : node.end]
    if node.style or not span or span.startswith("*"):
        return
    properties = _PROPERTIES.match(span)
    start = node.start + (properties.end() if properties else 0)
    if _is_ambiguous(text[start : node.end], node.value):
        new = json.dumps(node.value, ensure_ascii=False)
        if isinstance(node.value, float) and "." not in new:
            new = new.replace("e", ".0e")  # Without a dot it is a text in YAML 1.1.
        yield (start, node.end), new


def _is_ambiguous(written: str, value: Any) -> bool:
    match value:
        case None | bool():
            return False
        case int():
            return _INT.fullmatch(written) is None
        case float():
            return _FLOAT.fullmatch(written) is None
        case _:
            return _is_no_text(written)


def _is_no_text(word: str) -> bool:
    """Tell whether a reader of YAML 1.1 may take a plain word for no text; some drop every _."""
    numeric = word[:1] in set("0123456789+-._")
    return _ELSEWHERE.fullmatch(word.replace("_", "") if numeric else word) is not None


def _lines(text: str) -> list[int]:
    """Return where each line begins."""
    return [0, *(found.end() for found in re.finditer("\n", text))]


def _same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same data, whatever the order; true is not 1."""
    return canonical.text(one) == canonical.text(other)
