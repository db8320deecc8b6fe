import asyncio
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from serinus.interfaces.demo import arrivals, faults, load, pool, shop, tally
from tests.interfaces.demo import shops

LOAD = "serinus.interfaces.demo.load"


def settings(port: int, rate: float, duration_s: float, json: Path | None = None) -> load.Settings:
    return load.Settings(
        target=pool.Target("127.0.0.1", port, timeout_s=2.0),
        host="shop.localhost",
        rate=rate,
        duration_s=duration_s,
        pattern=arrivals.Pattern.EVEN,
        json=json,
    )


async def ran(given: faults.Faults, rate: float, duration_s: float) -> tally.Tally:
    async with shops.serving(shop.Settings(0, "v1", given=given)) as port:
        return await load.run(settings(port, rate, duration_s), asyncio.Event())


@pytest.mark.anyio
async def test_every_request_that_was_due_is_sent_and_answered() -> None:
    count = await ran(faults.Faults(), 400, 0.5)

    assert (200, 200, 0, 0) == (count.sent, count.ok, count.errors, count.lost)
    assert (200, 0, True) == (count.versions["v1"].requests, count.in_flight, count.finished)


@pytest.mark.anyio
async def test_the_seed_of_the_shop_settles_how_many_errors_are_counted() -> None:
    given = faults.Faults(errors=0.05, tail=0.02, tail_s=0.4)
    dice = faults.Dice(given, seed=0)
    fates = [dice.next(0.0) for _ in range(300)]

    version = (await ran(given, 600, 0.5)).versions["v1"]

    assert sum(fate.error for fate in fates) == version.errors
    assert sum(fate.delay_s > 0 for fate in fates) == version.slow
    assert sum(fate.error or fate.delay_s > 0 for fate in fates) == version.bad


@pytest.mark.anyio
async def test_a_server_that_stands_still_cannot_hide_who_waited() -> None:
    # The traffic of 0.4 s finds a server that reads nothing; a closed loop would hardly see it.
    with shops.process(SHOP_VERSION="v1") as (server, port):
        later = asyncio.get_running_loop().call_later
        later(0.2, server.send_signal, signal.SIGSTOP)
        later(0.6, server.send_signal, signal.SIGCONT)
        count = await load.run(settings(port, 200, 1.0), asyncio.Event())

    waited = count.versions["v1"].slow
    assert (200, 0) == (count.ok, count.lost)
    assert 20 <= waited <= 60
    assert (count.latency.quantile_s(1.0) or 0) > 0.35


@pytest.mark.anyio
async def test_an_end_from_outside_still_waits_for_every_outcome() -> None:
    stop = asyncio.Event()
    async with shops.serving(shop.Settings(0, "v1", given=faults.Faults(latency_s=0.2))) as port:
        asyncio.get_running_loop().call_later(0.2, stop.set)
        count = await load.run(settings(port, 200, math.inf), stop)

    assert 30 <= count.sent <= 80
    assert count.sent == count.ok


@pytest.mark.anyio
async def test_nobody_there_is_counted_and_does_not_stop_the_traffic() -> None:
    count = await load.run(settings(1, 100, 0.2), asyncio.Event())

    assert (20, {"refused": 20}) == (count.sent, count.lost_by)


@pytest.mark.anyio
async def test_the_running_tally_can_be_read_at_any_time(tmp_path: Path) -> None:
    file = tmp_path / "load.json"
    seen = set()
    async with shops.serving(shop.Settings(0, "v1")) as port:
        running = asyncio.create_task(load.run(settings(port, 200, 1.2, file), asyncio.Event()))
        while not running.done():
            await asyncio.sleep(0.01)
            count = tally.Tally.decode(file.read_bytes())
            seen.add(count.sent)
            assert count.sent == count.ok + count.errors + count.lost + count.in_flight

        assert await running == tally.Tally.decode(file.read_bytes())
    assert len(seen) >= 3
    assert os.listdir(tmp_path) == [file.name]  # noqa: PTH208 - as the task's loop stands still


