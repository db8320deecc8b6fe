import os
import subprocess
import sys
from pathlib import Path

import pytest

from serinus.adapters.local import lock
from serinus.adapters.local.lock import Lock
from serinus.ports import failures

HOLD = """
import sys, time
from pathlib import Path
from serinus.adapters.local.lock import Lock
Lock.take(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(20)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "controller.lock"


def test_nobody_holds_a_lock_that_was_never_taken(path: Path) -> None:
    assert lock.holder(path) is None


def test_the_holder_is_known_by_its_process(path: Path) -> None:
    held = Lock.take(path)
    assert os.getpid() == lock.holder(path)

    held.release()
    held.release()
    assert lock.holder(path) is None


def test_a_second_controller_is_refused_and_told_which_process_is_the_first(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "PATIENCE_S", 0.02)
    held = Lock.take(path)

    with pytest.raises(failures.Rejected, match="another controller works in") as refusal:
        Lock.take(path)
    assert f"process {os.getpid()} holds" in refusal.value.why
    held.release()


def test_the_lock_is_gone_with_a_killed_process(path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        assert process.pid == lock.holder(path)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()

    assert lock.holder(path) is None
    Lock.take(path).release()
