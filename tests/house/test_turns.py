"""Tests that start a real Envoy take turns: the versions of the runner and its plugins agree."""

import collections
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import repository

SAMPLE = """
import pytest

@pytest.mark.envoy
@pytest.mark.parametrize("n", range(6))
def test_real(n: int) -> None: ...

@pytest.mark.parametrize("n", range(6))
def test_plain(n: int) -> None: ...
"""


@pytest.mark.timeout(60)  # three interpreters start in it, on a machine that may be busy
def test_tests_with_a_real_envoy_share_one_worker(tmp_path: Path) -> None:
    shutil.copy(repository.ROOT / "tests" / "conftest.py", tmp_path)
    shutil.copy(repository.ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "test_sample.py").write_text(SAMPLE)

    answer = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-v", tmp_path],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    workers = collections.defaultdict(set)
    for worker, kind in re.findall(r"\[(gw\d)\].*::test_(real|plain)", answer.stdout):
        workers[kind].add(worker)

    assert "12 passed" in answer.stdout
    assert {"real", "plain"} == set(workers)
    assert len(workers["real"]) == 1
