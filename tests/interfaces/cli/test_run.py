import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from serinus.adapters.local.database import Database
from serinus.adapters.local.lock import Lock
from serinus.boot import doorkey, local
from serinus.boot.settings import Settings
from serinus.core.state.notice import Event, Kind
from serinus.interfaces import dashboard
from serinus.interfaces.cli import run
from serinus.interfaces.cli.trouble import Code
from serinus.interfaces.demo import here
from serinus.ports import Ports, failures
from tests.app.workbench import Bench
from tests.interfaces.cli.conftest import Cli

HOLD = """
import sys, time
from pathlib import Path
from serinus.adapters.local.lock import Lock
held = Lock.take(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(20)
"""


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """What was stopped by ``down``, in place of processes."""
    found: list[Settings] = []

    async def down(settings: Settings) -> None:
        found.append(settings)

    monkeypatch.setattr(local, "down", down)
    return found


EVENT = Event(
    at=datetime(2026, 1, 1, tzinfo=UTC),
    application="shop",
    environment="local",
    kind=Kind.RESULT,
    reason="Succeeded",
    sentence="v2 serves everybody.",
    release=7,
)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception | None], list[Settings]]:
    """A controller that says that it is ready and ends, or fails."""

    def prepare(failure: Exception | None) -> list[Settings]:
        seen: list[Settings] = []

        async def controller(
            settings: Settings,
            *,
            ready: Callable[[], None],
            told: Callable[[Event], None],
            beside: Callable[[Ports], AbstractAsyncContextManager[None]],
        ) -> None:
            seen.append(settings)
            if failure is not None:
                raise failure
            bench = Bench()
            async with beside(bench.ports):
                ready()
                told(EVENT)

        monkeypatch.setattr(local, "run", controller)
        return seen

    return prepare


def test_up_says_where_it_serves_and_how_to_stop_it(
    cli: Cli, runs: Callable[[Exception | None], list[Settings]], settings: Settings
) -> None:
    seen = runs(None)
    code, out, err = cli(f"up --port 8099 --specs {settings.specs}")

    assert (Code.OK, "") == (code, err)
    assert "Serinus is up: http://APP.localhost:8099, applications from /srv/delivery" in out
    assert "serinus down stops it." in out
    assert "shop#7  v2 serves everybody." in out
    assert (8099, settings.specs, settings.home) == (seen[0].port, seen[0].specs, seen[0].home)
    assert settings.specs.is_dir()


def test_up_prints_a_link_to_the_dashboard_unless_it_is_not_wanted(
    cli: Cli, runs: Callable[[Exception | None], list[Settings]], settings: Settings
) -> None:
    runs(None)

    told = cli("up")[1]

    assert "good once, within 60 s: http://127.0.0.1:" in told
    assert f"For another link: {dashboard.typed(Path('/srv/home'))}\n" in told
    assert "/?token=" in cli("up --dashboard 127.0.0.1:0")[1]
    assert "token" not in cli("up --no-dashboard")[1]
    assert 'error: --dashboard "here": want' in cli("up --dashboard here")[2].replace("'", '"')
    assert "does not listen on 0.0.0.0" in cli("up --dashboard 0.0.0.0:0")[2]


def test_dashboard_prints_a_link_while_one_is_served(cli: Cli, settings: Settings) -> None:
    assert "try:   serinus up" in cli("dashboard")[2]

    with doorkey.served(settings.home, "http://127.0.0.1:7070", "monday"):
        code, out, _ = cli("dashboard -o name")
        token = cli("dashboard --token")[1].strip()
    assert Code.OK == code
    assert out.startswith("http://127.0.0.1:7070/?token=")
    assert re.fullmatch(r"[\w-]+\.[\w-]+", token)


@pytest.mark.parametrize("grouped", [False, True])
def test_up_tells_a_failure_in_three_lines(
    cli: Cli, runs: Callable[[Exception | None], list[Settings]], *, grouped: bool
) -> None:
    failure: Exception = failures.Rejected(
        "port 8080 is taken", why="process 4 listens there", hint="serinus up --port 8081"
    )
    runs(ExceptionGroup("tasks", [ExceptionGroup("more", [failure])]) if grouped else failure)

    code, _, err = cli("up")
    assert Code.ERROR == code
    assert [
        "error: port 8080 is taken",
        "why:   process 4 listens there",
        "try:   serinus up --port 8081",
    ] == err.splitlines()


def test_a_fault_of_ours_is_not_dressed_up(
    cli: Cli, runs: Callable[[Exception | None], list[Settings]]
) -> None:
    runs(ExceptionGroup("tasks", [failures.Conflict("x"), ZeroDivisionError()]))

    with pytest.raises(ExceptionGroup):
        cli("up")


def test_a_port_that_is_none_is_refused(cli: Cli) -> None:
    assert "error: --port is '99999': want a port from 1 to 65535" in cli("up --port 99999")[2]


def test_recovering_sets_a_damaged_database_aside_and_no_other(
    cli: Cli, runs: Callable[[Exception | None], list[Settings]], settings: Settings
) -> None:
    runs(None)
    Database.open(settings.database, create=True).close()
    assert "is not damaged; nothing was set aside." in cli("up --recover")[1]

    settings.database.write_bytes(b"nonsense" * 1000)
    out = cli("up --recover")[1]
    assert "The damaged database is kept as /srv/home/state.db.damaged-" in out
    assert [b"nonsense" * 1000] == [p.read_bytes() for p in settings.home.glob("*.damaged-*")]


def test_down_stops_what_serves(cli: Cli, settings: Settings, stopped: list[Settings]) -> None:
    assert "Nothing was ever started in /srv/home.\n" == cli("down")[1]
    settings.home.mkdir()
    _, out, _ = cli("down")

    assert "Everything has stopped." in out
    assert [settings.home] == [one.home for one in stopped]


def test_down_ends_the_controller_first(
    cli: Cli, settings: Settings, stopped: list[Settings]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.lock)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        process.stdout.readline()
        _, out, _ = cli("down")
        assert -15 == process.wait(timeout=5)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()

    assert "Asking the controller to end" in out
    assert 1 == len(stopped)


def test_a_controller_that_does_not_end_is_named_and_nothing_is_stopped(
    cli: Cli, settings: Settings, stopped: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "STOP_S", 0.0)
    monkeypatch.setattr("os.kill", lambda *_: None)
    held = Lock.take(settings.lock)

    code, _, err = cli("down")
    assert Code.ERROR == code
    assert "has not ended within 0 s" in err
    assert [] == stopped
    held.release()


def test_the_demo_gets_its_options(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    monkeypatch.setattr(
        here, "main", lambda *, json, keep: 7 if (json, keep) == (path, True) else 1
    )

    assert 7 == run.demo(json=path, keep=True)
