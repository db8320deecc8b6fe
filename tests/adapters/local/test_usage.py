import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from serinus.adapters.local import portnumbers, procfs, usage
from serinus.adapters.local.procfs import Identity
from tests.adapters.local.taken import HUNGRY

MIB = 2**20

Start = Callable[..., Identity]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the hungry program in a session of its own, and wait until it has what it wants."""
    processes: list[subprocess.Popen[bytes]] = []

    def begin(*words: str) -> Identity:
        said = tmp_path / f"said-{len(processes)}"
        port = portnumbers.choose(set())
        with said.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-S", str(HUNGRY), *words],
                env={**os.environ, "PORT": str(port)},
                stdout=output,
                start_new_session=True,
            )
        processes.append(process)
        until(lambda: "done" in said.read_text())
        found = procfs.identify(process.pid)
        assert found is not None
        return found

    yield begin
    for process in processes:
        os.killpg(process.pid, 9)
        process.wait()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_memory_and_files_of_a_process_are_seen(start: Start) -> None:
    small, large = start("eat", "1"), start("eat", "64")
    many = start("open", "100")

    found = usage.Meter().look([small, large, many], at=1.0)

    assert 55 * MIB < found[large].memory - found[small].memory < 70 * MIB
    assert 100 == found[many].files - found[small].files
    assert {None} == {one.cpu for one in found.values()}


def test_the_children_of_a_session_belong_to_it(start: Start) -> None:
    alone, family = start("fork", "0"), start("fork", "3")

    found = usage.Meter().look([alone, family], at=1.0)

    assert found[family].memory > found[alone].memory + MIB


def test_a_busy_process_is_told_from_one_at_rest(start: Start) -> None:
    rest, busy = start("fork", "0"), start("spin")
    meter = usage.Meter()

    used = meter.look([rest, busy], time.time())[busy].cpu_s
    until(lambda: usage.Meter().look([busy], 0.0)[busy].cpu_s > used + 0.3)
    found = meter.look([rest, busy], time.time())

    assert (found[busy].cpu or 0) > 0.1
    assert (found[rest].cpu or 0) < 0.05
    assert found[busy].cpu_s > used


def test_looks_in_quick_succession_keep_the_last_rate(start: Start) -> None:
    busy = start("spin")
    meter = usage.Meter()

    rates = [meter.look([busy], at)[busy].cpu for at in (10.0, 20.0, 20.1)]

    assert rates[0] is None
    assert rates[1] is not None
    assert rates[1] == rates[2]


def test_a_child_that_comes_between_two_looks_is_seen() -> None:
    meter = usage.Meter()
    with subprocess.Popen(
        ["sh", "-c", "read x; sleep 60 & echo done; wait"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        leader = procfs.identify(shell.pid)
        assert leader is not None
        before = meter.look([leader], 1.0)[leader].memory

        shell.stdin.write(b"go\n")
        shell.stdin.flush()
        shell.stdout.readline()
        try:
            until(lambda: meter.look([leader], 2.0)[leader].memory > before + MIB)
        finally:
            os.killpg(shell.pid, 9)


def test_who_is_gone_or_somebody_else_is_left_out(start: Start) -> None:
    one = start("fork", "0")
    other = Identity(one.pid, one.started + 1, one.boot)

    assert [one] == list(usage.Meter().look([one, other], 1.0))


def test_pages_that_children_share_are_counted_once(start: Start) -> None:
    family = start("share", "64", "3")

    resident = usage.Meter().look([family], 1.0)[family].memory
    found = usage.proportional(family.pid)

    assert resident > 200 * MIB
    assert 60 * MIB < found < 110 * MIB


def test_a_look_is_cheap(start: Start) -> None:
    leaders = [start("fork", "0") for _ in range(3)]
    meter = usage.Meter()
    meter.look(leaders, 0.0)

    began = time.process_time()
    for at in range(1, 51):
        meter.look(leaders, float(at))

    assert (time.process_time() - began) / 50 < 0.01
