"""From words to a function: cyclopts reads the arguments, the catalogue says where the code is."""

import contextlib
import inspect
from collections.abc import Sequence

import cyclopts
from cyclopts.help import PlainFormatter

from serinus.boot.settings import Cluster
from serinus.core.errors import SpecError
from serinus.interfaces.cli import catalogue, trouble
from serinus.interfaces.cli.options import Reach
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports import failures


def build() -> cyclopts.App:
    """Return the application with all commands, none of them imported yet."""
    app = cyclopts.App(
        name="serinus",
        help_flags=["--help", "-h"],
        version_flags=[],
        result_action="return_value",
        help_formatter=PlainFormatter(),
        default_parameter=cyclopts.Parameter(show_default=_worth_showing),
    )
    for title, entries in catalogue.GROUPS:
        group = cyclopts.Group(title)
        for entry in entries:
            app.command(entry.place, name=entry.name, group=group)
    return app


def dispatch(tokens: Sequence[str]) -> int:
    """Run the command that the words name; wrong words are trouble with exit code 2."""
    names = {entry.name for entry in catalogue.ENTRIES}
    if tokens[0] not in names:
        raise Trouble(
            f"there is no command {tokens[0]!r}",
            why=_meant(tokens[0], names),
            hint="serinus --help",
            code=Code.USAGE,
        )
    app = build()
    try:
        command, bound, _ = app.parse_args(tokens, exit_on_error=False, print_error=False)
    except cyclopts.CycloptsError as error:
        raise wrong(tokens, error) from None
    try:
        return int(command(*bound.args, **bound.kwargs) or 0)
    except Trouble as found:
        found.cluster = _cluster(bound)
        raise
    except (failures.PortFailure, SpecError) as failure:
        raise trouble.of(failure, _cluster(bound)) from failure


def _cluster(bound: inspect.BoundArguments) -> Cluster | None:
    """Return the cluster that a command looked at, so that what is to be typed next leads there."""
    bound.apply_defaults()
    place, app = bound.arguments.get("place"), bound.arguments.get("app")
    if not isinstance(place, Reach):
        return None
    with contextlib.suppress(Trouble, failures.PortFailure):
        return place.settings(app).there
    return None


def wrong(tokens: Sequence[str], error: cyclopts.CycloptsError) -> Trouble:
    """Tell what is wrong with the words behind a command, and where its page is."""
    command = " ".join([tokens[0], *_below(tokens)])
    said = str(error).strip().splitlines()[0]
    return Trouble(f"{command}: {said}", hint=f"serinus {command} --help", code=Code.USAGE)


def _below(tokens: Sequence[str]) -> Sequence[str]:
    """Return the name of the command below a command, as in `template ls`."""
    return [word for word in tokens[1:2] if word in catalogue.BELOW.get(tokens[0], ())]


def _meant(word: str, names: set[str]) -> str:
    import difflib  # noqa: PLC0415 - only for a typing error

    close = difflib.get_close_matches(word, sorted(names), n=1)
    return f"did you mean {close[0]!r}?" if close else "the commands are listed by --help"


def _worth_showing(default: object) -> str | None:
    """Show a default that says something: not an empty text, not a switch that is off."""
    return None if default in {None, "", False} else str(default)