@pytest.mark.anyio
async def test_a_file_that_cannot_be_written_is_told_before_any_traffic(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await load.run(settings(1, 100, 9.0, tmp_path / "no" / "load.json"), asyncio.Event())


def test_the_command_line_names_everything() -> None:
    read = load.read(
        [
            *("--url", "http://127.0.0.1:8080", "--host", "shop.localhost", "--rate", "50"),
            *("--duration", "3s", "--connections", "9", "--timeout", "1s", "--slow", "100ms"),
            *("--json", "a.json", "--paths", "/=1", "--seed", "4", "--even", "--marker", "X-Me"),
        ]
    )

    assert read == load.Settings(
        target=pool.Target("127.0.0.1", 8080, 1.0, "x-me"),
        host="shop.localhost",
        rate=50.0,
        duration_s=3.0,
        connections=9,
        slow_s=0.1,
        pattern=arrivals.Pattern.EVEN,
        seed=4,
        kinds=(arrivals.Ask("GET", "/", 1),),
        json=Path("a.json"),
    )


def test_the_command_line_needs_no_more_than_an_address() -> None:
    target = pool.Target("localhost", 80, 10.0)

    assert load.Settings(target, "localhost:80") == load.read(["--url", "http://localhost"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("--url ftp://x", "want an address such as http://127.0.0.1:8080"),
        ("--url http://x:99999", "want an address"),
        ("--url http://x/path", "want an address"),
        ("--url http://x --rate 0", "above 0 and at most 20,000"),
        ("--url http://x --rate nan", "above 0"),
        ("--url http://x --duration 3", "such as 250ms, 30s or 2m"),
        ("--url http://x --connections 0", "from 1 to 4096"),
        ("--url http://x --paths /", "paths with weights"),
        ("--url http://x --host a\tb", "want a host name"),
        ("--url http://x --even --poisson", "not allowed with argument"),
        ("", "--url"),
    ],
)
def test_a_wrong_argument_is_told_with_what_is_wanted(
    arguments: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        load.read(arguments.split(" "))

    assert caught.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_told_to_stop_writes_its_last_tally(
    number: signal.Signals, tmp_path: Path
) -> None:
    file = tmp_path / "load.json"
    with shops.process(SHOP_VERSION="v7") as (_, port):
        arguments = ["--url", f"http://127.0.0.1:{port}", "--rate", "100", "--json", str(file)]
        with subprocess.Popen(
            [sys.executable, "-m", LOAD, *arguments],
            env=shops.environment({}),
            stdout=subprocess.PIPE,
            text=True,
        ) as started:
            try:
                until = time.monotonic() + 10
                while time.monotonic() < until and not (
                    file.exists() and tally.Tally.decode(file.read_bytes()).ok
                ):
                    time.sleep(0.02)
                started.send_signal(number)
                told, _ = started.communicate(timeout=5)
            finally:
                started.kill()

    count = tally.Tally.decode(file.read_bytes())
    assert started.returncode == 0
    assert (True, 0, 0) == (count.finished, count.in_flight, count.lost)
    assert count.sent == count.versions["v7"].requests > 0
    assert told.startswith(f"sent {count.sent:,} · ok {count.ok:,}")


def test_traffic_ends_with_whoever_started_it(tmp_path: Path) -> None:
    file = tmp_path / "load.json"
    words = [sys.executable, "-m", LOAD, "--url", "http://127.0.0.1:1", "--json", str(file)]
    parent = f"import subprocess, time; subprocess.Popen({words!r}); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", parent], env=shops.environment({})) as started:
        assert _until(file.exists)
        started.kill()

    assert _until(lambda: tally.Tally.decode(file.read_bytes()).finished)


def _until(holds: Callable[[], bool]) -> bool:
    """Wait until something holds that another process does; tell whether it does."""
    until = time.monotonic() + 15
    while time.monotonic() < until and not holds():
        time.sleep(0.02)
    return holds()


def test_a_process_that_cannot_write_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "no" / "load.json"
    done = subprocess.run(
        [sys.executable, "-m", LOAD, "--url", "http://127.0.0.1:1", "--json", str(file)],
        env=shops.environment({}),
        capture_output=True,
        text=True,
        timeout=5,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == f"load: cannot write {file}: No such file or directory\n"
