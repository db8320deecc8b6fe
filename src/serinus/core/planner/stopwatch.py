"""
The stopwatch of a step: how long it has been held, and when the data plane was seen to follow.

It stands while the release is paused, retreated or probing, and counts no more than a moment of the
time in which nobody looked. A clock that is set back costs the moments since it was written down.
"""

from datetime import datetime

from serinus.core.planner.turn import Turn
from serinus.core.state.release import Progress

CLOCK_S = 5.0
GAP_S = 10.0
"""The hold clock is written down every 5 s; a gap in observing counts at most 10 s."""


def tick(turn: Turn) -> Turn:
    """Let the hold clock run, written down now and then."""
    progress = turn.progress
    if progress.clock_at is None:
        return turn.with_(clock_at=turn.now)
    passed = turn.since(progress.clock_at)
    if 0.0 <= passed < CLOCK_S:
        return turn
    if passed < 0.0:
        # The clock was set back: silence is measured from these instants, and must not lie ahead.
        turn = turn.with_(
            step_at=progress.step_at and min(progress.step_at, turn.now),
            test_at=progress.test_at and min(progress.test_at, turn.now),
        )
    return turn.with_(held_s=held(turn), clock_at=turn.now)


def stopped(turn: Turn) -> Turn:
    """Stop the hold clock, with what it has counted."""
    progress = turn.progress
    if progress.clock_at is None:
        return turn
    return turn.with_(held_s=held(turn), clock_at=None)


def held(turn: Turn) -> float:
    """Return for how long the current step has been held so far, in seconds."""
    return held_at(turn.progress, turn.now)


def held_at(progress: Progress, now: datetime) -> float:
    """Return the same for whoever knows no more than the progress and the time."""
    if progress.clock_at is None:
        return progress.held_s
    passed = (now - progress.clock_at).total_seconds()
    return progress.held_s + min(max(0.0, passed), GAP_S)


def reached(turn: Turn) -> Turn:
    """Note that the data plane was seen to give the candidate its share."""
    progress, reading = turn.progress, turn.reading
    return turn.with_(
        step_at=turn.now,
        step_requests=reading.requests if reading else 0,
        step_blocks=reading.blocks if reading else 0,
        test_at=progress.test_at or turn.now,
        max_share=max(progress.max_share, progress.share),
        pending_since=None,
        clock_at=None,
    )
