"""
The directory of specs: what people and Git write, read as what is wanted.

::

    pen         the few changes that commands make           (edits, tracked)
    answers     one application resolved on this machine     (blobs)
    shelf       what documents are to each other: library, names, hosts
    folder      the files, read when they were written       (marks)
    documents   a text: plain data, places, problems

Nothing is read again before it was written: an answer that is known costs one look into a
dictionary, and :meth:`Specs.changed` one ``stat`` for each file.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from serinus.adapters.local import answers, blobs, exports, folder, marks, pen, shelf
from serinus.adapters.local.answers import LOCAL, Ground
from serinus.adapters.local.folder import Entry, Folder, Sheet
from serinus.adapters.local.shelf import Sources
from serinus.core.errors import Problem
from serinus.core.spec import checker, problems
from serinus.core.spec.effective import Effective
from serinus.core.spec.resolve import Library
from serinus.ports import failures
from serinus.ports.store import Asked

Watched = tuple[tuple[str, marks.Mark], ...]
"""Declared files and directories as they were when an answer was made."""

_NOTHING = Library({}, {})


class Specs:
    """
    The specs in ``directory``; contents of declared files are kept below ``home``.

    ``library`` holds the built-in templates. Answers are those of the last :meth:`changed`, or of
    the first question when that was never asked. ``sources`` reviews the metric sources of
    environments. ``only``: of all files, this one alone.
    """

    def __init__(
        self,
        directory: Path,
        home: Path,
        library: Library = _NOTHING,
        sources: Sources = shelf.no_sources,
        *,
        only: str = "",
    ) -> None:
        self.directory = directory
        self.home = home
        self._builtin = library
        self._folder = Folder(directory, only)
        self._blobs = blobs.Blobs(home / "blobs")
        self._ground = Ground(directory, home, shelf.shelve(library, ()), sources)
        self._applications: dict[str, tuple[Entry, ...]] = {}
        self._lost: dict[str, str] = {}
        self._shared: Mapping[str, tuple[str, tuple[str, ...]]] = {}
        self._answers: dict[tuple[str, str], Asked] = {}
        self._watched: dict[tuple[str, str], Watched] = {}
        self._problems: tuple[Problem, ...] | None = None
        self._looked = False
        self._turn = 0
        self._news = True

    # --- what is there --------------------------------------------------------------------------

    @property
    def reads(self) -> int:
        """How many files were read so far: what :meth:`changed` is careful with."""
        return self._folder.reads

    def changed(self) -> bool:
        """Tell whether anything was written since the last call; the first call always does."""
        try:
            self._look(in_passing=True)
        except failures.Unavailable:
            return True
        news, self._news = self._news, False
        return news

    def applications(self) -> Sequence[str]:
        """Return the names of all applications, sorted, those with problems included."""
        self._once()
        return sorted(self._applications.keys() | self._lost.keys())

    def library(self) -> Library:
        """Return the built-in templates and environments, and the directory's own."""
        self._once()
        return self._ground.library

    def templates(self) -> Sequence[str]:
        """Return the names of all templates, sorted."""
        return sorted(self.library().templates)

    def environments(self) -> Sequence[str]:
        """Return the names of all environments, sorted."""
        return sorted(self.library().environments)

    def data(self, name: str) -> Mapping[str, Any] | None:
        """Return an application's document as plain data, None when there is none to be read."""
        self._once()
        found = self._applications.get(name)
        return found[0].data if found else None

    def file(self, name: str) -> Path:
        """Return the file that an application is written in; Missing when there is none."""
        self._once()
        found = self._applications.get(name)
        file = found[0].file if found else self._lost.get(name)
        if file is None:
            raise self._missing(name)
        return self.directory / file

    def ground(self) -> Ground:
        """Read what was written since, and return where documents are resolved."""
        self._look()
        return self._ground

    def entries(self, name: str) -> tuple[Entry, ...]:
        """Return the documents of an application: one, if nothing is wrong."""
        self._once()
        return self._applications.get(name, ())

    def draft(self, data: Mapping[str, Any]) -> Asked:
        """
        Return what a document would ask for on this machine that is in no file.

        Nothing is kept of it, the contents of declared files neither.
        """
        self._once()
        entry = Entry(folder.UNWRITTEN, 0, "Application", "", data)
        found = answers.effective(entry, LOCAL, self._ground)
        files, unfound = answers.declared(entry, found, self._ground)
        wrong = problems.errors((*found.problems, *unfound))
        if wrong or found.delivery is None:
            return Asked(problem=problems.text(wrong) or "it cannot be resolved")
        try:
            hashes = self._blobs.digests(files.files)
        except OSError as problem:
            return Asked(problem=f"{problem.filename} cannot be read: {problem.strerror}")
        return Asked(wanted=answers.wanted(found, found.delivery, hashes, self._ground))

    def hosts(self, entry: Entry) -> tuple[Problem, ...]:
        """Tell who has the host of a document of this machine already, whatever is written now."""
        self._once()
        known = {**self._applications, entry.name: (entry,)}
        host, names = shelf.shared(known, LOCAL).get(entry.name, ("", ()))
        return (_taken(entry, host, names),) if names else ()

    def problems(self) -> tuple[Problem, ...]:
        """Return everything that is wrong, in all files, each with its line."""
        self._once()
        if self._problems is None:
            found = [*self._ground.shelf.problems]
            for sheet in self._folder.sheets.values():
                found += sheet.problems
                if self._folder.only and not sheet.entries and not sheet.problems:
                    found.append(Problem("", folder.NOT_OURS, file=self._folder.only))
                for entry in sheet.entries:
                    if entry.kind == "Application":
                        found += answers.wrong(entry, self._ground)
                        found += self._apart(entry.name, LOCAL)
            self._problems = problems.located(found, self._folder.positions)
        return self._problems

    # --- what is asked for ----------------------------------------------------------------------

    def asked(self, name: str, environment: str) -> Asked:
        """Return what is asked for; nothing at all for an unknown name."""
        answer = self._answers.get((name, environment))
        if answer is not None:
            return answer
        self._once()
        if name in self._applications:
            answer, watched = self._answer(self._applications[name][0], environment)
        elif name in self._lost:
            sheet = self._folder.sheets[self._lost[name]]
            answer, watched = Asked(problem=problems.text(sheet.problems)), ()
        else:
            return Asked()
        self._answers[name, environment] = answer
        self._watched[name, environment] = watched
        return answer

    def effective(
        self, name: str, environment: str = LOCAL, overrides: Mapping[str, Any] | None = None
    ) -> Effective:
        """Return an application as it is in an environment; Missing for an unknown name."""
        self._once()
        if name in self._applications:
            entry = self._applications[name][0]
            found = answers.effective(entry, environment, self._ground, overrides)
            wrong = (*self._apart(name, environment), *found.problems)
            if environment == LOCAL:
                wrong += answers.declared(entry, found, self._ground)[1]
        elif name in self._lost:
            found = Effective(name, environment, ())
            wrong = self._folder.sheets[self._lost[name]].problems
        else:
            raise self._missing(name)
        placed = problems.located(wrong, self._folder.positions)
        return msgspec.structs.replace(found, problems=placed)

    def alone(self, path: Path) -> "Specs":
        """Return specs of one file, wherever it is, with the library of these; see ``lint -f``."""
        self._once()
        others = (
            entry
            for name, sheet in self._folder.sheets.items()
            for entry in sheet.entries
            if (self.directory / name).resolve() != path.resolve()
        )
        sources = self._ground.sources
        library = shelf.shelve(self._builtin, others, sources).library
        return Specs(path.absolute().parent, self.home, library, sources, only=path.name)

    def export(self, namespace: str = "", wanted: Sequence[str] = ()) -> exports.Exported:
        """Return the documents as manifests for a cluster, of all applications or the wanted."""
        self._once()
        for name in wanted:
            self.file(name)
        return exports.export(self._folder, self._ground, namespace, wanted)

    def review_new(self, name: str, content: bytes) -> tuple[Problem, ...]:
        """Return the errors of a file as it would be in the directory, where it is not yet."""
        self._once()
        return pen.review(content, name, self._ground)

    # --- what commands change -------------------------------------------------------------------

    def set_version(
        self, application: str, version: str, parameters: Mapping[str, str] | None = None
    ) -> bool:
        """
        Change the version in the application's file, and parameters; tell whether that is news.

        Rejected with all problems when the result cannot be used, or with the patch to commit when
        Git tracks the file: nothing is changed then. Conflict when somebody was faster.
        """
        self._look()
        entry = self.single(application)
        changed = pen.set_version(entry, version, parameters or {}, self._ground)
        self._look()
        return changed

    def delete(self, application: str) -> None:
        """Remove the application's document; Rejected when Git tracks the file."""
        self._look()
        pen.delete(self.single(application), self._ground)
        self._look()

    def add(self, file: Path) -> str:
        """
        Copy an application's file into the directory and return the application's name.

        A relative ``workdir`` is rewritten, so that it goes on meaning the same directory.
        """
        self._look()
        name, content = pen.prepared(file, self._ground)
        known = self._applications.get(name, ())
        elsewhere = [entry.file for entry in known if entry.file != file.name]
        if elsewhere:
            raise failures.Rejected(
                f"{file} is not added",
                why=f"application '{name}' is in {self.directory / elsewhere[0]} already",
                hint=f"serinus deploy {name} VERSION   or edit that file",
            )
        pen.put_beside(self.directory / file.name, content)
        self._look()
        return name

    def single(self, name: str) -> Entry:
        """Return the one document of an application, which must be whole; Rejected if it is not."""
        found = self._applications.get(name, ())
        if len(found) == 1:
            return found[0]
        if not found and name not in self._lost:
            raise self._missing(name)
        file = self.file(name)
        wrong = self._apart(name, LOCAL) or self._folder.sheets[file.name].problems
        said = problems.text(problems.located(wrong, self._folder.positions))
        raise failures.Rejected(f"{file} cannot be changed", why=said, hint=f"$EDITOR {file}")

    def _missing(self, name: str) -> failures.Missing:
        message = checker.unknown(name, self.applications(), "application")
        return failures.Missing(message, why=f"the specs are in {self.directory}")

    # --- reading --------------------------------------------------------------------------------

    def _once(self) -> None:
        if not self._looked:
            self._look()

    def _look(self, *, in_passing: bool = False) -> None:
        """Read what was written, and forget the answers that it touches."""
        changed = self._folder.look(in_passing=in_passing)
        self._looked = True
        self._turn = (self._turn + 1) % folder.TURNS
        many = len(self._watched) > folder.LARGE
        touched = set() if in_passing and many and self._turn else self._moved()
        sheets = [sheet for pair in changed.values() for sheet in pair if sheet is not None]
        if sheets:
            everybody = self._index(sheets)
            named = (name for sheet in sheets for name in sheet.applications)
            touched |= self._answers.keys() if everybody else self._keys(named)
        if any(s.entries or s.problems or s.lost for s in sheets) or touched:
            self._news, self._problems = True, None
        for key in touched:
            del self._answers[key], self._watched[key]

    def _index(self, changed: Sequence[Sheet]) -> bool:
        """Put all documents in order again; tell whether every answer may be another now."""
        sheets = self._folder.sheets
        found: dict[str, tuple[Entry, ...]] = {}
        for sheet in sheets.values():
            for entry in sheet.entries:
                if entry.kind == "Application" and entry.name:
                    found[entry.name] = (*found.get(entry.name, ()), entry)
        lost = {name: file for file, sheet in sheets.items() for name in sheet.lost}
        self._applications = found
        self._lost = {name: file for name, file in lost.items() if name not in found}
        library = any(e.kind != "Application" for sheet in changed for e in sheet.entries)
        if library:
            entries = (entry for sheet in sheets.values() for entry in sheet.entries)
            together = shelf.shelve(self._builtin, entries, self._ground.sources)
            self._ground = self._ground._replace(shelf=together)
        before, self._shared = self._shared, shelf.shared(found, LOCAL)
        return library or before != self._shared

    def _keys(self, names: Iterable[str]) -> set[tuple[str, str]]:
        wanted = set(names)
        return {key for key in self._answers if key[0] in wanted}

    def _moved(self) -> set[tuple[str, str]]:
        """Return the answers whose declared files were written."""
        moved = set()
        for key, watched in self._watched.items():
            again = [marks.again(path, mark, marks.look(path)) for path, mark in watched]
            if None in again:
                moved.add(key)
            elif any(mark.fresh for _, mark in watched):
                pairs = zip(watched, again, strict=True)
                self._watched[key] = tuple((path, mark or old) for (path, old), mark in pairs)
        return moved

    # --- answering ------------------------------------------------------------------------------

    def _answer(self, entry: Entry, environment: str) -> tuple[Asked, Watched]:
        found = answers.effective(entry, environment, self._ground)
        files, unfound = answers.declared(entry, found, self._ground)
        wrong = (*self._apart(entry.name, environment), *found.problems, *unfound)
        watched = _marked((*files.missing, *files.directories))
        errors = problems.errors(wrong)
        if errors or found.delivery is None:
            said = problems.text(problems.located(errors, self._folder.positions))
            return Asked(problem=said or f"{entry.file}: it cannot be resolved"), watched
        try:
            kept = self._blobs.keep(files.files)
        except OSError as problem:
            said = f"{entry.file}: {problem.filename} cannot be read: {problem.strerror}"
            return Asked(problem=said), _marked((*files.files.values(), *files.directories))
        watched += tuple((str(files.files[name]), mark) for name, mark in kept.items())
        hashes = {name: mark.digest for name, mark in kept.items()}
        wanted = answers.wanted(found, found.delivery, hashes, self._ground)
        return Asked(wanted=wanted), watched

    def _apart(self, name: str, environment: str) -> tuple[Problem, ...]:
        """Tell what keeps applications apart: one document each, and a host of its own."""
        entries = self._applications.get(name, ())
        told = shelf.twice(entries)
        if environment == LOCAL and name in self._shared:
            told += (_taken(entries[0], *self._shared[name]),)
        return told


def _taken(entry: Entry, host: str, names: Iterable[str]) -> Problem:
    others = " and ".join(other for other in names if other != entry.name)
    message = f"{host} is the host of {others} too; give each a host of its own"
    path = "spec.route.host" if shelf.below(entry.data, "spec", "route") else "spec"
    return shelf.at(entry, path, message)


def _marked(paths: Iterable[Path]) -> Watched:
    """Mark what there is to be seen of files and directories, without reading files."""
    return tuple((str(path), marks.seen(path)) for path in paths)
