"""
Names in a PromQL query, each after a ``$``: revision, version, application, environment, window,
and of an application of a cluster, which is called ``namespace/name``, both parts.

A query is filled in as PromQL is read: inside quotes as a text, and in the pattern of a matcher
(``=~``) as a pattern. So no version can end a string or match another one: ``1.2`` is not ``1x2``.
"""

import enum
import re
from collections.abc import Iterator, Mapping

NAMES = ("revision", "version", "application", "namespace", "name", "environment", "window")
"""What may stand behind a ``$`` in a query."""

OF_ARMS = frozenset({"revision", "version"})
"""What is another value for each arm of a release."""

_ANYWHERE = frozenset({"window"})
_NAME = re.compile(rf"\$({'|'.join(NAMES)})\b")
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<text>"(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | `[^`]*`)
  | (?P<matcher>=~|!~)
  | (?P<space>\s+)
  | (?P<code>[^"'`\#=!\s]+ | .)
    """,
    re.VERBOSE | re.DOTALL,
)
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")


class _Where(enum.Enum):
    """What a piece of a query is."""

    CODE = enum.auto()
    COMMENT = enum.auto()
    TEXT = enum.auto()
    PATTERN = enum.auto()


def wrong(query: str) -> str:
    """Say what is wrong with the names in a query, empty if nothing is."""
    for where, piece in _pieces(query):
        for name in _NAME.findall(piece) if where is _Where.CODE else ():
            if name not in _ANYWHERE:
                return f'${name} stands outside of quotes; write it as a text, such as "${name}"'
    return ""


def used(query: str) -> frozenset[str]:
    """Return the names in a query; what stands in its comments does not count."""
    pieces = (piece for where, piece in _pieces(query) if where is not _Where.COMMENT)
    return frozenset(name for piece in pieces for name in _NAME.findall(piece))


def filled(query: str, values: Mapping[str, str]) -> str:
    """Return a query with a value in the place of each of its names."""
    return "".join(_piece(where, piece, values) for where, piece in _pieces(query))


def _pieces(query: str) -> Iterator[tuple[_Where, str]]:
    """Take a query apart; all pieces together are the query again."""
    matcher = False
    for token in _TOKEN.finditer(query):
        kind = str(token.lastgroup)
        if kind == "text":
            yield _Where.PATTERN if matcher else _Where.TEXT, token[0]
        else:
            yield _Where.COMMENT if kind == "comment" else _Where.CODE, token[0]
        if kind not in {"comment", "space"}:
            matcher = kind == "matcher"


def _piece(where: _Where, piece: str, values: Mapping[str, str]) -> str:
    if where is _Where.COMMENT:
        return piece
    quote = piece[0] if where in {_Where.TEXT, _Where.PATTERN} else ""

    def value(name: re.Match[str]) -> str:
        text = values[name[1]]
        if where is _Where.PATTERN:
            text = _META.sub(r"\\\g<0>", text)
        return _quoted(text, quote)

    return _NAME.sub(value, piece)


def _quoted(text: str, quote: str) -> str:
    """Write a text so that it cannot end the string that it stands in."""
    if quote == "`":  # knows no escapes
        return text.replace("`", "")
    if not quote:
        return text
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace(quote, f"\\{quote}")
