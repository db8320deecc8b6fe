"""``version`` and ``completion``."""

import enum
from importlib import metadata
from typing import Annotated

from cyclopts import Parameter

import serinus.interfaces.cli.dispatch as dispatching


class Shell(enum.StrEnum):
    """The shells that completion is made for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def version() -> int:
    """Print the version."""
    print(metadata.version("serinus"))
    return 0


def completion(shell: Annotated[Shell, Parameter(help="bash, zsh or fish.")], /) -> int:
    """
    Print completion for a shell.

    For bash, add to ~/.bashrc: eval "$(serinus completion bash)"
    """
    print(dispatching.build().generate_completion(shell=shell.value))
    return 0
