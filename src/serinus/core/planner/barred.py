"""
What keeps a release from beginning: a freeze, a closed window, an error budget that is spent.

The way back is never barred: not a rollback, and not a revision that served before and is asked for
again. A person may begin a release in spite of everything (``serinus next -m REASON``).
"""

from datetime import datetime
from typing import NamedTuple

from serinus.core.planner.turn import Turn
from serinus.core.spec import calendar
from serinus.core.state.observed import Wanted


class Bar(NamedTuple):
    """Why nothing begins, and until when as far as anybody knows."""

    cause: str
    until: datetime | None = None


def bar(turn: Turn, wanted: Wanted) -> Bar | None:
    """Return what keeps a change from beginning, None when nothing does."""
    if wanted.revision.id in {turn.status.stable, turn.status.previous, *turn.status.served}:
        return None
    freeze = wanted.freeze
    if freeze is not None and (freeze.until is None or turn.now < freeze.until):
        return Bar(f"a freeze: {freeze.reason}", freeze.until)
    for window in wanted.windows:
        if not calendar.is_open(window, turn.now):
            message = f": {window.message}" if window.message else ""
            kind = "blackout" if window.blackout else "window"
            return Bar(f"the {kind} {window.name}{message}", calendar.opens_at(window, turn.now))
    spent = next((b for b in turn.observed.budgets if b.freeze), None)
    return None if spent is None else Bar(f"the error budget is spent: {spent.sentence}")
