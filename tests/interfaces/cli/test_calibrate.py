"""``calibrate`` as it is typed."""

import json
from pathlib import Path

import anyio
import pytest

from serinus.adapters.local.database import Database
from serinus.adapters.local.store import Store
from serinus.adapters.memory.store import Specs
from serinus.boot.settings import Settings
from serinus.interfaces.cli.trouble import Code
from serinus.lab import recording
from tests import builders
from tests.builders import SHOP
from tests.interfaces.cli.conftest import Cli
from tests.lab.recordings import drawn
from tests.lab.test_calibrate import past


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop-1.rec"
    recording.save(drawn(errors=0.001, history_s=1800), path)
    return path


def test_the_past_of_a_recording_is_calibrated(cli: Cli, file: Path) -> None:
    code, out, err = cli(f"calibrate --recording {file} --runs 5")

    assert (Code.OK, "") == (code, err)
    assert out.startswith("shop · canary-test\n")
    assert "of 5 A/A releases had an alarm" in out
    assert "clumps    within 5s: φ 1" in out
    assert "probes    for 1 % failing: " in out
    assert "not in it replicas that have run for long" in out


def test_programs_get_json(cli: Cli, file: Path) -> None:
    found = json.loads(cli(f"calibrate --recording {file} --runs 5 --seed 3 -o json")[1])

    assert (5, 3) == (found["runs"], found["seed"])


def test_without_history_it_says_so(cli: Cli) -> None:
    code, _, err = cli("calibrate shop --template canary-standard")

    assert Code.ERROR == code
    assert "nothing is known of stable in this time" in err


def test_the_past_of_the_store_is_calibrated(cli: Cli, settings: Settings) -> None:
    ticks = past(1800)
    shift = builders.at(0).timestamp() - ticks[-1].at
    moved = [type(tick)(tick.at + shift, tick.seconds, tick.arms) for tick in ticks]

    async def fill() -> None:
        store = Store(Specs(), Database.open(settings.database, create=True))
        await store.record(builders.idle())
        await store.put_ticks(SHOP, None, moved)
        await store.flush()
        await store.close()

    anyio.run(fill)
    code, out, err = cli("calibrate shop --template canary-fast --runs 3")

    assert (Code.OK, "") == (code, err)
    assert "30m of the last 30m are known, 4 replicas" in out


def test_a_single_replica_is_told(cli: Cli, tmp_path: Path) -> None:
    one = drawn(history_s=60)
    alone = [type(t)(t.at, t.seconds, {"stable": t.arms["candidate"]}) for t in one.ticks]
    kept = recording.Recording(one.about, tuple(alone))
    recording.save(kept, tmp_path / "one.rec")

    assert (
        "Not known: stable has a single replica"
        in cli(f"calibrate --recording {tmp_path / 'one.rec'}")[1]
    )


def test_what_is_wrong_is_told(cli: Cli, file: Path) -> None:
    assert "not both" in cli("calibrate")[2]
    assert "not both" in cli(f"calibrate shop --recording {file}")[2]
    code, _, err = cli(f"calibrate --recording {file} --days 0 --runs 0")

    assert Code.USAGE == code
    assert "--days: 0" in err
    assert "--runs: 0" in err
    assert (
        "gives no shares of traffic"
        in cli(f"calibrate --recording {file} --template blue-green")[2]
    )
