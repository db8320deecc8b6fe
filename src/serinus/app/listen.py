"""
What the platform is to listen for: the patterns of the release that is in flight.

Asked after every turn, because it is cheap to ask for the same again: a restarted controller begins
to listen with the first turn, and a release that ends is no longer listened to.
"""

from collections.abc import Mapping

import structlog

from serinus.app.desk import Desk
from serinus.core.spec.delivery import LogCheck, NewLinesCheck
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.ports import Ports, failures

log = structlog.get_logger()


def patterns(status: Status | None) -> Mapping[str, str]:
    """Return the patterns of all checks that read log lines, by the check's name."""
    release = None if status is None else status.release
    if release is None or release.ended_at is not None:
        return {}
    checks = (*release.delivery.checks, *release.delivery.looks)
    return {c.name: c.pattern for c in checks if isinstance(c, LogCheck | NewLinesCheck)}


async def listen(key: Key, status: Status | None, ports: Ports, desk: Desk) -> None:
    """
    Let the platform listen for what the release needs, and for nothing when there is none.

    A pattern that the platform refuses is not asked for again: its check has no data then, which is
    told and judged as such. ``Unavailable`` is the caller's.
    """
    wanted = patterns(status)
    if wanted == desk.listening.get(key, {}):
        return
    try:
        await ports.platform.listen(key, wanted)
    except failures.Rejected as problem:
        log.warning("log lines are not counted", application=str(key), problem=str(problem))
    if wanted:
        desk.listening[key] = wanted
    else:
        desk.listening.pop(key, None)
