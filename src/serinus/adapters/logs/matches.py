"""
Patterns: which lines of a text of many lines match.

The work is bounded, whatever a program writes: lines are cut at :data:`LONGEST`, and patterns are
those of RE2, which takes time in proportion to the text and to nothing else.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import re2  # type: ignore[import-untyped]  # it comes without types

LONGEST = 8 * 1024
"""Bytes of a line that are looked at; a longer line is one line all the same."""

LONGEST_PATTERN = 1000


class Pattern(Protocol):
    """A compiled pattern of RE2, as far as it is used here."""

    def search(self, text: bytes, pos: int | None = None) -> Any:
        """Return the first match from a position on, None when there is none."""
        ...


def pattern(text: str) -> Pattern:
    """
    Compile a pattern, which then finds lines in a text of many.

    Raises:
        ValueError: with a sentence that says what is wrong with it.
    """
    wrong = pattern_problem(text)
    if wrong:
        raise ValueError(wrong)
    return _compiled(f"(?m){text}")


def pattern_problem(text: str) -> str:
    """Return what keeps a pattern from being used, nothing if it is well."""
    if len(text) > LONGEST_PATTERN:
        return f"{len(text)} characters are too many; wanted at most {LONGEST_PATTERN}"
    try:
        found = _compiled(text)
    except re2.error as problem:
        said = problem.args[0] if problem.args else "not a pattern"
        why = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        hint = "; RE2 has no look-around and no back-references" if "invalid perl" in why else ""
        return f"not a pattern of RE2: {why}{hint}"
    if found.search(b"") is not None:
        return "it matches every line, also an empty one; wanted such as ERROR|Traceback"
    for mark in (r"\A", r"\z"):
        if mark in text.replace(r"\\", ""):
            return f"{mark} means a text of many lines here; wanted ^ or $"
    return ""


def matching(found: Pattern, block: bytes) -> Iterator[bytes]:
    """Return each line of a block that matches, cut; ``block`` holds whole lines."""
    start = 0
    while (match := found.search(block, start)) is not None:
        begin = block.rfind(b"\n", 0, match.start()) + 1
        end = block.find(b"\n", match.start())
        end = len(block) if end < 0 else end
        cut = begin + LONGEST
        if end <= cut or found.search(block[begin:cut]) is not None:
            yield block[begin : min(end, cut)]
        start = end + 1
        if start >= len(block):
            return


def _compiled(text: str) -> Pattern:
    options = re2.Options()
    options.log_errors = False  # they are told, not written to our output
    options.never_nl = True  # a pattern stays within its line
    options.never_capture = True
    found: Pattern = re2.compile(text, options)
    return found
