"""An application that nobody here wrote, released by the commands of the README."""

import time
from pathlib import Path

import pytest

from tests.e2e.home import Home, home

pytestmark = [pytest.mark.envoy, pytest.mark.timeout(300)]


def test_a_good_version_is_promoted_and_a_bad_one_taken_back(tmp_path: Path) -> None:
    with home(tmp_path) as here:
        here.up()
        here.traffic()
        good = here.serinus("deploy", "site", "v2", "--wait")
        bad = here.serinus("deploy", "site", "v3", "--wait")
        counted = here.counted()
        history = here.json("history", "site")
        again = here.serinus("deploy", "site", "v3")

    assert 0 == good.returncode, good.stderr
    assert "v2" in good.stdout
    assert 4 == bad.returncode, bad.stdout
    assert "errors" in bad.stderr
    assert ["Rolled back", "Succeeded", "Succeeded"] == [r["state"] for r in history]
    assert 0 == counted.lost, counted.sentence()
    assert 0 < counted.versions["v3"].errors < 100
    assert counted.versions["v3"].errors == counted.errors
    assert 3 == again.returncode
    assert "retry" in again.stderr


def test_a_killed_controller_loses_no_request_and_repeats_no_step(tmp_path: Path) -> None:
    with home(tmp_path, bake="8s") as here:
        here.up()
        here.traffic()
        assert 0 == here.serinus("deploy", "site", "v2").returncode
        # On a busy machine a look may come too late for the first of them.
        for phases in (("Starting", "Rolling"), ("Rolling",), ("Rolling",)):
            _until(here, *phases)
            here.kill()
            assert here.serves()
            here.up()
        done = here.serinus("watch", "site", "--until-end")
        counted = here.counted()
        told = here.json("explain", "site")

    assert 0 == done.returncode, done.stdout + done.stderr
    assert 0 == counted.lost, counted.sentence()
    assert 0 == counted.errors
    started = [d["sentence"] for d in told["decisions"] if d["sentence"].startswith("Step ")]
    assert 2 == len(started) == len(set(started))


def test_a_person_pauses_goes_on_and_takes_it_back(tmp_path: Path) -> None:
    with home(tmp_path, bake="60s") as here:
        here.up()
        here.traffic(rate=50)
        here.serinus("deploy", "site", "v2")
        _until(here, "Rolling")
        paused = here.serinus("pause", "site", "-m", "lunch")
        stale = here.serinus("next", "site", "--expect-step", "2")
        refused = here.serinus("next", "site")
        resumed = here.serinus("resume", "site")
        back = here.serinus("rollback", "site", "-m", "not today")
        done = here.serinus("watch", "site", "--until-end")
        counted = here.counted()

    assert 0 == paused.returncode, paused.stderr
    assert 3 == stale.returncode
    assert "you were looking at 2" in stale.stderr
    assert 3 == refused.returncode
    assert "resume it first" in refused.stderr
    assert 0 == resumed.returncode, resumed.stderr
    assert 0 == back.returncode, back.stderr
    assert 4 == done.returncode, done.stdout
    assert 0 == counted.lost, counted.sentence()


def _until(here: Home, *phases: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        state = str(here.json("status", "site")["state"])
        if state.startswith(phases):
            return
        assert time.monotonic() < deadline, state
        time.sleep(0.1)
