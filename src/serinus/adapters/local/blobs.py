"""
Contents of versioned files, stored once under their sha256: what a revision is made of.

``look`` finds the files that an application declares, ``Blobs.keep`` reads and stores them.
"""

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from serinus.adapters.local import marks
from serinus.ports import failures

LARGEST = 64 << 20
"""Bytes of all files of one application."""

MOST = 1000
"""Files of one application."""


class Wrong(NamedTuple):
    """What is wrong with a declared file: its number in ``files``, from zero."""

    number: int
    message: str


class Found(NamedTuple):
    """The declared files by their names, and what to watch for a change."""

    files: Mapping[str, Path]
    wrong: tuple[Wrong, ...]
    directories: tuple[Path, ...] = ()
    missing: tuple[Path, ...] = ()


class _Refused(Exception):
    """A declared file cannot be used; the message says why."""


def look(declared: Sequence[str], workdir: Path, home: Path) -> Found:
    """Find the declared files below ``workdir``, all that is wrong with them at once."""
    files: dict[str, Path] = {}
    wrong: list[Wrong] = []
    directories: list[Path] = []
    missing: list[Path] = []
    size = 0
    for index, written in enumerate(declared):
        try:
            for name, path, found in _below(written, workdir, home, directories):
                if name not in files:
                    files[name] = path
                    size += found.st_size
                if len(files) > MOST or size > LARGEST:
                    message = f"more than {MOST} files or {LARGEST >> 20} MiB; declare fewer"
                    return Found(files, (*wrong, Wrong(index, message)), tuple(directories))
        except FileNotFoundError:
            missing.append(workdir / written)
            wrong.append(Wrong(index, f"'{written}' does not exist in {workdir}"))
        except _Refused as refusal:
            wrong.append(Wrong(index, str(refusal)))
        except OSError as problem:
            wrong.append(Wrong(index, f"'{written}' cannot be read: {problem.strerror}"))
    return Found(dict(sorted(files.items())), tuple(wrong), tuple(directories), tuple(missing))


def _below(
    written: str, workdir: Path, home: Path, directories: list[Path]
) -> Iterator[tuple[str, Path, os.stat_result]]:
    """Yield the file, or all files below the directory, by their names with ``/``."""
    name = PurePosixPath(written)
    if name.is_absolute() or ".." in name.parts or not written:
        raise _Refused(f"'{written}' lies outside the workdir; wanted a path below {workdir}")
    top = workdir / name
    _inside(top, workdir, written)
    if not stat.S_ISDIR(top.stat().st_mode):
        yield str(name), top, _file(top, written)
        return
    walk = os.walk(top, onerror=_raise)
    for folder, below, names in walk:
        here = Path(folder)
        directories.append(here)
        below[:] = sorted(b for b in below if not _same(here / b, home))
        for link in [b for b in below if (here / b).is_symlink()]:
            raise _Refused(f"'{(here / link).relative_to(workdir)}' is a link to a directory")
        for entry in sorted(names):
            path = here / entry
            _inside(path, workdir, str(path.relative_to(workdir)))
            shown = path.relative_to(workdir).as_posix()
            yield shown, path, _file(path, shown)


def _inside(path: Path, workdir: Path, written: str) -> None:
    if not path.resolve(strict=True).is_relative_to(workdir.resolve()):
        raise _Refused(f"'{written}' is a link that leads out of {workdir}")


def _file(path: Path, written: str) -> os.stat_result:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise _Refused(f"'{written}' is neither a file nor a directory")
    return found


def _same(path: Path, home: Path) -> bool:
    """Serinus' own home is never part of an application."""
    return path.absolute() == home.absolute()


def _raise(problem: OSError) -> None:
    raise problem


class Blobs:
    """The store of contents in ``directory``; it writes only where its parent exists."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._seen: dict[Path, marks.Mark] = {}

    def keep(self, files: Mapping[str, Path]) -> dict[str, marks.Mark]:
        """
        Store the files and return the mark of each by its name; its digest is the sha256.

        OSError when a file cannot be read; Unavailable when its content cannot be stored.
        """
        return {name: self._keep(path) for name, path in files.items()}

    def digests(self, files: Mapping[str, Path]) -> dict[str, str]:
        """
        Return the sha256 of each file by its name, and store nothing.

        OSError when a file cannot be read.
        """
        return {name: self._digest(path) for name, path in files.items()}

    def _digest(self, path: Path) -> str:
        seen = self._seen.get(path)
        mark = None if seen is None else marks.again(path, seen, marks.look(path))
        self._seen[path] = mark = mark or self._read(path)[0]
        return mark.digest

    def _keep(self, path: Path) -> marks.Mark:
        seen = self._seen.get(path)
        if seen is not None:
            mark = marks.again(path, seen, marks.look(path))
            if mark is not None and self._stored(mark):
                self._seen[path] = mark
                return mark
        mark, content = self._read(path)
        self._write(mark.digest, content)
        self._seen[path] = mark
        return mark

    @staticmethod
    def _read(path: Path) -> tuple[marks.Mark, bytes]:
        found = path.stat()
        content = path.read_bytes()
        mark = marks.of(found, content)
        return (mark if len(content) == found.st_size else mark._replace(fresh=True)), content

    def _stored(self, mark: marks.Mark) -> bool:
        found = marks.look(self.directory / mark.digest)
        if found is None or mark.signature is None:
            return not self.directory.parent.is_dir()
        return found.st_size == mark.signature.size

    def _write(self, digest: str, content: bytes) -> None:
        if not self.directory.parent.is_dir():
            return
        target = self.directory / digest
        temporary = self.directory / f".{digest}.{os.getpid()}"
        try:
            found = marks.look(target)
            if found is not None and found.st_size == len(content):
                return
            self.directory.mkdir(mode=0o700, exist_ok=True)
            with temporary.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError as problem:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise failures.Unavailable(
                f"the content of a versioned file cannot be stored in {self.directory}",
                why=str(problem.strerror),
            ) from problem
