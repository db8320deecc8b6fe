"""
The command line: ``serinus COMMAND …``.

Commands are found by name in the catalogue and imported when they are typed. Every error ends here,
in the form of :mod:`serinus.interfaces.cli.trouble`, and nothing but a bug shows a traceback.
"""

import os
import sys
from collections.abc import Sequence

from serinus.interfaces.cli import catalogue

HELP = {"--help", "-h", "help"}
DEFAULT = "status"


def main() -> None:
    """Run the command that was typed, and end with its exit code."""
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # `serinus history | head`: the reader has seen enough. Python's own flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def run(tokens: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    if tokens and tokens[0] in HELP and len(tokens) == 1:
        print(catalogue.page())
        return 0
    if tokens and tokens[0] == "--version":
        tokens = ["version", *tokens[1:]]
    if tokens and tokens[0] == "help":
        tokens = [*tokens[1:], "--help"]
    if not tokens or tokens[0].startswith("-"):
        tokens = [DEFAULT, *tokens]
    return _dispatch(tokens)


def _dispatch(tokens: Sequence[str]) -> int:
    from serinus.interfaces.cli import dispatch, trouble  # noqa: PLC0415 - `--help` needs neither

    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot write ✓ gets a question mark, not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return dispatch.dispatch(tokens)
    except trouble.Trouble as found:
        return _tell(trouble.text(found), found.code)
    except KeyboardInterrupt:
        return trouble.Code.INTERRUPTED


def _tell(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code
