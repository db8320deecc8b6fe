"""One application's document, resolved on this machine: what it comes to, and all that is wrong."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from serinus.adapters.local import blobs, confinement, shelf
from serinus.adapters.local.folder import Entry
from serinus.adapters.local.shelf import Shelf, Sources
from serinus.adapters.logs import matches
from serinus.adapters.routers import envoy
from serinus.core.errors import Problem
from serinus.core.spec import effective as resolved
from serinus.core.spec import problems, review
from serinus.core.spec.delivery import Delivery
from serinus.core.spec.effective import Effective
from serinus.core.spec.resolve import Library
from serinus.core.state import revision as runs
from serinus.core.state.observed import Freeze, Wanted

LOCAL = resolved.LOCAL
HERE = resolved.Limits(
    bounds_ms=tuple(envoy.BOUNDS_MS),
    enforced=confinement.enforced(),
    pattern=matches.pattern_problem,
)
"""What this machine can do."""

ELSEWHERE = resolved.Limits(
    images=True, enforced=("cpu", "memory"), pattern=matches.pattern_problem
)
"""What another platform may be able to do; its own review tells more."""

_ENVIRONMENT = "environment "


class Ground(NamedTuple):
    """
    Where a document is resolved: its directory, the home, and what stands beside it.

    ``sources`` reviews the metric sources of environments.
    """

    directory: Path
    home: Path
    shelf: Shelf
    sources: Sources

    @property
    def library(self) -> Library:
        """The templates and environments."""
        return self.shelf.library

    def workdir(self, written: str) -> Path:
        """Return a workdir, which is relative to the directory of its file."""
        return Path(os.path.normpath(self.directory.absolute() / written))


def effective(
    entry: Entry, environment: str, ground: Ground, overrides: Mapping[str, Any] | None = None
) -> Effective:
    """Resolve a document; its problems know their file, their lines are still to be found."""
    limits = HERE if environment == LOCAL else ELSEWHERE
    found = resolved.effective(entry.data, environment, ground.library, limits, overrides)
    placed = tuple(_filed(problem, entry, ground.shelf) for problem in found.problems)
    return msgspec.structs.replace(found, problems=(*entry.problems, *placed))


def declared(
    entry: Entry, found: Effective, ground: Ground
) -> tuple[blobs.Found, tuple[Problem, ...]]:
    """Find the files that a resolved application declares, and what is wrong with them."""
    if problems.errors(found.problems):
        return blobs.Found({}, ()), ()
    workdir = ground.workdir(found.workdir)
    if not workdir.is_dir():
        path = _written(entry, found.environment, "workdir")
        absent = shelf.at(entry, path, f"the directory {workdir} does not exist")
        return blobs.Found({}, (), (), (workdir,)), (absent,)
    files = blobs.look(found.files, workdir, ground.home)
    path = _written(entry, found.environment, "files")
    return files, tuple(
        shelf.at(entry, f"{path}[{wrong.number}]", wrong.message) for wrong in files.wrong
    )


def wanted(
    found: Effective, delivery: Delivery, hashes: Mapping[str, str], ground: Ground
) -> Wanted:
    """Return what is wanted; ``hashes``: the sha256 of each declared file."""
    work = runs.workload(found, hashes, str(ground.workdir(found.workdir)))
    return Wanted(
        revision=runs.of(work, found.version),
        replicas=found.replicas,
        host=found.host,
        delivery=delivery,
        delivery_hash=found.delivery_hash,
        timeout_s=found.timeout_s,
        windows=found.windows,
        freeze=None if found.freeze is None else Freeze(*found.freeze),
        roles=found.roles,
    )


def wrong(entry: Entry, ground: Ground) -> tuple[Problem, ...]:
    """Return everything that is wrong with an application's document, in all environments."""
    _, found = review.document(entry.data)
    told = (*entry.problems, *(shelf.at(entry, p.path, p.message) for p in found))
    if told:
        return told
    patched = shelf.below(entry.data, "spec", "environments")
    others = patched if isinstance(patched, dict) else {}
    for environment in dict.fromkeys((LOCAL, *map(str, others))):
        one = effective(entry, environment, ground)
        told += one.problems
        if environment == LOCAL:
            told += declared(entry, one, ground)[1]
    return tuple(dict.fromkeys(told))


def anywhere(
    entry: Entry, ground: Ground
) -> tuple[tuple[Problem, ...], Mapping[str, tuple[str, str]]]:
    """
    Review an application's document for other platforms than this machine.

    Return everything that is wrong with it, in all environments that there are, and the template
    (name and version) that it comes to in each.
    """
    _, found = review.document(entry.data)
    told = (*entry.problems, *(shelf.at(entry, p.path, p.message) for p in found))
    if told:
        return told, {}
    patched = shelf.below(entry.data, "spec", "environments") or {}
    templates = {}
    for environment in dict.fromkeys((LOCAL, *map(str, patched), *ground.library.environments)):
        one = resolved.effective(entry.data, environment, ground.library, ELSEWHERE)
        told += tuple(_filed(problem, entry, ground.shelf) for problem in one.problems)
        if one.delivery is not None:
            chosen = one.delivery
            templates[environment] = (chosen.template, chosen.template_version)
    return tuple(dict.fromkeys(told)), templates


def _filed(problem: Problem, entry: Entry, known: Shelf) -> Problem:
    """Say in which file a problem is: an environment's defaults are in the environment's."""
    if problem.path.startswith(_ENVIRONMENT):
        name, _, path = problem.path.removeprefix(_ENVIRONMENT).partition(" ")
        other = known.environments.get(name)
        if other is None:
            return problem
        return msgspec.structs.replace(problem, path=path, file=other.file, document=other.number)
    if problem.path.startswith("--set"):
        return problem
    return msgspec.structs.replace(problem, file=entry.file, document=entry.number)


def _written(entry: Entry, environment: str, field: str) -> str:
    """Return the path of a field of the workload: the environment's patch wins."""
    patched = shelf.below(entry.data, "spec", "environments", environment, "workload", field)
    below = f"spec.environments.{environment}" if patched is not None else "spec"
    return f"{below}.workload.{field}"
