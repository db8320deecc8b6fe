"""The replicas of a release as people see them: what each is for, takes, and may take."""

from collections.abc import Mapping, Sequence

from serinus.app.shown import ReplicaView
from serinus.core.spec import resources
from serinus.core.spec.resources import Ceiling
from serinus.core.state.observed import Status
from serinus.core.state.release import Release
from serinus.core.state.workload import Replica
from serinus.ports.store import Store


async def ceilings(store: Store, replicas: Sequence[Replica]) -> dict[str, Ceiling]:
    """Return the limits of each revision that runs, where it is known."""
    found = {}
    for identity in {replica.revision for replica in replicas}:
        revision = await store.revision(identity)
        if revision is not None:
            found[identity] = resources.ceiling(revision.workload.resources)
    return found


def shown(
    status: Status,
    release: Release,
    replicas: Sequence[Replica],
    limits: Mapping[str, Ceiling],
) -> tuple[ReplicaView, ...]:
    """Return what people see of the replicas, by what they are for."""
    none = Ceiling()
    found = [
        ReplicaView(
            name=replica.name,
            role=_role(status, release, replica),
            state=replica.state.value,
            ordinal=replica.ordinal,
            restarts=replica.restarts,
            address=replica.address,
            started_at=replica.started_at,
            note=replica.note,
            memory=replica.usage.memory if replica.usage else None,
            memory_limit=limits.get(replica.revision, none).memory,
            cpu=replica.usage.cpu if replica.usage else None,
            cpu_limit=limits.get(replica.revision, none).cpu,
            files=replica.usage.files if replica.usage else None,
            files_limit=limits.get(replica.revision, none).files,
        )
        for replica in replicas
    ]
    order = ("stable", "candidate", "accused", "previous", "kept", "leaving")
    return tuple(sorted(found, key=lambda view: (order.index(view.role), view.ordinal)))


def _role(status: Status, release: Release, replica: Replica) -> str:
    """Say what a replica is for; what stands in no list of the status is on its way out."""
    going = release.ended_at is None
    lists = {
        "accused": (release.candidate if going else None, release.progress.retreat.accused),
        "stable": (status.stable, status.stable_ordinals),
        "candidate": (
            release.candidate if going else None,
            (*release.progress.ordinals, *release.progress.spare),
        ),
        "previous": (status.previous, status.previous_ordinals),
        "kept": (status.kept, status.kept_ordinals),
    }
    for role, (revision, ordinals) in lists.items():
        if replica.revision == revision and replica.ordinal in ordinals:
            return role
    return "leaving"
