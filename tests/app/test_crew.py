from collections.abc import Sequence

import pytest

from serinus.adapters.memory.store import Store
from serinus.app import crew
from serinus.app.shown import ReplicaView
from serinus.core.state.workload import Replica, Usage
from tests import builders
from tests.builders import NEW, OLD


async def shown(replicas: Sequence[Replica], **resources: str) -> tuple[ReplicaView, ...]:
    store, status = Store(), builders.status()
    await store.record(status, revisions=(builders.revision(resources=resources),))
    assert status.release is not None
    return crew.shown(status, status.release, replicas, await crew.ceilings(store, replicas))


async def test_replicas_are_shown_with_what_they_take_and_may_take() -> None:
    taken = Usage(builders.at(3).timestamp(), 2**20, 7.0, files=12, cpu=0.25)
    replicas = [builders.replica(NEW, 0, usage=taken), builders.replica(OLD, 0)]

    found = await shown(replicas, memory="256Mi", cpu="500m", files="1k")

    old, new = sorted(found, key=lambda one: one.name)
    assert (2**20, 256 * 2**20, 0.25, 0.5, 12, 1000) == (
        *(new.memory, new.memory_limit, new.cpu, new.cpu_limit),
        *(new.files, new.files_limit),
    )
    assert {None} == {
        *(old.memory, old.memory_limit, old.cpu, old.cpu_limit),
        *(old.files, old.files_limit),
    }


@pytest.mark.parametrize(("ordinal", "role"), [(0, "stable"), (7, "leaving")])
async def test_what_stands_in_no_list_is_on_its_way_out(ordinal: int, role: str) -> None:
    assert [role] == [one.role for one in await shown([builders.replica(OLD, ordinal)])]
