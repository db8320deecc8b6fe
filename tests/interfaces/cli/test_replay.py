"""``replay`` as it is typed: releases, files and Prometheus, and what is wrong with each."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs

import anyio
import pytest
from anyio.abc import SocketStream

from serinus.adapters.local.store import Store
from serinus.core.state.counts import CANDIDATE
from serinus.core.state.release import Phase
from serinus.interfaces.cli import replay
from serinus.interfaces.cli.trouble import Code
from serinus.lab import recording
from tests import builders
from tests.adapters import wire
from tests.builders import SHOP
from tests.interfaces.cli.conftest import Cli
from tests.lab.recordings import drawn


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A release with five times too many errors, as another machine recorded it."""
    path = tmp_path / "shop-1.rec"
    recording.save(drawn(errors=0.03), path)
    return path


@pytest.fixture
def kept(store: Store) -> Store:
    """A release of two minutes that the store has ticks of."""

    async def fill() -> None:
        found = drawn(((0.05, 120.0),), errors=0.05, history_s=300)
        release = builders.ended(
            Phase.ROLLED_BACK, 6, created_at=builders.at(0), delivery=found.about.delivery
        )
        await store.record(builders.status(release=release))
        shift = builders.at(0).timestamp() - found.history[-1].at
        moved = [
            [type(tick)(tick.at + shift, tick.seconds, tick.arms) for tick in ticks]
            for ticks in (found.history, found.ticks)
        ]
        await store.put_ticks(SHOP, None, moved[0])
        await store.put_ticks(SHOP, 6, moved[1])
        await store.flush()

    anyio.run(fill)
    return store


def test_a_file_is_replayed_by_its_own_policy(cli: Cli, file: Path) -> None:
    code, out, err = cli(f"replay --recording {file}")

    assert (Code.OK, "") == (code, err)
    assert "shop/local#1 · v2 beside v1 · through canary-test" in out
    assert "Traffic taken away after" in out
    assert "bad requests instead of 254." in out
    assert "evidence  errors: 3:1 after" in out
    assert "what would have followed is not known" in out


def test_another_policy_is_a_template_with_parameters(cli: Cli, file: Path) -> None:
    line = f"replay --recording {file} --template canary-fast --set bake=2m -o json"
    code, out, err = cli(line)
    found = json.loads(out)

    assert (Code.OK, "") == (code, err)
    assert "canary-fast 1.0.0" == found["policy"]
    assert "traffic taken away" == found["outcome"]
    assert any("latency cannot say anything" in one for one in found["assumed"])


@pytest.mark.usefixtures("kept")
def test_a_release_of_the_store_is_replayed_and_saved(cli: Cli, tmp_path: Path) -> None:
    code, out, err = cli("replay shop 6")
    saved = cli(f"replay shop --save {tmp_path / 'six.rec'}")
    again = cli(f"replay --recording {tmp_path / 'six.rec'}")
    twice = cli(f"replay shop --save {tmp_path / 'six.rec'}")

    assert (Code.OK, "") == (code, err)
    assert "shop/local#6 · v2 beside v1" in out
    assert "; Rolled back" in out
    assert saved[1].startswith("shop/local#6: 24 ticks, and 60 ticks from before it, in ")
    assert out == again[1]
    assert "is there already" in twice[2]


@pytest.mark.usefixtures("filled")
def test_releases_that_are_not_there_are_told(cli: Cli) -> None:
    assert "error: shop/local has no release 99\n" in cli("replay shop 99")[2]
    assert "error: shop/local#6 has no ticks\n" in cli("replay shop 6")[2]
    assert "error: nobody has had no release yet\n" in cli("replay nobody")[2]


def test_one_source_of_traffic_is_wanted(cli: Cli, file: Path) -> None:
    assert "0 of them were given" in cli("replay")[2]
    code, _, err = cli(f"replay shop --recording {file}")

    assert Code.USAGE == code
    assert "2 of them were given" in err


def test_a_damaged_file_is_told_by_line(cli: Cli, file: Path) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:5], b"oops\n", *lines[6:]]))
    code, _, err = cli(f"replay --recording {file}")

    assert Code.ERROR == code
    assert (
        "error: this recording cannot be read\nwhy:   /srv/shop-1.rec:6: it cannot be read" in err
    )


