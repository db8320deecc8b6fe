"""A violation of an import contract, planted in a copy of the package, is caught by it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import repository

PLANTED = [
    ("floors", "core/seed.py", "from serinus.ports import clock"),
    ("floors", "app/seed.py", "from serinus.adapters import memory"),
    ("floors", "utils/__init__.py", ""),
    ("core", "core/state/seed.py", "from serinus.core.planner import plan"),
    ("core", "core/seed/__init__.py", ""),
    ("purity", "core/spec/seed.py", "import time"),
    ("purity", "core/spec/seed.py", "import asyncio"),
    ("purity", "core/spec/seed.py", "import structlog"),
    ("routers", "adapters/routers/seed.py", "import httpx2"),
    ("platforms", "adapters/local/seed.py", "from serinus.adapters import memory"),
    ("platforms", "adapters/kubernetes/seed.py", "from serinus.adapters import local"),
    ("cluster", "boot/seed.py", "from lightkube.config import kubeconfig"),
    ("cluster", "adapters/local/seed.py", "import lightkube"),
    ("doors", "interfaces/cli/seed.py", "from serinus.core.planner import plan"),
]


def broken(root: Path, contract: str) -> bool:
    """Tell whether the contract is broken in the copy; the copy shadows the installed package."""
    lint = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run(
        [lint, "--no-logo", "--no-cache", "--contract", contract],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "src")},
        check=False,
        capture_output=True,
        text=True,
    )
    if "Contracts: " not in answer.stdout:
        pytest.fail(f"import-linter did not come to an answer:\n{answer.stdout}{answer.stderr}")
    return answer.returncode != 0


@pytest.mark.parametrize(
    ("contract", "place", "line"), PLANTED, ids=[f"{c}-{p}-{s}" for c, p, s in PLANTED]
)
def test_a_planted_violation_breaks_its_contract(
    tmp_path: Path, contract: str, place: str, line: str
) -> None:
    package = tmp_path / "src" / "serinus"
    shutil.copytree(repository.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(repository.ROOT / "pyproject.toml", tmp_path)
    before = broken(tmp_path, contract)
    planted = package / place
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f'"""Planted."""\n\n{line}\n')

    assert not before
    assert broken(tmp_path, contract)
