"""From words to a function: cyclopts reads the arguments, the catalogue says where the code is."""

import contextlib
import inspect
import re
import shlex
from collections.abc import Iterator, Sequence

import cyclopts
from cyclopts.help import PlainFormatter

from serinus.boot.settings import Cluster
from serinus.core.errors import SpecError
from serinus.interfaces.cli import catalogue, trouble
from serinus.interfaces.cli.options import Desk, Reach
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports import failures

SERVER, TOKEN = "--server", "--token"
_VALUE = re.compile(r"(--[\w-]+)=(?:(?! Did you mean ).)*")


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
    with contextlib.suppress(Trouble, failures.PortFailure):
        if isinstance(place, Reach):
            return place.settings(app).there
        if isinstance(place, Desk):
            return place.settings().there
    return None


def wrong(tokens: Sequence[str], error: cyclopts.CycloptsError) -> Trouble:
    """Tell what is wrong with the words behind a command, and where its page is."""
    command = " ".join([tokens[0], *_below(tokens)])
    if tokens[0] in catalogue.ALONE and _given(tokens, SERVER):
        return _alone(tokens)
    # What stands behind "=" may be a token, for which only the name was typed wrongly.
    said = _VALUE.sub(r"\1", str(error).strip().splitlines()[0])
    return Trouble(f"{command}: {said}", hint=f"serinus {command} --help", code=Code.USAGE)


def _alone(tokens: Sequence[str]) -> Trouble:
    """Say that a command asks no dashboard, and what to type instead."""
    why, there = catalogue.ALONE[tokens[0]]
    typed = shlex.join(["serinus", *_without(tokens, (SERVER, TOKEN))])
    return Trouble(
        f"{tokens[0]} asks no dashboard, so --server means nothing to it",
        why=why,
        hint=f"{typed}   (where the dashboard is served)" if there else typed,
        code=Code.USAGE,
    )


def _given(tokens: Sequence[str], option: str) -> bool:
    return any(word == option or word.startswith(f"{option}=") for word in tokens)


def _without(tokens: Sequence[str], options: Sequence[str]) -> Iterator[str]:
    """Return words without some options and their values."""
    words = iter(tokens)
    for word in words:
        if word in options:
            next(words, None)
        elif not any(word.startswith(f"{option}=") for option in options):
            yield word


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
