"""`serinus init` as a person types it: from a pipe, by flags, and at a real terminal."""

import io
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.interfaces.cli.trouble import Code
from tests.interfaces.cli.conftest import Cli

# A test that runs in the background of a shell has SIGINT ignored, and so have its children.
TYPED = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from serinus.interfaces.cli import main
main.main()
"""
DEFAULTS = "\n" * 40


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with a program; nobody answers."""
    place = tmp_path / "shop"
    place.mkdir()
    (place / "shop").write_text("#!/bin/sh\n")
    (place / "shop").chmod(0o755)
    monkeypatch.chdir(place)
    answer(monkeypatch, "")
    return place


def answer(monkeypatch: pytest.MonkeyPatch, lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))


def test_defaults_make_a_file_that_can_be_planned(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    answer(monkeypatch, DEFAULTS)

    code, out, err = cli("init")
    assert (Code.OK, "") == (code, err)
    assert snapshot == out
    assert Path("delivery/shop.yaml").read_text() in out
    assert cli("plan shop")[1].startswith("shop · local · v1\n")
    assert (0, "1 application in /srv/shop/delivery: nothing is wrong.\n", "") == cli("lint")


def test_every_answer_can_be_a_flag(cli: Cli, snapshot: SnapshotAssertion) -> None:
    (Path("pages")).mkdir()
    line = (
        "init cart -y --file pages --port 8081 --health none --replicas 1 --version v3 --quick "
        "--template canary-fast --env MODE=on --env B= --cpu 500m --memory 64Mi "
        "--latency-bound 300ms --max-errors 1% --image registry/cart:3"
    )

    code, out, err = cli([*line.split(), "--command", "./shop --pages ${files}/pages"])
    assert (Code.OK, "") == (code, err)
    assert snapshot(name="told") == out
    assert snapshot(name="file") == Path("delivery/cart.yaml").read_text()
    assert cli("plan cart")[1].startswith("cart · local · v3\n")
    assert "serinus watch" not in out


@pytest.mark.usefixtures("controller")
def test_under_a_running_controller_it_is_watched_next(cli: Cli) -> None:
    assert "  serinus watch shop " in cli("init --yes")[1]


def test_answers_come_from_a_pipe(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    name, command, port = "web", "./web", "./web --port ${port}"
    rest = ["/ready", "3", "v9", "rolling", "y", "1", "1Gi", "", "", "", "A=1", "B=2", "", "y", "y"]
    answer(monkeypatch, "\n".join([name, command, port, *rest]) + "\n")

    code, out, _ = cli("init")
    assert Code.OK == code
    assert "(there is no ./web here yet)" in out
    text = Path("delivery/web.yaml").read_text()
    assert 'command: [./web, --port, "${port}"]' in text
    assert "template: {name: rolling," in text
    assert "resources: {cpu: " in text
    assert Path("delivery/local.yaml").exists()


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ("Shop 2\n", "error: 'Shop 2' is not a name; wanted at most 52"),
        ("a\n./a $PORT\n", "error: no shell fills $PORT in; write ${port}"),
        ("a\n./a\n0\n", "error: 0 is not a port; wanted 1–65535"),
        ("a\n./a\n\n/\nmany\n", "error: 'many' is not a whole number"),
        ("a\n./a\n\n/\n1\nv 1\n", "error: 'v 1' is not a version"),
        ("a\n./a\n\n/\n1\nv1\ncanarry\n", "error: unknown template 'canarry'"),
        ("a\n./a\n\n/\n1\nv1\n\nperhaps\n", "error: 'perhaps' is neither yes nor no"),
        ("a\n./a\n", "error: the answers ended at: Port [PORT]:"),
        ("\n" * 9, "error: the answers ended at: Write this to delivery/shop.yaml?"),
    ],
)
def test_a_wrong_answer_ends_it_and_nothing_is_written(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, lines: str, error: str
) -> None:
    answer(monkeypatch, lines)

    code, _, err = cli("init")
    assert Code.USAGE == code
    assert err.startswith(error)
    assert not Path("delivery").exists()


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        ("No", "error: the name: 'No' is not a name"),
        ("--replicas 0", "error: --replicas: 0 replicas cannot serve"),
        ("--port 80 --replicas 2", "error: --replicas: 2 replicas cannot share port 80"),
        ("--file gone", "error: 'gone' does not exist in"),
        ("--latency-bound 301ms", "error: --latency-bound: 301ms: this platform counts"),
        ("--template rolling --env A", "error: --env: 'A' sets nothing; wanted NAME=VALUE"),
        ("--env PORT=1", "error: --env: the platform sets PORT"),
    ],
)
def test_a_wrong_flag_is_named(cli: Cli, flags: str, error: str) -> None:
    code, out, err = cli(f"init --yes {flags}")

    assert (Code.USAGE, "") == (code, out)
    assert err.startswith(error)
    assert not Path("delivery").exists()


def test_nothing_is_ever_overwritten(cli: Cli) -> None:
    cli("init --yes --quick")
    before = Path("delivery/shop.yaml").read_text()

    code, _, err = cli("init shop --yes --version v2")
    assert Code.USAGE == code
    assert "shop is in /srv/shop/delivery/shop.yaml already; init overwrites nothing" in err
    assert before == Path("delivery/shop.yaml").read_text()
    assert "--quick: this machine has an environment already" in cli("init b --yes --quick")[2]
    assert Code.USAGE == cli("init shop --yes --force")[0]


def test_no_is_an_answer(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "\n" * 9 + "n\n")

    assert cli("init")[1].endswith("Nothing was written.\n")
    assert not Path("delivery").exists()


def test_an_interruption_at_a_terminal_leaves_nothing(here: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", TYPED, "init"],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        cwd=here,
    ) as process:
        os.close(theirs)
        try:
            seen = read_until(ours, b"called?")
            os.write(ours, b"My Shop\nmine\n")
            seen += read_until(ours, b"Number or command")
            until_it_reads(process.pid)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate()
        except BaseException:
            process.kill()
            raise
    os.close(ours)

    assert b"'My Shop' is not a name" in seen
    assert b"\nNothing was written.\n" == err
    assert Code.INTERRUPTED == process.returncode
    assert ["shop"] == [path.name for path in here.iterdir()]


def read_until(terminal: int, words: bytes) -> bytes:
    seen = b""
    while words not in seen:
        seen += os.read(terminal, 1000)
    return seen


def until_it_reads(pid: int) -> None:
    """Wait for the sleep in read(2): a signal between a prompt and its read wakes nobody."""
    while "S" != Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]:
        os.sched_yield()
