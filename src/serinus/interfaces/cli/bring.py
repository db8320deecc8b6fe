"""``import``: what other tools judge by, as checks of ours."""

import io
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serinus.boot import importing
from serinus.boot.importing import Imported
from serinus.core.errors import Problem, SpecError
from serinus.core.spec import prose
from serinus.interfaces.cli.options import Output
from serinus.interfaces.cli.screen import Screen
from serinus.interfaces.cli.trouble import Code, Trouble

_ABOVE = "# Into spec.delivery of an application, or into spec of a template."


def import_(
    *files: Annotated[
        Path, Parameter(help="AnalysisTemplates of Argo Rollouts, configurations of Kayenta.")
    ],
    arg: Annotated[
        list[str] | None,
        Parameter(negative="", help="A value for an argument of a query: service=shop."),
    ] = None,
    output_file: Annotated[
        Path | None, Parameter(help="Write the checks to this file, which must not be there.")
    ] = None,
    output: Output = Output(),
) -> int:
    """Print the checks that other tools' files make, and name all that cannot be carried over."""
    if not files:
        raise Trouble(
            "import needs a file",
            why="AnalysisTemplates of Argo Rollouts and canary configurations of Kayenta are read",
            hint="serinus import analysis.yaml",
            code=Code.USAGE,
        )
    if output_file is not None and output_file.exists():
        raise Trouble(
            f"there is a file {output_file} already",
            hint="another name, or remove it",
            code=Code.USAGE,
        )
    screen, found = Screen(output), _load(files, _given(arg or ()))
    if not found.checks:
        why = "\n".join(_told(note) for note in found.notes) or "there are no metrics in it"
        raise Trouble("nothing could be carried over", why=why)
    if output_file is not None:
        _write(output_file, _text(found, files))
        said = prose.several(len(found.checks), "check")
        screen.note(f"{said} written to {output_file}")
    elif not screen.answered(found, lambda: [str(check["name"]) for check in found.checks]):
        sys.stdout.write(_text(found, files))
    if found.notes:
        screen.note("Not carried over, or not as it was:")
    for note in found.notes:
        screen.note(f"  {_told(note)}")
    return Code.OK


def _given(texts: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise Trouble(
                f"--arg {text}: there is no '=' in it",
                hint="--arg service-name=shop",
                code=Code.USAGE,
            )
        found[name] = value
    return found


def _load(files: Sequence[Path], given: Mapping[str, str]) -> Imported:
    for file in files:
        if not file.is_file():
            raise Trouble(f"there is no file {file}", code=Code.USAGE)
    try:
        return importing.load(files, given)
    except SpecError as wrong:
        why = "\n".join(str(problem) for problem in wrong.problems)
        raise Trouble("this cannot be imported", why=why) from wrong


def _told(note: Problem) -> str:
    """Write a note without the word for a warning: it is none, it says what becomes of a value."""
    return str(note).replace(" warning: ", " ", 1)


def _text(found: Imported, files: Sequence[Path]) -> str:
    """Write the checks as YAML; a query of several lines stays one of several lines."""
    from ruamel.yaml import YAML, scalarstring  # noqa: PLC0415 - few ask for it, and it is slow

    yaml = YAML()
    yaml.width = 10_000
    written = io.StringIO()
    checks: list[Any] = list(msgspec.to_builtins(found.checks))
    scalarstring.walk_tree(checks)
    yaml.dump({"checks": checks}, written)
    names = ", ".join(file.name for file in files)
    return f"# From {names}, by serinus import.\n{_ABOVE}\n{written.getvalue()}"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise Trouble(
            f"{path} cannot be written", why=str(problem.strerror), hint="another place"
        ) from problem
