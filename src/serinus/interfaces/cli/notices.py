"""``notify``: whether people would be told."""

import anyio
import cyclopts
from rich.text import Text

from serinus.boot import home, notices
from serinus.boot.notices import Tried
from serinus.boot.settings import Settings
from serinus.interfaces.cli import pictures
from serinus.interfaces.cli.options import Output, Place
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble

notify = cyclopts.App(
    name="notify", help="Notifications to chats, mail and pagers.", version_flags=[]
)


@notify.command(name="test")
def try_(
    *,
    place: Place = Place(),
    output: Output = Output(),
) -> int:
    """
    Send a test message to every place; exit 1 if one fails.

    The places are those of `notify` in the Environment 'local'. Each is tried once.
    """
    settings, screen = place.settings(), Screen(output)
    names = tuple(notices.wishes(home.specs(settings)))
    if not names:
        raise Trouble(
            "nobody is to be told",
            why="no Environment 'local' with 'notify' is among the specs, or it is damaged",
            hint="notify: [{to: on-call}]   in its spec; then serinus lint",
        )
    tried = anyio.run(_tried, settings, names)
    code = Code.ERROR if any(one.problem for one in tried) else Code.OK
    if screen.answered(tried, lambda: names):
        return code
    rows = [[Text(one.place, "bold"), _state(one)] for one in tried]
    screen.table(("PLACE", "TEST"), rows, [_told(one) for one in tried], title="WHY")
    return code


async def _tried(settings: Settings, names: tuple[str, ...]) -> tuple[Tried, ...]:
    return tuple([await notices.trial(settings, name) for name in names])


def _state(one: Tried) -> Text:
    return Text("failed", pictures.BAD) if one.problem else Text("ok", pictures.GOOD)


def _told(one: Tried) -> Text:
    return Text("  ".join(part for part in (one.problem, one.why, one.hint) if part))
