"""``export``: the specs as manifests for Kubernetes."""

import contextlib
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from serinus.boot import export as exporting
from serinus.boot.settings import Settings
from serinus.core.errors import Problem, Severity
from serinus.core.spec import cluster, prose
from serinus.interfaces.cli.options import Place
from serinus.interfaces.cli.trouble import Code, Trouble


@Parameter(name="*")
@dataclass(frozen=True)
class What:
    """What is exported."""

    file: Annotated[
        Path | None, Parameter(name=["--file", "-f"], help="A file, or a directory of them.")
    ] = None
    namespace: Annotated[
        str, Parameter(name=["--namespace", "-n"], help="The namespace of the objects.")
    ] = ""
    builtin_templates: Annotated[
        bool, Parameter(negative="", help="Also the built-in templates that are used.")
    ] = False


@Parameter(name="*")
@dataclass(frozen=True)
class Target:
    """Where it is written to; the standard output where nothing is said."""

    output: Annotated[
        Path | None, Parameter(name=["--output", "-o"], help="Write to this file.")
    ] = None
    output_dir: Annotated[
        Path | None, Parameter(help="Write one file for each object into this directory.")
    ] = None


ALL, STDOUT = What(), Target()


def export(
    *apps: Annotated[str, Parameter(help="Names of applications. Default: all that there is.")],
    what: What = ALL,
    strict: Annotated[
        bool, Parameter(negative="", help="Refuse what Kubernetes would not run; exit 3.")
    ] = False,
    target: Target = STDOUT,
    place: Place = Place(),
) -> int:
    """Print the specs as manifests, ready for kubectl apply; each spec is as it was written."""
    wrong = cluster.namespace(what.namespace) if what.namespace else ""
    if wrong:
        raise Trouble(f"--namespace: {wrong}", hint="--namespace shop", code=Code.USAGE)
    settings = place.settings()
    _check(settings, what.file, target)
    found = exporting.export(
        settings, what.file, apps, what.namespace, builtin=what.builtin_templates
    )
    errors = [one for one in found.problems if one.severity is Severity.ERROR]
    if errors:
        why = _lines(errors)
        hint = "serinus lint" if what.file is None else f"serinus lint -f {what.file}"
        raise Trouble("nothing is exported: the specs are wrong", why=why, hint=hint)
    if not found.manifests:
        where = what.file or settings.specs
        raise Trouble(f"there is nothing to export in {where}", hint="serinus init")
    if strict and found.problems:
        raise Trouble(
            "nothing is exported: Kubernetes would not run this as it is",
            why=_lines(found.problems),
            hint="mend it, or leave --strict away",
            code=Code.REFUSED,
        )
    for problem in found.problems:
        print(problem, file=sys.stderr)
    _write(found.manifests, target)
    return Code.OK


def _check(settings: Settings, file: Path | None, target: Target) -> None:
    """Refuse places that cannot be meant, before anything is read."""
    if file is not None and not file.exists():
        raise Trouble(f"there is no file {file}", hint="serinus export", code=Code.USAGE)
    output, output_dir = target.output, target.output_dir
    if output is not None and output_dir is not None:
        raise Trouble(
            "--output and --output-dir are two places",
            hint="one of them",
            code=Code.USAGE,
        )
    folder = output.absolute().parent if output is not None else output_dir
    source = file if file is not None and file.is_dir() else settings.specs
    if folder is not None and folder.resolve() == source.resolve():
        raise Trouble(
            f"the manifests would lie among the specs, in {source}, and be read as some",
            hint="another directory",
            code=Code.USAGE,
        )


def _write(manifests: tuple[exporting.Manifest, ...], target: Target) -> None:
    if target.output_dir is not None:
        for one in manifests:
            name = f"{one.kind.lower()}-{one.name}.yaml"
            _put(target.output_dir / name, _text([one]))
        number = prose.several(len(manifests), "manifest")
        print(f"{number} written to {target.output_dir}", file=sys.stderr)
    elif target.output is not None:
        _put(target.output, _text(manifests))
    else:
        sys.stdout.write(_text(manifests))


def _text(manifests: Iterable[exporting.Manifest]) -> str:
    """Write documents one after the other, each with the file that it is from."""
    return "---\n".join(f"# from {one.source}\n{one.text}" for one in manifests)


def _put(path: Path, text: str) -> None:
    """Write a file by one rename."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise Trouble(
            f"{path} cannot be written", why=str(problem.strerror), hint="another place"
        ) from problem


def _lines(problems: Iterable[Problem]) -> str:
    return "\n".join(str(problem) for problem in problems)
