"""The commands with --server, in processes of their own, against a `serinus up` that serves."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.afar import Afar
from tests.e2e.home import Home, home

pytestmark = [pytest.mark.envoy, pytest.mark.timeout(600)]


@contextmanager
def served(tmp_path: Path) -> Iterator[tuple[Home, Afar]]:
    """Serve a dashboard and some traffic; no release there ends by itself but a bad one."""
    with home(tmp_path, bake="5m") as here:
        here.up()
        here.traffic(rate=50, duration="600s")
        yield here, Afar(here, tmp_path / "elsewhere")


def test_a_release_is_asked_for_followed_and_steered_from_elsewhere(tmp_path: Path) -> None:
    with served(tmp_path) as (here, afar):
        first = afar.serinus("deploy", "site", "v2", "-m", "cheaper")
        afar.until("v2", "Rolling")
        watch = afar.begun("watch", "site", "--until-end")
        waits = afar.begun("deploy", "site", "v2", "--wait")
        paused = afar.serinus("pause", "site", "-m", "lunch")
        view = afar.json("explain", "site")
        refused = afar.serinus("next", "site")
        resumed = afar.serinus("resume", "site")
        promoted = afar.serinus("promote", "site", "-m", "seen enough")
        watched, deployed = ended(watch), ended(waits)
        logs = afar.serinus("logs", "site", "-n", "1000")
        past = afar.json("history", "site")
        counted = here.counted()
        log = here.log()

    assert 0 == first.returncode, first.stderr
    assert (
        "site: v2 is asked for. To follow its release: "
        f"serinus watch site --server {afar.address}\n" == first.stdout
    )
    assert 0 == paused.returncode, paused.stderr
    assert "lunch" in str(view["decisions"])
    assert 3 == refused.returncode
    assert "resume it first" in refused.stderr
    assert f"serinus explain site --server {afar.address}" in refused.stderr
    assert 0 == resumed.returncode, resumed.stderr
    assert 0 == promoted.returncode, promoted.stderr
    assert "lunch" in watched.stdout
    assert "seen enough" in watched.stdout
    assert (0, 0) == (watched.returncode, deployed.returncode), watched.stderr + deployed.stderr
    assert "site serves v2." in deployed.stdout.splitlines()[-1]
    assert "serving initial configuration" in logs.stdout
    assert [("v2", "cheaper"), ("v1", "")] == [(one["version"], one["reason"]) for one in past]
    assert 0 == counted.lost, counted.sentence()
    assert afar.token not in log


def test_what_is_bad_is_taken_back_and_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with served(tmp_path) as (here, afar):
        before = (tmp_path / "delivery" / "site.yaml").read_text()
        wrong = afar.serinus("deploy", "site", "v9", "--set", "bake=soon", "--set", "nope=1")
        stranger = afar.serinus("deploy", "site", "v2", token="nobody")
        untouched = (tmp_path / "delivery" / "site.yaml").read_text()
        bad = afar.serinus("deploy", "site", "v3", "--wait")
        again = afar.serinus("deploy", "site", "v3")
        afar.serinus("deploy", "site", "v4", "--token", afar.token)
        afar.until("v4", "Rolling")
        back = afar.serinus("rollback", "site", "-m", "not today")
        afar.until("v4", "Rolled back")
        delete = afar.serinus("delete", "site", "--yes")
        counted = here.counted()
        log = here.log()

    assert (3, "") == (wrong.returncode, wrong.stdout)
    assert "error: site cannot be released as v9; nothing was changed" in wrong.stderr
    assert "'soon' is not a duration" in wrong.stderr
    assert "unknown parameter 'nope'" in wrong.stderr
    assert 1 == stranger.returncode
    assert "does not know who asks" in stranger.stderr
    assert before == untouched
    assert 4 == bad.returncode, bad.stdout + bad.stderr
    assert "error: v3 of site: rolled back" in bad.stderr
    assert "errors" in bad.stderr
    assert 3 == again.returncode
    assert f"serinus retry site --server {afar.address}" in again.stderr
    assert 0 == back.returncode, back.stderr
    assert 2 == delete.returncode
    assert "delete asks no dashboard" in delete.stderr
    assert 0 == counted.lost, counted.sentence()
    assert afar.token not in log


def ended(begun: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Wait for a command that was begun, and return what it printed."""
    try:
        out, err = begun.communicate(timeout=240)
    finally:
        begun.kill()
    return subprocess.CompletedProcess(begun.args, begun.returncode, out, err)
