"""How an effective application becomes a revision, which is known by its content."""

from collections.abc import Mapping

import msgspec

from serinus.core.spec import canonical
from serinus.core.spec.effective import Effective
from serinus.core.state.workload import Revision, Workload


def workload(found: Effective, hashes: Mapping[str, str], workdir: str) -> Workload:
    """Return the workload, with the sha256 of each file's content."""
    return Workload(
        command=found.command,
        workdir=workdir,
        env=dict(found.env),
        files=dict(hashes),
        port=found.port,
        health=found.health,
        grace_s=found.grace_s,
        image=found.image,
        resources=dict(found.resources),
    )


def of(work: Workload, version: str) -> Revision:
    """Return the revision: equal workloads have the same id, whatever their version is called."""
    content = msgspec.to_builtins(work)
    if not work.template:  # What never had one goes on under the id that it has.
        del content["template"]
    return Revision(id=canonical.digest(content), version=version, workload=work)
