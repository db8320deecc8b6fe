"""Who is started, who is stopped, and what is refused before anything happens."""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from serinus.core.state.workload import Group
from serinus.ports.failures import Rejected, Unavailable
from tests.adapters.local.stage import KEY, Stage, staged
from tests.adapters.local.world import revision


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as found:
        yield found


async def test_a_command_that_does_not_exist_starts_nothing_and_stops_nothing(
    stage: Stage,
) -> None:
    good, bad = revision("1"), revision("2", command=("no-such-thing",))
    await stage.ensure(good, 0)
    before = await stage.ready()

    with pytest.raises(Rejected, match="shop/local: the command no-such-thing does not exist"):
        await stage.processes.ensure(KEY, [bad], [Group(bad.id, (0, 1))], 5.0)

    assert before == stage.replicas()


async def test_replicas_cannot_share_a_fixed_port(stage: Stage) -> None:
    with pytest.raises(Rejected, match="2 replicas cannot all listen on port 29999"):
        await stage.ensure(revision(port=29_999), 0, 1)


async def test_a_fixed_port_that_somebody_has_is_refused_by_name(stage: Stage) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]

        with pytest.raises(Rejected, match=rf"port {port} .* is taken by .*pid {os.getpid()}"):
            await stage.ensure(revision(port=port), 0)

    assert [] == stage.replicas()


async def test_a_fixed_port_passes_from_one_revision_to_the_next(stage: Stage) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    old, new = revision("1", port=port), revision("2", port=port)
    await stage.ensure(old, 0)
    await stage.ready()

    both = [Group(old.id, (0,)), Group(new.id, (0,))]
    with pytest.raises(Rejected, match="a fixed port takes one replica at a time"):
        await stage.processes.ensure(KEY, [old, new], both, 5.0)
    await stage.processes.ensure(KEY, [], [], 5.0)
    with pytest.raises(Unavailable, match="which is stopping"):
        await stage.ensure(new, 0)
    await stage.until(lambda found: not found)
    await stage.ensure(new, 0)

    assert [f"127.0.0.1:{port}"] == [r.address for r in await stage.ready()]


async def test_a_full_disk_starts_nothing_and_harms_nothing(stage: Stage) -> None:
    one = revision()
    await stage.ensure(one, 0)
    before = await stage.ready()
    record = stage.places.record(KEY, f"{one.short}-1")
    record.with_name(f".{record.name}.new").symlink_to("/dev/full")

    with pytest.raises(Unavailable, match="No space left on device"):
        await stage.ensure(one, 0, 1)

    assert before == stage.replicas()
