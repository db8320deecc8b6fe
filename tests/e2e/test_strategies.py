"""Every way to choose who meets a version, by the commands of people and a real Envoy."""

import socket
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.home import Home, home

pytestmark = [pytest.mark.envoy, pytest.mark.timeout(240)]

DELIVERY = """\
  delivery:
    template: {template}
    parameters: {parameters}
"""


def delivered(here: Home, template: str, **parameters: Any) -> None:
    """Let the application be delivered by another template."""
    file = here.path / "delivery" / "site.yaml"
    head = file.read_text().partition("  delivery:")[0]
    words = ", ".join(f"{name}: {value}" for name, value in parameters.items())
    file.write_text(head + DELIVERY.format(template=template, parameters=f"{{{words}}}"))


def asked(client: httpx2.Client, here: Home, **given: Any) -> str:
    """Return the version that answers, or the status that went wrong."""
    headers = {"host": "site.localhost", **given.pop("headers", {})}
    answer = client.get(f"http://127.0.0.1:{here.port}/", headers=headers, **given)
    if answer.status_code != httpx2.codes.OK:
        return str(answer.status_code)
    return str(answer.headers.get("x-version", ""))


def test_a_header_cohort_gets_the_candidate_and_nobody_else_does(tmp_path: Path) -> None:
    beta = {"x-beta": "yes"}
    with home(tmp_path) as here, httpx2.Client() as client:
        here.up()
        delivered(here, "ab-test", header="x-beta=yes", share="0%", duration="10s", warmup="1s")
        assert 0 == here.serinus("deploy", "site", "v2").returncode
        here.until("Rolling", step_begun=True)
        matched = [asked(client, here, headers=beta) for _ in range(200)]
        others = [asked(client, here) for _ in range(200)]
        near = [asked(client, here, headers={"x-beta": v}) for v in ("yes!", "no", "YES")]
        ended = here.serinus("watch", "site", "--until-end")
        after = [asked(client, here, headers=beta) for _ in range(20)]
        again = here.serinus("deploy", "site", "v2", "--wait")
        told = here.json("explain", "site")

    assert ["v2"] * 200 == matched
    assert ["v1"] * 203 == others + near
    assert 0 == ended.returncode, ended.stdout
    assert ["v1"] * 20 == after
    assert "Concluded" == told["state"]
    assert 3 == again.returncode, again.stdout
    assert "is over" in again.stderr


def test_users_stay_on_their_side_and_are_counted_once(tmp_path: Path) -> None:
    goals = "\n    goals: [{name: home, path: /}]\n"
    with home(tmp_path) as here:
        here.up()
        delivered(here, "ab-test", share="50%", duration="15s", warmup="1s")
        file = here.path / "delivery" / "site.yaml"
        file.write_text(file.read_text().rstrip() + goals)
        assert 0 == here.serinus("deploy", "site", "v2").returncode
        here.until("Rolling", step_begun=True)
        sides = []
        for _ in range(60):
            with httpx2.Client() as user:
                sides.append({asked(user, here) for _ in range(4)})
        ended = here.serinus("watch", "site", "--until-end")
        told = here.json("explain", "site")

    assert all(len(side) == 1 for side in sides)
    assert 15 <= sum(side == {"v2"} for side in sides) <= 45
    assert 0 == ended.returncode, ended.stdout
    report = told["report"]
    assert report["final"]
    assert (sum(side == {"v2"} for side in sides), sum(side == {"v1"} for side in sides)) == (
        report["users"],
        report["stableUsers"],
    )
    assert "home" in told["sentence"]


def test_a_mirrored_version_that_fails_is_never_switched_to(tmp_path: Path) -> None:
    mirrored = {"mirror": "50%", "bake": "8s", "warmup": "1s", "settle": "5s"}
    with home(tmp_path) as here:
        here.up()
        here.traffic()
        delivered(here, "blue-green-mirror", **mirrored)
        bad = here.serinus("deploy", "site", "v3", "--wait")
        good = here.serinus("deploy", "site", "v2", "--wait")
        counted = here.counted()
        told = here.json("history", "site")

    assert 4 == bad.returncode, bad.stdout + bad.stderr
    assert 0 == good.returncode, good.stdout + good.stderr
    assert 0 == counted.errors, counted.sentence()
    assert 0 == counted.lost
    assert "v3" not in counted.versions
    assert ["Rolled back", 0] == [told[1]["state"], told[1]["exposed"]]


def test_a_shadow_serves_nobody_and_says_what_it_saw(tmp_path: Path) -> None:
    with home(tmp_path) as here:
        here.up()
        here.traffic()
        delivered(here, "shadow", mirror="20%", duration="12s", warmup="1s")
        done = here.serinus("deploy", "site", "v2", "--wait")
        counted = here.counted()

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "mirrored requests" in done.stdout
    assert "serves v2" not in done.stdout
    assert {"v1"} == set(counted.versions)


def test_a_webhook_and_a_freeze_are_waited_for(tmp_path: Path) -> None:
    with home(tmp_path) as here, socket.create_server(("127.0.0.1", 0)) as nobody:
        here.up()
        port = nobody.getsockname()[1]
        frozen = "apiVersion: serinus.dev/v1alpha1\nkind: Environment\nmetadata: {name: local}\n"
        place = here.path / "delivery" / "environment.yaml"
        place.write_text(f"{frozen}spec: {{freeze: {{reason: the fair}}}}\n")
        file = here.path / "delivery" / "site.yaml"
        plan = (
            "\n    plan:\n    - traffic: {candidate: 50%}\n      hold: {for: 1s}\n"
            f"      gates: [{{webhook: {{url: 'http://127.0.0.1:{port}/', timeout: 1s}}}}]\n"
        )
        file.write_text(file.read_text().rstrip() + plan)
        assert 0 == here.serinus("deploy", "site", "v2").returncode
        here.until("Queued")
        refused = here.serinus("next", "site")
        place.write_text(f"{frozen}spec: {{}}\n")
        here.until("Waiting")
        here.until_said("cannot be asked")
        passed = here.serinus("next", "site", "-m", "the gate is down")
        done = here.serinus("watch", "site", "--until-end")

    assert 3 == refused.returncode
    assert "needs a reason" in refused.stderr
    assert 0 == passed.returncode, passed.stderr
    assert 0 == done.returncode, done.stdout
