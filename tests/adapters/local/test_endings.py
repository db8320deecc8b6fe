import os
import signal
import subprocess
from pathlib import Path

import anyio
import pytest

from serinus.adapters.local import endings, procfs, spawn
from serinus.adapters.local.procfs import Identity
from serinus.adapters.local.records import OWNER


def start(tmp_path: Path, script: str) -> Identity:
    env = {"PATH": os.environ["PATH"], OWNER: str(tmp_path)}
    return spawn.start(spawn.Command(("sh", "-c", script), tmp_path, env), tmp_path / "log", "it")


@pytest.mark.parametrize(
    ("script", "how"),
    [("exit 3", "exited with 3"), ("kill -SEGV $$", "was killed by SIGSEGV")],
)
async def test_the_end_of_a_child_is_seen_and_told(tmp_path: Path, script: str, how: str) -> None:
    process = start(tmp_path, script)

    with anyio.fail_after(5):
        await endings.wait(process)

    assert how == endings.bury(process, str(tmp_path))
    assert procfs.identify(process.pid) is None


async def test_what_an_ended_process_leaves_behind_is_ended_too(tmp_path: Path) -> None:
    process = start(tmp_path, "sleep 60 & echo $! > child; exit 1")
    with anyio.fail_after(5):
        await endings.wait(process)
    child = procfs.identify(int((tmp_path / "child").read_text()))
    assert child is not None

    endings.bury(process, str(tmp_path))

    with anyio.fail_after(5):
        await endings.wait(child)
    assert not procfs.is_alive(child)


async def test_a_process_that_will_not_go_is_made_to(tmp_path: Path) -> None:
    process = start(tmp_path, "trap '' TERM; echo here; while :; do sleep 0.05; done")
    with anyio.fail_after(5):
        while not (tmp_path / "log").read_text():  # noqa: ASYNC110  files have no events
            await anyio.sleep(0.01)

    await endings.stop(process, grace_s=0.2)

    assert not procfs.is_alive(process)
    assert endings.bury(process, str(tmp_path)) == "was killed by SIGKILL"


async def test_a_process_that_goes_when_asked_is_not_killed(tmp_path: Path) -> None:
    process = start(tmp_path, "trap 'exit 0' TERM; echo here; while :; do sleep 0.05; done")
    with anyio.fail_after(5):
        while not (tmp_path / "log").read_text():  # noqa: ASYNC110  files have no events
            await anyio.sleep(0.01)

    await endings.stop(process, grace_s=5)

    assert endings.bury(process, str(tmp_path)) == "exited with 0"


async def test_the_end_of_somebody_elses_child_is_seen_without_its_status(tmp_path: Path) -> None:
    subprocess.run(  # noqa: ASYNC221  it ends at once
        ["sh", "-c", "setsid sleep 60 > /dev/null 2>&1 & echo $! > child"],
        cwd=tmp_path,
        check=True,
        env={**os.environ, OWNER: str(tmp_path)},
    )
    pid = int((tmp_path / "child").read_text())
    process = procfs.identify(pid)
    assert process is not None
    os.kill(pid, signal.SIGKILL)

    with anyio.fail_after(5):
        await endings.wait(process)

    assert "how is unknown" in endings.bury(process, str(tmp_path))


async def test_somebody_who_has_the_id_of_an_ended_process_is_not_waited_for() -> None:
    me = procfs.identify(os.getpid())
    assert me is not None

    with anyio.fail_after(1):
        await endings.wait(Identity(me.pid, me.started - 1, me.boot))
