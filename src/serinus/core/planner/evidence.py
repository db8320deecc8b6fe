"""
What the evidence forbids: an objective that is violated, and the want of any evidence at all.

The alarm is not here: :mod:`serinus.core.planner.retreat` answers it.
"""

from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import AgainstSlo
from serinus.core.state.verdict import Outcome

SILENCE_S = 30.0
LONG_SILENCE_S = 300.0
EXPECTED = 7.0
"""Silence is "no data" when so many requests should have come, or after the long silence."""


def objective(turn: Turn) -> str:
    """Return the sentence of the objective that the candidate violates, empty if it does not."""
    reading = turn.observed.reading
    return reading.slo_violated.partition(" violated: ")[2] if reading else ""


def forbids(turn: Turn) -> str:
    """Return the sentence of a violated objective whose check says: roll back; else nothing."""
    reading = turn.observed.reading
    if reading is None or not reading.slo_check:
        return ""
    found = next((c for c in turn.delivery.checks if c.name == reading.slo_check), None)
    if found is None or not isinstance(found.against, AgainstSlo) or not found.against.rollback:
        return ""
    return objective(turn)


def regressed(turn: Turn) -> str:
    """Return the sentence of what got worse since a takeover, unless a person wanted it so."""
    reading = turn.reading
    return "" if reading is None or turn.progress.promoted_by else reading.regressed


def missing(turn: Turn) -> str:
    """Say why nothing can be known of the candidate now, empty if it can."""
    if not turn.delivery.checks:
        return ""
    return turn.observed.source_problem or error(turn) or _quiet(turn)


def error(turn: Turn) -> str:
    """Return the sentence of a check that can never be judged, empty if all can."""
    streams = turn.reading.streams if turn.reading else ()
    found = (f"{s.check}: {s.sentence}" for s in streams if s.outcome is Outcome.ERROR)
    return next(found, "")


def _quiet(turn: Turn) -> str:
    """Say that the candidate gets no requests although it should, empty if it does."""
    progress, reading = turn.progress, turn.reading
    if progress.step_at is None or not turn.weight():
        return ""
    since = stable_since = progress.step_at.timestamp()
    stable_rate = 0.0
    if reading is not None:
        since = max(since, reading.data_at)
        stable_since = max(stable_since, reading.stable_data_at)
        length = turn.since(progress.test_at or progress.step_at)
        stable_rate = reading.test_stable_requests / max(length, 1.0)
    silent = turn.now.timestamp() - since
    if silent < SILENCE_S:
        return ""
    share = turn.weight()
    expected = stable_rate * share / max(1, 1000 - share) * silent
    if expected < EXPECTED and silent < LONG_SILENCE_S:
        return ""
    if turn.now.timestamp() - stable_since >= SILENCE_S:
        return "nobody sends requests"
    return "the candidate gets no requests although stable does"
