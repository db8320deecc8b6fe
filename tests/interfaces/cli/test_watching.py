import os
import pty
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest
from rich.text import Text

from serinus.adapters.local.store import Store
from serinus.app import views
from serinus.boot.settings import Settings
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase
from serinus.interfaces.cli import watching
from serinus.interfaces.cli.trouble import Code
from tests import builders
from tests.interfaces.cli.conftest import Cli


async def end(store: Store) -> None:
    status = await store.status(builders.SHOP)
    assert status is not None
    ended = builders.ended(Phase.ROLLED_BACK, 7)
    event = builders.event("Rolled back: too many errors.", kind="result")
    await store.record(builders.status(release=ended, version=status.version), events=[event])


@pytest.mark.usefixtures("controller")
def test_a_pipe_gets_every_change_and_ends_with_the_release(cli: Cli, filled: Store) -> None:
    anyio.run(end, filled)

    code, out, _ = cli("watch shop --until-end")
    assert Code.ROLLED_BACK == code
    assert [
        "12:00:00  shop#7  step      Step 1 of 4: more traffic to the candidate.",
        "12:02:00  shop#7  result    Rolled back: too many errors.",
    ] == [out.splitlines()[0], out.splitlines()[-1]]


@pytest.mark.usefixtures("controller")
def test_programs_get_one_document_for_each_change(cli: Cli, filled: Store) -> None:
    anyio.run(end, filled)

    lines = cli("watch shop --until-end -o json")[1].splitlines()
    assert 4 == len(lines)
    assert '"kind":"result","reason":"StepBegan","sentence":"Rolled back: too' in lines[-1]
    assert "---\n" == cli("watch shop --until-end -o yaml")[1][:4]
    assert "1" == cli("watch shop --until-end -o name")[1].splitlines()[0]


@pytest.mark.usefixtures("filled", "controller")
def test_what_is_not_there_cannot_be_watched(cli: Cli) -> None:
    assert "error: there is no application 'nope'" in cli("watch nope")[2]


def test_held_and_settling_count_as_ends_for_those_who_wait(filled: Store) -> None:
    held = anyio.run(views.release, filled, Key("bücher-日本", "local"))
    rolling = anyio.run(views.release, filled, builders.SHOP)

    assert held is not None
    assert rolling is not None
    assert (True, Code.HELD) == (watching.ended(held), watching.outcome(held))
    assert not watching.ended(rolling)
    assert not watching._never(rolling)


def test_an_application_without_a_release_has_a_picture_too() -> None:
    picture = watching._picture(None, builders.SHOP, Settings.load())

    assert Text("shop has had no release yet.") == picture


# --- in a terminal ----------------------------------------------------------------------------

PROGRAM = textwrap.dedent("""
    import sys
    from serinus.adapters.memory.store import Specs
    from serinus.boot import home
    from serinus.interfaces.cli import main

    home.specs = lambda _: Specs()
    sys.exit(main.run(sys.argv[1:]))
""")


class Terminal:
    """A terminal of 100 columns, and what was written to it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.text = ""

    def wait_for(self, words: str, within_s: float = 10.0) -> None:
        deadline = time.monotonic() + within_s
        while words not in self.text:
            assert time.monotonic() < deadline, f"{words!r} never came: {self.text[-2000:]}"
            self.text += os.read(self.descriptor, 65536).decode(errors="replace")

    def press(self, keys: str) -> None:
        self.text = ""
        os.write(self.descriptor, keys.encode())


@contextmanager
def terminal(line: str, home: Path) -> Iterator[tuple[Terminal, subprocess.Popen[bytes]]]:
    master, slave = pty.openpty()
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *line.split(), "--home", str(home)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={
            **os.environ,
            "TERM": "xterm-256color",
            "COLUMNS": "100",
            "LINES": "50",
            "PYTHONPATH": f"{root / 'src'}:{root}",
            "SERINUS_ACTOR": "ada",
        },
    )
    os.close(slave)
    try:
        yield Terminal(master), process
    finally:
        process.kill()
        process.wait()
        os.close(master)


@pytest.mark.usefixtures("controller")
def test_keys_ask_before_they_act_and_q_leaves(filled: Store, tmp_path: Path) -> None:
    with terminal("watch shop", tmp_path / "home") as (screen, process):
        screen.wait_for("q quit")
        assert "Rolling" in screen.text

        screen.press("x")
        screen.wait_for("Roll back: all traffic returns to stable.")
        screen.press(" ")
        screen.wait_for("q quit")
        assert () == anyio.run(filled.intents, builders.SHOP)

        screen.press("x")
        screen.wait_for("Enter: do it")
        screen.press("\r")
        deadline = time.monotonic() + 10
        while not (left := anyio.run(filled.intents, builders.SHOP)):
            assert time.monotonic() < deadline
        assert ("rollback", 7) == (left[0].verb, left[0].expect_release)

        answer = builders.answer(left[0].id, "all traffic returns to v1.")
        status = anyio.run(filled.status, builders.SHOP)
        assert status is not None
        anyio.run(record, filled, status, answer)
        screen.wait_for("Done: all traffic returns to v1.")
        screen.press("q")
        assert 0 == process.wait(timeout=10)


async def record(store: Store, status: Status, answer: Answer) -> None:
    await store.record(status, answers=[answer])


@pytest.mark.usefixtures("controller")
def test_a_picture_ends_with_the_release(filled: Store, tmp_path: Path) -> None:
    with terminal("watch shop --until-end", tmp_path / "home") as (screen, process):
        screen.wait_for("q quit")
        anyio.run(end, filled)
        screen.wait_for("Rolled back")
        assert Code.ROLLED_BACK == process.wait(timeout=10)
