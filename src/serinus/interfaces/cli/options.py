"""The options that many commands share, declared once."""

import enum
import getpass
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serinus.boot.settings import Settings
from serinus.interfaces.cli.trouble import Code, Trouble


class Format(enum.StrEnum):
    """How output is written."""

    TEXT = "text"
    JSON = "json"
    YAML = "yaml"
    NAME = "name"


@Parameter(name="*")
@dataclass(frozen=True)
class Place:
    """Where the commands look."""

    home: Annotated[Path | None, Parameter(env_var="SERINUS_HOME")] = None
    """Directory of what is running and what was. Default: ./.serinus"""
    specs: Annotated[Path | None, Parameter(env_var="SERINUS_SPECS")] = None
    """Directory of the applications. Default: what `serinus up` was told, or ./delivery"""

    def settings(self) -> Settings:
        """Return the settings of this place."""
        return Settings.load(home=self.home, specs=self.specs)


@Parameter(name="*")
@dataclass(frozen=True)
class Output:
    """How a command answers."""

    output: Annotated[Format, Parameter(name=["--output", "-o"])] = Format.TEXT
    """text, or json, yaml, name for other programs."""
    no_color: Annotated[bool, Parameter(negative="")] = False
    """Do not use colours. NO_COLOR does the same."""
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="")] = False
    """Say nothing but the answer."""


Environment = Annotated[
    str, Parameter(name=["--env", "-e"], help="Which environment; this machine has one.")
]
Reason = Annotated[str, Parameter(name=["--reason", "-m"], help="Why: it is kept in the history.")]
Actor = Annotated[
    str | None,
    Parameter(env_var="SERINUS_ACTOR", help="Who asks. Default: your login name."),
]
ExpectStep = Annotated[
    int | None, Parameter(help="Refuse if the release is not at this step any more.")
]
ExpectRelease = Annotated[int | None, Parameter(help="Refuse if another release is in flight.")]
App = Annotated[str, Parameter(help="Name of the application.")]


@Parameter(name="*")
@dataclass(frozen=True)
class Author:
    """Who asks, and why."""

    reason: Reason = ""
    actor: Actor = None

    @property
    def name(self) -> str:
        """The actor's name."""
        return self.actor or login()


@Parameter(name="*")
@dataclass(frozen=True)
class Who(Author):
    """Who asks, why, and what they were looking at."""

    expect_step: ExpectStep = None
    expect_release: ExpectRelease = None


def login() -> str:
    """Return the login name, or the number of the user where there is no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"


def parameters(given: list[str]) -> dict[str, str]:
    """Read ``--set name=value``."""
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise Trouble(f"--set {text!r}: want name=value", hint="--set bake=1m", code=Code.USAGE)
        found[name] = value
    return found
