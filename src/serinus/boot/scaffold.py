"""What ``serinus init`` needs of this machine: suggestions, a review of drafts, and the files."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from serinus.adapters.local import surroundings
from serinus.adapters.local.surroundings import Suggestion as Suggestion
from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.errors import Problem
from serinus.core.spec import draft
from serinus.core.spec.draft import Draft
from serinus.core.spec.resolve import Library
from serinus.ports import failures


class Scaffold:
    """
    Where a new application will be written: the directory of specs, and what stands in it.

    ``here``: the directory in which its command starts.
    """

    def __init__(self, settings: Settings, here: Path) -> None:
        self._specs = home.specs(settings)
        self._folder = settings.specs
        self._here = here

    @property
    def workdir(self) -> str:
        """The directory of the command, as the file of specs names it."""
        return Path(os.path.relpath(self._here, self._folder)).as_posix()

    @property
    def library(self) -> Library:
        """The templates and environments that there are."""
        return self._specs.library()

    def suggestions(self) -> tuple[Suggestion, ...]:
        """Return the commands that may start what lies there, the surest first."""
        return surroundings.suggestions(self._here)

    def file(self, name: str) -> Path:
        """Return the file that a name gets."""
        return self._folder / f"{name}.yaml"

    def taken(self, name: str) -> Path | None:
        """Return the file that has a name already, None if it is free."""
        if name in self._specs.applications():
            return self._specs.file(name)
        file = self.file(name)
        return file if file.exists() else None

    def review(self, written: Draft) -> tuple[Problem, ...]:
        """Return the errors of a draft as everybody's files are reviewed."""
        return self._specs.review_new(f"{written.name}.yaml", draft.text(written).encode())

    def write(self, texts: Mapping[Path, str]) -> None:
        """
        Write new files, all or none; Rejected when one is there by now.

        A file appears whole or not at all, and nothing that exists is touched.
        """
        drafts: dict[Path, Path] = {}
        done: list[Path] = []
        try:
            for path, text in texts.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                drafts[path] = path.with_name(f".{path.name}.{os.getpid()}")
                drafts[path].write_text(text, encoding="utf-8")
            for path, written in drafts.items():
                os.link(written, path)
                done.append(path)
        except BaseException as problem:
            for path in done:
                path.unlink(missing_ok=True)
            if isinstance(problem, OSError):
                raise _unwritten(problem) from problem
            raise
        finally:
            for written in drafts.values():
                with contextlib.suppress(OSError):
                    written.unlink()


def _unwritten(problem: OSError) -> failures.PortFailure:
    where = problem.filename2 or problem.filename
    if isinstance(problem, FileExistsError):
        return failures.Rejected(f"{where} exists, and is never overwritten")
    return failures.Unavailable(f"{where} cannot be written", why=str(problem.strerror))
