"""The log of decisions of a release: the newest ones, or all of them, page by page."""

from collections.abc import Sequence

import msgspec

from serinus.app.shown import Decision
from serinus.interfaces.api import fields

FEW = 60
"""So many are on the page of a release."""

MANY = 200
"""So many are on a page of the whole log: a release of weeks has thousands."""

ALL = "all"
DIGITS = 6
"""A number with more of them is no page's."""


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is shown of the log, the newest first.

    ``total``: how many there are. ``page`` 0: the newest alone, else which one of ``pages``.
    """

    lines: tuple[Decision, ...]
    total: int
    page: int = 0
    pages: int = 1

    @property
    def asked(self) -> str:
        """What an address says for the same, empty for the newest alone."""
        return str(self.page) if self.page > 1 else ALL if self.page else ""


def log(found: Sequence[Decision], asked: str) -> Log:
    """
    Return a part of the log; ``found``: the oldest first.

    ``asked``: ``all`` or the number of a page, the first one where there is no such; empty (or
    anything else): the newest alone.
    """
    newest = tuple(reversed(found))
    number = fields.number(asked, DIGITS) or 0
    if asked != ALL and not number:
        return Log(lines=newest[:FEW], total=len(newest))
    pages = max(1, -(-len(newest) // MANY))
    page = min(max(1, number), pages)
    shown = newest[(page - 1) * MANY : page * MANY]
    return Log(lines=shown, total=len(newest), page=page, pages=pages)
