"""
Write the files that follow from the code, or check that they are fresh.

    scripts/generate             write what changed
    scripts/generate --check     say what is stale, and fail if anything is

Every module in ``scripts/generators/`` is one generator. It defines

    def generate() -> dict[str, str]:
        ...                      # path of a file, from the root of the repository → its text

and nothing else has to be edited. A generator reads the package, never the disk: the same code
gives the same text.
"""

import importlib
import pkgutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def wanted() -> dict[Path, str]:
    """Ask every generator for its files; two must not write the same one."""
    sys.path.insert(0, str(ROOT / "scripts"))
    files: dict[Path, str] = {}
    for module in sorted(
        pkgutil.iter_modules([str(ROOT / "scripts" / "generators")]), key=lambda m: m.name
    ):
        for name, text in importlib.import_module(f"generators.{module.name}").generate().items():
            if ROOT / name in files:
                sys.exit(
                    f"generate: {module.name} wants to write {name}, which another generator writes"
                )
            files[ROOT / name] = text
    return files


def main() -> None:
    """Compare what is wanted with what is there; write it, or report it."""
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(f"generate: unknown arguments {sys.argv[1:]}; the only one is --check")
    files = wanted()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        name = path.relative_to(ROOT)
        if check:
            print(f"generate: {name} is stale; run scripts/generate", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path])
            print(f"generate: wrote {name}")
    if check and stale:
        sys.exit(1)


if __name__ == "__main__":
    main()
