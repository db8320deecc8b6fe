"""What becomes of one replica."""

import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from serinus.adapters.local import logfiles
from serinus.core.state.workload import HealthProbe, ReplicaState
from tests.adapters.local.stage import KEY, Stage, staged
from tests.adapters.local.world import revision


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as found:
        yield found


async def test_a_replica_that_ends_is_started_again_on_its_port(stage: Stage) -> None:
    await stage.ensure(revision(), 0)
    (before,) = await stage.ready()

    os.kill(stage.pid(), signal.SIGKILL)
    (fallen,) = await stage.until(lambda found: found[0].state is ReplicaState.BACKING_OFF)
    (after,) = await stage.ready()

    assert fallen.note.startswith("was killed by SIGKILL after 0.")
    assert fallen.note.endswith("; last line: " + f"{before.name} listens")
    assert before.address == after.address
    assert (0, 1) == (before.restarts, after.restarts)
    assert (after.started_at - fallen.started_at).total_seconds() >= 1.0
    assert after.ready_at is not None
    assert after.ready_at > after.started_at


async def test_a_crash_loop_backs_off_and_says_why(stage: Stage) -> None:
    began = time.monotonic()
    await stage.ensure(revision(env={"FALL": "7"}), 0)

    (first,) = await stage.until(lambda found: found[0].state is ReplicaState.BACKING_OFF)
    (again,) = await stage.until(
        lambda found: found[0].restarts == 1 and found[0].state is ReplicaState.BACKING_OFF
    )

    assert first.note.startswith("exited with 7 after 0.")
    assert first.note.endswith("last line: cannot go on: the disk is made of cheese")
    assert again.note[:13] == first.note[:13]
    assert 1.0 <= time.monotonic() - began < 5.0
    assert 2 == stage.processes.of(KEY)[0].record.falls


async def test_a_health_check_that_never_passes_is_told(stage: Stage) -> None:
    await stage.ensure(revision(env={"UNHEALTHY": "1"}), 0)

    (found,) = await stage.until(lambda found: "503" in found[0].note)

    assert (ReplicaState.STARTING, "not ready: GET /healthz answered 503") == (
        found.state,
        found.note,
    )
    assert found.ready_at is None


async def test_the_log_of_one_that_never_gets_ready_is_kept_short_as_well(stage: Stage) -> None:
    await stage.ensure(revision(env={"UNHEALTHY": "1"}), 0)
    await stage.until(lambda found: "503" in found[0].note)
    log = stage.processes.of(KEY)[0].log
    os.truncate(log, logfiles.LIMIT + 1)

    await stage.until(lambda _: log.stat().st_size < logfiles.LIMIT)

    assert log.with_name(f"{log.name}.1").exists()


async def test_a_slow_start_is_no_fall(stage: Stage) -> None:
    await stage.ensure(revision(env={"START_S": "0.5"}), 0)

    (early,) = await stage.until(lambda found: "nothing listens" in found[0].note)
    (late,) = await stage.ready()

    assert early.state is ReplicaState.STARTING
    assert (0, "ready after") == (late.restarts, late.note[:11])


async def test_an_open_port_is_enough_where_there_is_no_health_path(stage: Stage) -> None:
    silent = revision(env={"UNHEALTHY": "1"}, health=HealthProbe(path=None))

    await stage.ensure(silent, 0)

    assert await stage.ready()


async def test_a_replica_that_is_wanted_again_while_it_drains_stays(stage: Stage) -> None:
    one = revision()
    await stage.ensure(one, 0)
    await stage.ready()
    before = stage.pid()

    await stage.ensure(one)
    states = [r.state for r in stage.replicas()]
    await stage.ensure(one, 0)
    await anyio.sleep(0.7)

    assert [ReplicaState.STOPPING] == states
    assert [ReplicaState.READY] == [r.state for r in stage.replicas()]
    assert before == stage.pid()


async def test_a_replica_that_backs_off_is_stopped_without_being_started(stage: Stage) -> None:
    one = revision(env={"FALL": "7"})
    await stage.ensure(one, 0)
    await stage.until(lambda found: found[0].state is ReplicaState.BACKING_OFF)

    await stage.ensure(one)
    began = time.monotonic()
    await stage.until(lambda found: not found)

    assert time.monotonic() - began < 0.5


async def test_a_stopped_replica_ends_by_itself_and_leaves_no_record(stage: Stage) -> None:
    one = revision()
    await stage.ensure(one, 0)
    await stage.ready()
    log = stage.processes.of(KEY)[0].log

    await stage.ensure(one)
    await stage.until(lambda found: not found)

    assert [] == list(stage.places.replicas.iterdir())
    assert "starts" in log.read_text()
    assert KEY in stage.left


async def test_changes_are_told(stage: Stage) -> None:
    await stage.ensure(revision(), 0)

    await stage.ready()

    assert {KEY} == set(stage.notified)


async def test_a_full_disk_does_not_keep_a_replica_from_stopping(stage: Stage) -> None:
    one = revision()
    await stage.ensure(one, 0)
    await stage.ready()
    record = stage.places.record(KEY, f"{one.short}-0")
    record.with_name(f".{record.name}.new").symlink_to("/dev/full")

    await stage.ensure(one)

    await stage.until(lambda found: not found)
