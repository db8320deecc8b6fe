"""
What the documents of a directory are to each other: the library, names used twice, shared hosts.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from serinus.adapters.local.folder import Entry
from serinus.core.errors import Problem
from serinus.core.spec import checker, place, review, territory
from serinus.core.spec.application import Environment
from serinus.core.spec.effective import LOCAL
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import DeliveryTemplate

Sources = Callable[[Mapping[str, Any]], Iterable[Problem]]
"""Finds what is wrong with an environment's ``metrics``; paths begin below it."""


def no_sources(written: Mapping[str, Any]) -> Iterable[Problem]:
    """Know no metric source at all."""
    for name in written:
        yield Problem(place.text((name,)), checker.unknown(name, (), "metric source"))


class Shelf(NamedTuple):
    """The library with the directory's own documents, where they are, and what is wrong."""

    library: Library
    environments: Mapping[str, Entry]
    problems: tuple[Problem, ...]


def shelve(builtin: Library, entries: Iterable[Entry], sources: Sources = no_sources) -> Shelf:
    """
    Put the directory's templates and environments beside the built-in ones.

    An environment whose metric sources are wrong is told so, and gives its defaults all the same.
    """
    templates = {name: list(found) for name, found in builtin.templates.items()}
    environments = dict(builtin.environments)
    where: dict[str, Entry] = {}
    problems: list[Problem] = []
    for entry in entries:
        if entry.problems or entry.kind == "Application":
            continue
        found, wrong = review.document(entry.data)
        problems += [at(entry, problem.path, problem.message) for problem in wrong]
        if isinstance(found, DeliveryTemplate):
            versions = templates.setdefault(found.spec.template, [])
            if any(t.spec.version == found.spec.version for t in versions):
                message = f"there is a {found.metadata.name} already; give this a new version"
                problems.append(at(entry, "spec.version", message))
            else:
                versions.append(found)
        elif isinstance(found, Environment):
            if found.metadata.name in where:
                other = where[found.metadata.name].file
                message = f"environment '{found.metadata.name}' is in {other} too; keep one"
                problems.append(at(entry, "metadata.name", message))
            else:
                environments[found.metadata.name] = found
                where[found.metadata.name] = entry
                problems += _sources(entry, found, sources)
                problems += _foreign(entry, found)
    ordered = {name: tuple(sorted(found, key=_version)) for name, found in templates.items()}
    return Shelf(Library(ordered, environments), where, tuple(problems))


def _sources(entry: Entry, found: Environment, sources: Sources) -> Iterable[Problem]:
    for problem in sources(found.spec.metrics):
        below = ("spec", "metrics", *place.parse(problem.path))
        yield msgspec.structs.replace(
            problem, path=place.text(below), file=entry.file, document=entry.number
        )


def _foreign(entry: Entry, found: Environment) -> Iterable[Problem]:
    """Refuse for this machine what only a cluster has; other environments may be in one."""
    if found.metadata.name == LOCAL:
        for problem in territory.elsewhere(found.spec):
            yield at(entry, f"spec.{problem.path}", problem.message)


def _version(template: DeliveryTemplate) -> tuple[int, ...]:
    """Read the three numbers; a template whose version has none does not come so far."""
    return tuple(int(part) for part in template.spec.version.split("."))


def at(entry: Entry, path: str, message: str) -> Problem:
    """Return a problem of a document."""
    return Problem(path, message, file=entry.file, document=entry.number)


def twice(entries: tuple[Entry, ...]) -> tuple[Problem, ...]:
    """Tell that an application is written down more than once."""
    if not entries[1:]:
        return ()
    files = sorted({entry.file for entry in entries})
    where = " and ".join(files) if len(files) > 1 else f"{files[0]} more than once"
    message = f"application '{entries[0].name}' is in {where}; keep one"
    return tuple(at(entry, "metadata.name", message) for entry in entries)


def shared(
    applications: Mapping[str, tuple[Entry, ...]], environment: str
) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return the host of each application that shares it, with all that have it."""
    hosts: dict[str, list[str]] = {}
    for name, entries in applications.items():
        for entry in entries[:1]:
            hosts.setdefault(host(entry, environment), []).append(name)
    return {
        name: (where, tuple(sorted(names)))
        for where, names in hosts.items()
        if len(names) > 1
        for name in names
    }


def host(entry: Entry, environment: str) -> str:
    """Return the host as it is written, without a review."""
    patch = below(entry.data, "spec", "environments", environment, "route", "host")
    written = patch or below(entry.data, "spec", "route", "host")
    return written if isinstance(written, str) else f"{entry.name}.localhost"


def below(data: Any, *keys: str) -> Any:
    """Return what stands below some keys, None when there is nothing."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data
