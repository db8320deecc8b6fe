import os
import signal
from pathlib import Path
from typing import Any

import anyio
import pytest

from serinus.adapters.local import endings, portnumbers, procfs, spawn
from serinus.adapters.local.records import OWNER, Record
from serinus.core.state.workload import Revision, Workload
from serinus.ports.failures import Rejected, Unavailable

RECORD = Record(application="shop", environment="local", revision="a" * 64, ordinal=2, port=20000)


def revision(*command: str, **workload: Any) -> Revision:
    return Revision("a" * 64, "v7", Workload(command=command, **workload))


def test_placeholders_are_filled_in_and_other_dollars_stay() -> None:
    found = revision("./shop", "--port=${port}", "$port $$ ${version}", env={"NAME": "${replica}"})

    asked = spawn.command(found, RECORD, Path("/files"), Path("/home"))

    assert ("./shop", "--port=20000", "$port $$ ${version}") == asked.words
    assert asked.env["NAME"] == "aaaaaaaaaa-2"


def test_a_child_knows_who_it_is_and_nothing_of_our_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("A_SECRET", "hush")
    monkeypatch.setenv("LC_TIME", "C.UTF-8")

    env = spawn.command(revision("./shop"), RECORD, Path("/files"), Path("/home")).env

    assert "A_SECRET" not in env
    assert {
        "PORT": "20000",
        "SERINUS_APPLICATION": "shop",
        "SERINUS_ENVIRONMENT": "local",
        "SERINUS_REPLICA": "aaaaaaaaaa-2",
        "SERINUS_VERSION": "v7",
        "SERINUS_REVISION": "a" * 64,
        OWNER: "/home",
        "LC_TIME": "C.UTF-8",
    }.items() <= env.items()


def test_an_image_is_refused_with_a_hint() -> None:
    with pytest.raises(Rejected, match="version v7 has image shop:7; on this machine") as caught:
        spawn.check(revision(image="shop:7"), "shop/local")

    assert "command" in caught.value.hint


def test_a_command_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="shop/local: the command no-such-thing does not") as caught:
        spawn.check(revision("no-such-thing", workdir=str(tmp_path)), "shop/local")

    assert caught.value.why.startswith("searched /")


def test_a_path_is_looked_up_in_the_workdir(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match=rf"the command \./shop does not exist in {tmp_path}"):
        spawn.check(revision("./shop", workdir=str(tmp_path)), "shop/local")


def test_a_file_that_is_not_executable_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("#!/bin/sh\n")

    with pytest.raises(Rejected, match="is not executable") as caught:
        spawn.check(revision("./shop", workdir=str(tmp_path)), "shop/local")

    assert f"chmod +x {tmp_path}/shop" == caught.value.hint


def test_a_missing_workdir_is_refused() -> None:
    with pytest.raises(Rejected, match="the workdir /no/such/place does not exist"):
        spawn.check(revision("true", workdir="/no/such/place"), "shop/local")


def test_a_file_that_the_kernel_cannot_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop").write_bytes(b"\x7fNOT an executable")
    (tmp_path / "shop").chmod(0o755)
    asked = spawn.Command(("./shop",), tmp_path, {"PATH": "/bin"})

    with pytest.raises(Rejected, match=r"cannot be started in .*: Exec format error"):
        spawn.start(asked, tmp_path / "log", "shop/local")


async def test_a_child_has_its_own_session_no_input_and_its_log(tmp_path: Path) -> None:
    asked = spawn.Command(("sh", "-c", "cat; ls /proc/self/fd; sleep 60"), tmp_path, os.environ)
    log = tmp_path / "logs" / "log"

    with open(tmp_path / "held", "w"):  # noqa: ASYNC230, PTH123  any open descriptor
        process = spawn.start(asked, log, "shop/local")
    try:
        with anyio.fail_after(5):
            while "3" not in (log.read_text() if log.exists() else ""):  # noqa: ASYNC110  files have no events
                await anyio.sleep(0.01)
        session = os.getsid(process.pid)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        await endings.wait(process)
        endings.bury(process, "")

    assert process.pid == session != os.getsid(0)
    # 0, 1, 2, and the directory that ls itself reads.
    assert ["0", "1", "2", "3"] == log.read_text().split()


def test_a_port_held_by_another_replica_is_refused_and_waited_for_when_it_stops() -> None:
    port = portnumbers.choose(())
    mine = Record(application="shop", environment="local", revision="b" * 64, ordinal=0, port=port)
    other = Record(application="shop", environment="local", revision="a" * 64, ordinal=2, port=port)
    leaving = Record(
        application="shop", environment="local", revision="a" * 64, ordinal=2, port=port, stop_at=1
    )

    with pytest.raises(Rejected, match=rf"port {port} is held by aaaaaaaaaa-2 of shop/local; a"):
        spawn.demand_port(mine, [other], "shop/local")
    with pytest.raises(Unavailable, match="which is stopping"):
        spawn.demand_port(mine, [leaving], "shop/local")
    spawn.demand_port(mine, [], "shop/local")


def test_nothing_of_this_test_is_left_behind() -> None:
    assert [] == list(procfs.leaders(OWNER, "/home"))
