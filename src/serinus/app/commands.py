"""What can be typed next: for each state the commands that make sense, the likeliest first."""

from collections.abc import Mapping

from serinus.core.planner import finish
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase, Release
from serinus.ports.store import Asked

_BACK = "serinus rollback {app}"
_PROMOTE = "serinus promote {app} -m REASON"
_MOVING = ("serinus pause {app}", "serinus next {app}", _PROMOTE, _BACK)

NEXT: Mapping[Phase, tuple[str, ...]] = {
    Phase.QUEUED: ("serinus next {app} -m REASON", _BACK),
    Phase.WAITING: ("serinus approve {app}", "serinus reject {app} -m REASON"),
    Phase.STARTING: ("serinus logs {app} --candidate", _BACK),
    Phase.ROLLING: _MOVING,
    Phase.HOLDING: ("serinus explain {app}", _PROMOTE, _BACK),
    Phase.PAUSED: ("serinus resume {app}", _PROMOTE, _BACK),
    Phase.RETREATED: ("serinus explain {app}", _BACK),
    Phase.PROBING: ("serinus explain {app}", _BACK),
    Phase.TRIAL: ("serinus explain {app}", _BACK),
    Phase.HELD: ("serinus retry {app}", _PROMOTE, _BACK),
    Phase.PROMOTING: (_BACK,),
    Phase.SETTLING: (_BACK,),
    Phase.ROLLING_BACK: (),
    Phase.SUCCEEDED: ("serinus history {app}",),
    Phase.ROLLED_BACK: ("serinus diff {app}", "serinus logs {app} --candidate"),
    Phase.SUPERSEDED: (),
    Phase.CONCLUDED: ("serinus explain {app}", "serinus history {app}"),
    Phase.FAILED: ("serinus logs {app} --candidate", "serinus diff {app}"),
}


def sensible(status: Status, release: Release, asked: Asked) -> tuple[str, ...]:
    """Return the commands that make sense for a release as it is."""
    state = release.progress
    texts = NEXT[state.phase]
    if state.phase is Phase.WAITING and state.gate in {"window", "webhook"}:
        texts = ("serinus next {app} -m REASON", _BACK)
    if state.phase is Phase.HOLDING and state.wait.then == finish.DOUBTFUL:
        texts = ("serinus explain {app}", "serinus next {app}", _BACK)
    commands = [text.format(app=release.application) for text in texts]
    wanted = asked.wanted
    if release.ended_at is not None and wanted and wanted.revision.id in status.quarantine:
        commands.append(f"serinus retry {release.application}")
    return tuple(commands)
