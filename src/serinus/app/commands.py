"""What can be typed next: for each state the commands that make sense, the likeliest first."""

from collections.abc import Mapping

from msgspec.structs import replace

from serinus.core.planner import finish
from serinus.core.state.command import Command
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase, Release
from serinus.ports.store import Asked

_WHY = "-m REASON"
_BACK = Command("rollback")
_PROMOTE = Command("promote", rest=_WHY)
_EXPLAIN = Command("explain")
_NEXT = Command("next")
_NEXT_WHY = Command("next", rest=_WHY)
_LOGS = Command("logs", rest="--candidate")
_HISTORY = Command("history")
_DIFF = Command("diff")
_MOVING = (Command("pause"), _NEXT, _PROMOTE, _BACK)

NEXT: Mapping[Phase, tuple[Command, ...]] = {
    Phase.QUEUED: (_NEXT_WHY, _BACK),
    Phase.WAITING: (Command("approve"), Command("reject", rest=_WHY)),
    Phase.STARTING: (_LOGS, _BACK),
    Phase.ROLLING: _MOVING,
    Phase.HOLDING: (_EXPLAIN, _PROMOTE, _BACK),
    Phase.PAUSED: (Command("resume"), _PROMOTE, _BACK),
    Phase.RETREATED: (_EXPLAIN, _BACK),
    Phase.PROBING: (_EXPLAIN, _BACK),
    Phase.TRIAL: (_EXPLAIN, _BACK),
    Phase.HELD: (Command("retry"), _PROMOTE, _BACK),
    Phase.PROMOTING: (_BACK,),
    Phase.SETTLING: (_BACK,),
    Phase.ROLLING_BACK: (),
    Phase.SUCCEEDED: (_HISTORY,),
    Phase.ROLLED_BACK: (_DIFF, _LOGS),
    Phase.SUPERSEDED: (),
    Phase.CONCLUDED: (_EXPLAIN, _HISTORY),
    Phase.FAILED: (_LOGS, _DIFF),
}


def sensible(status: Status, release: Release, asked: Asked) -> tuple[Command, ...]:
    """Return the commands that make sense for a release as it is."""
    state = release.progress
    found = NEXT[state.phase]
    if state.phase is Phase.WAITING and state.gate in {"window", "webhook"}:
        found = (_NEXT_WHY, _BACK)
    if state.phase is Phase.HOLDING and state.wait.then == finish.DOUBTFUL:
        found = (_EXPLAIN, _NEXT, _BACK)
    again = (retried(release.application),) if release.ended_at is not None else ()
    return (
        *(replace(command, application=release.application) for command in found),
        *(again if quarantined(status, asked) else ()),
    )


def quarantined(status: Status, asked: Asked) -> bool:
    """Tell whether what is asked for failed before, and is not tried again by itself."""
    return asked.wanted is not None and asked.wanted.revision.id in status.quarantine


def retried(application: str) -> Command:
    """Return what tries a change again that failed."""
    return Command("retry", application)
