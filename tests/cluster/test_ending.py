"""A cluster that was killed is started again, and one that ends leaves nothing on the machine."""

import subprocess
import sys
from pathlib import Path

import pytest

from cluster import places

BOX = Path(__file__).with_name("box.sh")
NAMESPACES = ("--mount", "--net", "--pid", "--fork", "--mount-proc")


@pytest.mark.timeout(300)
def test_a_killed_cluster_starts_again_and_ends_without_a_trace(
    cluster: Path, tmp_path: Path
) -> None:
    told = subprocess.run(
        ["unshare", *NAMESPACES, "sh", BOX, tmp_path, sys.executable],
        cwd=places.ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    before, _, after = told.stdout.partition("everything is killed\n")

    assert told.returncode == 0, told.stdout + told.stderr
    assert "cluster: is up after" in before
    assert "cluster: is up after" in after
    assert "and left nothing\nleft in the folder: \nleft of control groups: \n" in after
