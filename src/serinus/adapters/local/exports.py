"""
The documents of a directory, taken to a cluster: which ones, and all that is to be said about them.

They are reviewed as another platform would review them: that this machine runs no images keeps
nobody from taking one to a cluster.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from serinus.adapters.local import answers, documents, manifests, pen, shelf
from serinus.adapters.local.answers import Ground
from serinus.adapters.local.folder import Entry, Folder
from serinus.core.errors import Problem, Severity
from serinus.core.spec import cluster, problems
from serinus.ports import failures

ORDER = ("Environment", "DeliveryTemplate", "Application")
"""What is referred to stands before what refers to it."""


class Exported(NamedTuple):
    """
    What there is to take to a cluster, and everything that is to be said about it.

    With an error among the ``problems`` there are no manifests. ``templates``: the names and
    versions that the applications use, of the directory's own and of others.
    """

    manifests: tuple[manifests.Manifest, ...]
    problems: tuple[Problem, ...]
    templates: tuple[tuple[str, str], ...] = ()


def export(
    files: Folder,
    ground: Ground,
    namespace: str = "",
    wanted: Collection[str] = (),
) -> Exported:
    """
    Return the documents of a directory as manifests.

    ``wanted``: of all applications these, with the templates that they use; empty: all there is.
    """
    sheets = files.sheets.values()
    entries = [entry for sheet in sheets for entry in sheet.entries]
    taken = [e for e in entries if e.kind == "Application" and (not wanted or e.name in wanted)]
    found = [*ground.shelf.problems, *(p for sheet in sheets for p in sheet.problems)]
    used: set[tuple[str, str]] = set()
    for entry in taken:
        twins = (e for e in entries if (e.kind, e.name) == (entry.kind, entry.name))
        told, templates = answers.anywhere(entry, ground)
        # What this machine warns of is no warning for a cluster; that has its own.
        found += [*problems.errors(told), *shelf.twice(tuple(twins))]
        used |= set(templates.values())
    for entry in entries:
        if entry.kind != "Application":
            found += entry.problems
            taken += [entry] if _belongs(entry, used if wanted else None) else []
    if not problems.errors(found):
        environments = ground.library.environments
        for entry in taken:
            more = cluster.review_for(entry.data, environments)
            found += [
                msgspec.structs.replace(p, file=entry.file, document=entry.number) for p in more
            ]
    placed = problems.located(found, files.positions)
    if problems.errors(placed):
        return Exported((), placed)
    texts = list(_written(taken, ground.directory, namespace))
    anew = tuple(_lost(one) for one in texts if not one.faithful)
    texts.sort(key=lambda one: ORDER.index(one.kind))
    return Exported(tuple(texts), (*placed, *anew), tuple(sorted(used)))


def _belongs(entry: Entry, used: Collection[tuple[str, str]] | None) -> bool:
    """Tell whether a template is wanted; environments always are."""
    if used is None or entry.kind != "DeliveryTemplate":
        return True
    name, version = (shelf.below(entry.data, "spec", key) for key in ("template", "version"))
    return (name, version) in used


def _written(
    entries: Iterable[Entry], directory: Path, namespace: str
) -> Iterator[manifests.Manifest]:
    for entry in sorted(entries, key=lambda e: (e.file, e.number)):
        path = directory / entry.file
        text, page = documents.read(pen.content(path))
        if len(page.documents) <= entry.number or page.documents[entry.number].data != entry.data:
            raise failures.Conflict(f"{path} was written by somebody in this moment")
        yield manifests.manifest(text, page.documents[entry.number], entry.file, namespace)


def _lost(one: manifests.Manifest) -> Problem:
    message = "is written anew, as JSON: it is the same data, and its comments are lost"
    return Problem("", f"{one.kind} {one.name} {message}", Severity.WARNING, file=one.source)
