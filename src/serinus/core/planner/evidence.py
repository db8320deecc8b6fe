"""
What the evidence forbids: an objective that is violated, and the want of any evidence at all.

The alarm is not here: :mod:`serinus.core.planner.retreat` answers it.
"""

from serinus.core.planner.turn import Turn
from serinus.core.spec.delivery import AgainstSlo, QueryCheck
from serinus.core.state.verdict import Outcome

SILENCE_S = 30.0
LOOKS = 3
"""Silence is not told before so many blocks of evidence could have come."""

LONG_SILENCE_S = 300.0
EXPECTED = 7.0
"""Silence is "no data" when so many requests should have come, or after the long silence."""

PATIENT = 3
"""So many questions a metric source may leave open before that is "no data", too."""

HALTED = "it goes on when that ends; serinus next goes on now, serinus rollback goes back"
"""What follows where an objective or a burning budget halts a step that can be skipped."""


def objective(turn: Turn) -> str:
    """Return the sentence of the objective that the candidate violates, empty if it does not."""
    reading = turn.observed.reading
    if reading is None:
        return ""
    return reading.slo_violated.partition(" violated: ")[2] or unheard(turn)


def unheard(turn: Turn) -> str:
    """Return the sentence of what a person should look at, empty once one said: go on."""
    reading = turn.observed.reading
    return "" if reading is None or turn.progress.heard else reading.halted


def burning(turn: Turn) -> str:
    """
    Return the sentence of an error budget that burns too fast, empty if none does.

    It is everybody's, not the candidate's, so that nothing is taken back for it: a release waits.
    """
    if turn.progress.promoted_by:
        return ""
    return next((b.burning for b in turn.observed.budgets if b.burning), "")


def struck(turn: Turn) -> str:
    """Return the sentence of a threshold that has had all its strikes, unless a person knew it."""
    reading = turn.reading
    return "" if reading is None or turn.progress.promoted_by else reading.struck


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
        return error(turn) or _unanswered(turn)
    return turn.observed.source_problem or error(turn) or _quiet(turn) or _unanswered(turn)


def error(turn: Turn) -> str:
    """Return the sentence of a check that can never be judged, empty if all can."""
    reading = turn.reading
    if reading is None:
        return ""
    found = (f"{s.check}: {s.sentence}" for s in reading.streams if s.outcome is Outcome.ERROR)
    return next(found, "") or reading.unknown


def _unanswered(turn: Turn) -> str:
    """Say which look has had no answer for some time, empty if all have."""
    begun = turn.progress.step_at
    if begun is None or turn.reading is None:
        return ""
    asked = {look.name: look for look in turn.delivery.looks if isinstance(look, QueryCheck)}
    for look in turn.reading.looks:
        check = asked.get(look.check)
        if check is None or look.outcome not in {Outcome.NO_DATA, Outcome.ERROR}:
            continue
        if turn.since(begun) >= max(SILENCE_S, PATIENT * check.every_s):
            return look.sentence
    return ""


def _quiet(turn: Turn) -> str:
    """Say that the candidate gets no requests although it should, empty if it does."""
    progress, reading = turn.progress, turn.reading
    if progress.step_at is None or not turn.weight():
        return ""
    since = stable_since = max(progress.step_at, progress.test_at or progress.step_at).timestamp()
    stable_rate = 0.0
    if reading is not None:
        since = max(since, reading.data_at)
        stable_since = max(stable_since, reading.stable_data_at)
        length = turn.since(progress.test_at or progress.step_at)
        stable_rate = reading.test_stable_requests / max(length, 1.0)
    silent, least = turn.now.timestamp() - since, max(SILENCE_S, LOOKS * turn.delivery.every_s)
    if silent < least:
        return ""
    share = turn.weight()
    expected = stable_rate * share / max(1, 1000 - share) * silent
    if expected < EXPECTED and silent < LONG_SILENCE_S:
        return ""
    if turn.now.timestamp() - stable_since >= least:
        return "nobody sends requests"
    return "the candidate gets no requests although stable does"
