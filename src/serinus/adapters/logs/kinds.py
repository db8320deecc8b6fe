"""
Kinds of log lines: the line with what changes from one to the next masked.

::

    2026-11-27T08:12:01Z ERROR order 4711 of "Ada" failed: /carts/9f3c-22/pay gave 502
    <time> ERROR order # of "…" failed: /carts/#/pay gave #

Two lines of one kind say the same thing. What is masked is what a program fills in: times, numbers,
ids, quoted texts, the parts of paths and addresses that hold digits. A mask that takes too much
makes two kinds one; one that takes too little makes a new kind of every line, and then the limit
of kinds holds.
"""

import re
from collections.abc import Iterable

LONGEST = 160
"""Characters of a kind."""

MOST = 200
"""Kinds that are told apart; the lines of all others are counted together."""

OTHERS = "…"
"""The kind of every line that came when :data:`MOST` kinds were known already."""

_SEEN = 480  # characters of a line that a kind is made of; enough for LONGEST of a masked one
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PARTS = re.compile(
    r"""
      (?P<time> \d{4}-\d\d-\d\d (?: [T\ ] \d\d:\d\d (?: :\d\d (?: [.,]\d+ )? )? )?
                (?: Z | [+-]\d\d:?\d\d )?
              | \d\d:\d\d:\d\d (?: [.,]\d+ )? )
    | (?P<double> "[^"]*" )
    | (?P<single> (?<!\w) '[^']*' (?!\w) )
    | (?P<query> \? [^\s"'?]*=[^\s"'?]* )
    | (?P<part> (?<=/) [^/\s"'?,;:()\[\]]* \d [^/\s"'?,;:()\[\]]* )
    | (?P<id> \b [0-9a-fA-F]{8} (?: -[0-9a-fA-F]{4} ){3} -[0-9a-fA-F]{12} \b
            | \b 0x[0-9a-fA-F]+ \b
            | \b (?= [a-fA-F]*\d ) [0-9a-fA-F]{7,} \b
            | \b (?= [A-Za-z_-]*\d ) [A-Za-z0-9_-]{16,} \b )
    | (?P<number> \d+ (?: [.,]\d+ )* )
    """,
    re.VERBOSE | re.ASCII,
)
_MASKS = {"time": "<time>", "double": '"…"', "single": "'…'", "query": "?…"}


def kind(line: bytes) -> str:
    """Return the kind of a line; any bytes have one, of printable characters."""
    text = _COLOUR.sub("", line[: 4 * _SEEN].decode("utf-8", "replace"))[:_SEEN]
    masked = _PARTS.sub(lambda found: _MASKS.get(found.lastgroup or "", "#"), text)
    shown = "".join(c if c.isprintable() else " " for c in masked)
    return " ".join(shown.split())[:LONGEST]


def add(known: dict[str, int], lines: Iterable[bytes]) -> None:
    """Count lines by their kind."""
    for line in lines:
        found = kind(line)
        if found not in known and len(known) >= MOST:
            found = OTHERS
        known[found] = known.get(found, 0) + 1
