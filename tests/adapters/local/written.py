"""Specs as people write them, in directories of the tests' own."""

import os
import subprocess
from pathlib import Path

from serinus.adapters.local.specs import Specs
from serinus.boot import catalogue, sources

SHOP = """\
# The shop of the tests.
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata:
  name: shop
spec:
  version: v1   # what serves
  workload:
    command: [./shop, --port, "${port}"]
    env: {VERSION: "${version}"}
  delivery:
    template: canary-standard
    parameters:
      bake: '12s'  # short
"""


def shop(name: str = "shop", *, more: str = "") -> str:
    """The shop by another name, with more lines of its workload."""
    text = SHOP.replace("name: shop", f"name: {name}")
    return text.replace("    env:", f"{more}    env:")


def specs(tmp_path: Path, **files: str) -> Specs:
    """Write files (``shop="…"`` is shop.yaml) into a directory, and read it."""
    directory, home = tmp_path / "delivery", tmp_path / "home"
    directory.mkdir(exist_ok=True)
    home.mkdir(exist_ok=True)
    for name, text in files.items():
        (directory / f"{name}.yaml").write_text(text)
    return Specs(directory, home, catalogue.builtin(), sources.review)


def git(directory: Path, *words: str) -> str:
    """Ask Git, as somebody who has no settings."""
    known = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    who = {
        f"GIT_{role}_{what}": "t@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    done = subprocess.run(
        ["git", "-C", str(directory), *words],
        check=True,
        capture_output=True,
        text=True,
        env={**known, **who, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout
