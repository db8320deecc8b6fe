"""What the house tests look at: the files of the repository as git would commit them."""

import functools
import subprocess
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "src" / "serinus"


@functools.cache
def files(*folders: str) -> tuple[Path, ...]:
    """Return every file below the folders that is committed or would be; all by default."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in sorted(set(listing.split("\0"))) if name)
    return tuple(path for path in paths if path.is_file())


def modules() -> list[Path]:
    """Return the modules of the package."""
    return [path for path in files("src") if path.suffix == ".py"]


def name(path: Path) -> str:
    """Name a file as a person would: from the root of the repository."""
    return str(path.relative_to(ROOT))


@functools.cache
def project() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())
