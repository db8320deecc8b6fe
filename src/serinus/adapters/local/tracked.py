"""Files that Git tracks: they are Git's, and a change of them is a commit that a person makes."""

import difflib
import os
import shutil
import subprocess
from pathlib import Path

from serinus.ports import failures

PATIENCE_S = 5.0

_UNTRACKED = 1


def by_git(path: Path) -> Path | None:
    """Return the working tree that tracks a file, None when none does. Rejected: not to be told."""
    top = next((p for p in path.resolve().parents if (p / ".git").exists()), None)
    git = shutil.which("git")
    if top is None or git is None:
        return None
    outside = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    command = [git, "-C", str(path.resolve().parent), "ls-files", "--error-unmatch", "--"]
    try:
        asked = subprocess.run(
            [*command, path.resolve().name],
            capture_output=True,
            check=False,
            env={**outside, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE_S,
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise _untold(path, str(problem)) from problem
    said = asked.stderr.decode("utf-8", "replace").strip()
    if asked.returncode == 0:
        return top
    if asked.returncode == _UNTRACKED or "not a git repository" in said:
        return None
    raise _untold(path, said)


def patch(top: Path, path: Path, before: str, after: str) -> str:
    """Return the change as a unified diff that ``git apply`` takes in the working tree's top."""
    name = path.resolve().relative_to(top.resolve()).as_posix()
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        after.splitlines(keepends=True),
        f"a/{name}",
        f"b/{name}" if after else "/dev/null",
    )
    whole = "\\ No newline at end of file"
    return "".join(line if line.endswith("\n") else f"{line}\n{whole}\n" for line in lines)


def _untold(path: Path, why: str) -> failures.Rejected:
    return failures.Rejected(
        f"{path.name} is not changed: Git does not say whether it tracks it",
        why=why,
        hint=f"git -C {path.parent} status",
    )
