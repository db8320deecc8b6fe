"""The demo as people run it: one command on a real cluster, which tells its story and cleans up."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cluster import images
from serinus.interfaces.demo import scenes, there
from tests.cluster import controllers

PATIENCE_S = 540
END_S = 30.0


@pytest.mark.timeout(660)
def test_the_demo_tells_its_story_loses_no_request_and_leaves_nothing(
    routers: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "demo.json"
    command = [sys.executable, "-m", "serinus", "demo", "--platform", "kubernetes"]
    command += ["--image", images.dev(), "--json", str(kept)]
    environ = {**os.environ, "KUBECONFIG": str(routers)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ
    ) as process:
        try:
            told, _ = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.terminate()  # it takes away what it made
            told, _ = process.communicate(timeout=END_S)
            raise AssertionError(f"it has not ended:\n{told}") from None

    assert 0 == process.returncode, told
    came = json.loads(kept.read_bytes())
    assert [(one.version, one.expected) for one in scenes.SCENES] == [
        (one["version"], one["outcome"]) for one in came["releases"]
    ]
    assert 0 == came["load"]["lost"]
    assert "three releases of a small shop in a Kubernetes cluster" in told
    for scene in scenes.SCENES:
        assert f"{scene.version}: {scene.title}" in told
    assert "v1 serves everybody (unverified: first release)" in told
    good, *bad = [one["sentence"] for one in came["releases"]]
    assert good.startswith("v2 serves everybody after ")
    assert ["Rolled back: "] * 2 == [one[: len("Rolled back: ")] for one in bad]
    assert [2, 2, 2] == [told.count(one) for one in (good, *bad)]  # as it came, and in the end
    assert {} == controllers.found("namespace", there.NAMESPACE, "")
    assert {} == controllers.found("environment", there.ENVIRONMENT, "")
