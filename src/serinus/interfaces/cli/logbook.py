"""
``logs``: what the replicas wrote, on this machine, in a cluster, or through a dashboard.

::

    a1b2c3d4e5-0  listening on 127.0.0.1:20001
    d4e5f6a7b8-0  GET /orders 500
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlencode

import anyio
import msgspec
from cyclopts import Parameter

from serinus.adapters.local import logfiles
from serinus.adapters.local.places import Places
from serinus.app import intents, views
from serinus.app.office import Line
from serinus.boot import home
from serinus.boot.settings import Cluster, Server, Settings
from serinus.core.state.command import Command
from serinus.core.state.notice import Key
from serinus.interfaces.cli import listening
from serinus.interfaces.cli.eventstream import Piece
from serinus.interfaces.cli.options import App, Environment, Far
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports import failures
from serinus.ports.store import Store

if TYPE_CHECKING:
    from serinus.interfaces.cli.wire import Wire


class Wanted(msgspec.Struct, frozen=True):
    """Which lines are wanted: the last ones of each replica, and with ``follow`` all that come."""

    lines: int
    candidate: bool
    follow: bool


def logs(
    app: App,
    /,
    *,
    env: Environment = "local",
    candidate: Annotated[
        bool, Parameter(negative="", help="Only the candidate's replicas.")
    ] = False,
    lines: Annotated[int, Parameter(name=["--lines", "-n"], help="How many of each.")] = 20,
    follow: Annotated[
        bool, Parameter(name=["--follow", "-f"], negative="", help="Go on as they write.")
    ] = False,
    place: Far = Far(),
) -> int:
    """Read what the replicas wrote, each line with the name of its replica."""
    if lines < 0:
        raise Trouble(f"--lines: {lines} lines; wanted 0 or more", code=Code.USAGE)
    settings, wanted = place.settings(app), Wanted(lines, candidate, follow)
    read = partial(_here, settings)
    if settings.cluster is not None:
        read = partial(_there, settings, settings.cluster)
    if settings.server is not None:
        read = partial(_afar, settings.server)
    return anyio.run(read, place.key(app, env), wanted)


async def _here(settings: Settings, key: Key, wanted: Wanted) -> int:
    async with home.store(settings) as store:
        await intents.known(key, store)
        now = await views.compared(store, key, candidate=wanted.candidate)
    folder = Places(settings.home).log(key, "any").parent

    def files() -> dict[str, Path]:
        found = [path for revision in now for path in folder.glob(f"{revision[:10]}-*.log")]
        return {path.stem: path for path in sorted(found)}

    if not files() and not wanted.follow:
        raise _silent(key, f"looked in {folder}")
    for name, path in files().items():
        for line in logfiles.tail(path, wanted.lines):
            _tell(name, line)
    if wanted.follow:
        async for name, line in logfiles.follow(files):
            _tell(name, line, at_once=True)
    return Code.OK


async def _there(settings: Settings, cluster: Cluster, key: Key, wanted: Wanted) -> int:
    from serinus.boot import visiting  # noqa: PLC0415 - few commands are about a cluster

    async def compared(store: Store, known: Key) -> tuple[str, ...]:
        return await views.compared(store, known, candidate=wanted.candidate)

    async with home.store(settings) as store:
        known = await intents.known(key, store)
        wrote = await visiting.logs(
            cluster,
            known,
            partial(compared, store, known),
            partial(_tell, at_once=wanted.follow),
            lines=wanted.lines,
            follow=wanted.follow,
        )
    if not wrote:
        raise _silent(known, "a pod that is gone has taken its log along")
    return Code.OK


# --- through a dashboard ------------------------------------------------------------------------


async def _afar(server: Server, key: Key, wanted: Wanted) -> int:
    from serinus.interfaces.cli import remote  # noqa: PLC0415 - few ask a dashboard

    async with remote.Remote(server) as seen:
        key = await seen.known(key)
        if not wanted.follow:
            found = await seen.wire.get(_path(key, wanted), tuple[Line, ...])
            if not found:
                raise _silent(key, "there are no logs of it where the dashboard is served")
            for line in found:
                _tell(line.replica, line.text)
            return Code.OK
        return await _follow(seen.wire, key, wanted)


async def _follow(far: "Wire", key: Key, wanted: Wanted) -> int:
    """Tell lines as they come, and go on when the dashboard comes back, without what was missed."""
    begun = away = False
    while True:
        try:
            async with far.stream(f"{far.root}{_path(key, wanted)}") as pieces:
                if away:
                    listening.note("It answers again.")
                begun, away = True, False
                wanted = msgspec.structs.replace(wanted, lines=0)
                async for piece in pieces:
                    _told(far, piece)
        except failures.Unavailable as failure:
            if not begun:
                raise
            if not away:
                listening.note(f"{failure}: what is written meanwhile is not shown.")
            away = True
        await anyio.sleep(listening.AGAIN_S)


def _told(far: "Wire", piece: Piece) -> None:
    if piece.kind == "problem":
        raise far.problem(piece.data.encode())
    line = msgspec.json.decode(piece.data, type=Line)
    _tell(line.replica, line.text, at_once=True)


def _path(key: Key, wanted: Wanted) -> str:
    asked = {"lines": str(wanted.lines)}
    asked |= {"candidate": "1"} if wanted.candidate else {}
    asked |= {"follow": "1"} if wanted.follow else {}
    where = f"{quote(key.environment, safe='')}/{quote(key.application)}"
    return f"/logs/{where}?{urlencode(asked)}"


# --- telling ------------------------------------------------------------------------------------


def _tell(replica: str, line: str, *, at_once: bool = False) -> None:
    print(f"{replica}  {line}", flush=at_once)


def _silent(key: Key, why: str) -> Trouble:
    return Trouble(
        f"no replica of {key.application} has written anything yet",
        why=why,
        next=(Command("status", key.application),),
    )