def test_a_policy_that_cannot_be_replayed_is_told(cli: Cli, file: Path) -> None:
    assert (
        "does not move traffic by shares"
        in cli(f"replay --recording {file} --template blue-green")[2]
    )
    assert "two policies" in cli(f"replay --recording {file} --template x --file y")[2]


# --- Prometheus ----------------------------------------------------------------------------------


async def prometheus(stream: SocketStream, asked: wire.Received) -> None:
    """Answer as Prometheus does: two pods, 20 requests a second each; the new one fails a tenth."""
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    start, end, step = (float(form[name]) for name in ("start", "end", "step"))
    failed = "errors" in form["query"]
    result = []
    for pod, version in (("a", "v1"), ("b", "v1"), ("c", "v2")):
        each = (2 if version == "v2" else 0) if failed else 20
        values = []
        for place in range(round((end - start) / step) + 1):
            at = start + step * place
            values.append([at, str(int(at) % 1_000_000 * each)])
        result.append({"metric": {"pod": pod, "version": version}, "values": values})
    data = {"resultType": "matrix", "result": result}
    body = json.dumps({"status": "success", "data": data}).encode()
    await wire.answers(body=body)(stream, asked)


@pytest.fixture
async def source() -> AsyncIterator[wire.Server]:
    async with wire.serving(prometheus) as server:
        yield server


RANGE = "--requests requests_total --errors errors_total --candidate version=v2"


async def test_a_range_of_prometheus_is_replayed_through_a_template(
    source: wire.Server, cli: Cli
) -> None:
    line = f"replay --prometheus {source.url} {RANGE} --start 10m --template canary-fast"
    code, out, err = await anyio.to_thread.run_sync(cli, line)

    assert (Code.OK, "") == (code, err)
    assert "prometheus/local#0 · version=v2 beside stable · through canary-fast" in out
    assert "Traffic taken away after" in out
    assert "1,200 failed; not released by Serinus" in out
    assert source.received[0].line.startswith("POST /api/v1/query_range")


async def test_prometheus_history_has_no_policy_of_its_own(source: wire.Server, cli: Cli) -> None:
    line = f"replay --prometheus {source.url} {RANGE} --start 10m"
    code, _, err = await anyio.to_thread.run_sync(cli, line)

    assert Code.ERROR == code
    assert "no policy of its own; wanted one: --template NAME or --file FILE" in err


def test_a_prometheus_that_is_away_is_told(cli: Cli) -> None:
    code, _, err = cli(f"replay --prometheus http://127.0.0.1:9 {RANGE} --start 10m")

    assert Code.ERROR == code
    assert "http://127.0.0.1:9: nobody listens there" in err


def test_all_that_is_wrong_with_a_range_is_told_at_once(cli: Cli) -> None:
    code, _, err = cli("replay --prometheus http://127.0.0.1:9 --start soon --step 1x")

    assert Code.USAGE == code
    assert 5 == len(
        [
            part
            for part in ("--start", "--candidate", "--step", "--requests", "--errors")
            if f"{part}: " in err
        ]
    )
    assert (
        "rate(…) counts every scrape"
        in cli(
            "replay --prometheus http://127.0.0.1:9 --requests rate(x[1m]) --errors b --start 1h"
            " --candidate version=v2"
        )[2]
    )


def test_an_environment_without_a_source_and_an_address_that_is_none_are_told(cli: Cli) -> None:
    assert (
        "environment 'local' has no metric source 'prometheus'"
        in cli(f"replay --prometheus local {RANGE} --start 10m")[2]
    )
    assert "wanted an address such as" in cli(f"replay --prometheus http:// {RANGE} --start 10m")[2]


def test_instants_are_read_in_utc_or_as_how_long_ago() -> None:
    wrong: list[str] = []
    now = builders.at(0)

    assert now.timestamp() - 7200 == replay._instant("--start", "2h", now, wrong)
    assert now.timestamp() == replay._instant("--start", "2026-03-02T12:00", now, wrong)
    assert now.timestamp() == replay._instant("--start", "2026-03-02T13:00+01:00", now, wrong)
    assert [] == wrong
    assert CANDIDATE == "candidate"
