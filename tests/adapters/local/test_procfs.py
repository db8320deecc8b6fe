import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serinus.adapters.local import procfs


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-S", "-c", "input()"],
        stdin=subprocess.PIPE,
        env={"A_MARK": str(tmp_path), "OTHER": "x"},
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


def test_a_process_is_itself_and_nobody_else(child: subprocess.Popen[bytes]) -> None:
    found = procfs.identify(child.pid)

    assert found is not None
    assert procfs.is_alive(found)
    assert not procfs.is_alive(procfs.Identity(found.pid, found.started + 1, found.boot))
    assert not procfs.is_alive(procfs.Identity(found.pid, found.started, "another boot"))
    assert not procfs.is_alive(None)


def test_a_zombie_is_not_alive(child: subprocess.Popen[bytes]) -> None:
    found = procfs.identify(child.pid)

    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert not procfs.is_alive(found)


def test_a_marked_leader_is_found_with_its_environment(
    child: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    found = dict(procfs.leaders("A_MARK", str(tmp_path)))

    assert [child.pid] == [process.pid for process in found]
    assert [{"A_MARK": str(tmp_path), "OTHER": "x"}] == list(found.values())


def test_a_mark_is_not_found_by_a_part_of_its_value(
    child: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    assert [] == list(procfs.leaders("A_MARK", str(tmp_path.parent)))


def test_nobody_holds_a_free_port() -> None:
    assert procfs.holder(1) == ""
