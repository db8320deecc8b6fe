"""Every cross-reference in a docstring leads somewhere."""

import functools
import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.house import repository

ROLE = re.compile(r":(mod|func|meth|class|data|attr|exc|obj):`~?\.?(?P<target>[\w.]+?)(\(\))?`")
PATHS = [path for path in repository.modules() if ROLE.search(path.read_text())]


def dotted(path: Path) -> str:
    parts = path.relative_to(repository.ROOT / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def resolves(target: str, home: ModuleType) -> bool:
    """A target is a name of its own module (or of one of its classes), or a full path."""
    owners = [home, *(value for value in vars(home).values() if isinstance(value, type))]
    return any(reaches(owner, target.split(".")) for owner in owners) or imports(target)


def reaches(owner: object, names: list[str]) -> bool:
    try:
        functools.reduce(getattr, names, owner)
    except AttributeError:
        fields = [
            name
            for kind in getattr(owner, "__mro__", ())
            for name in getattr(kind, "__annotations__", {})
        ]
        return len(names) == 1 and names[0] in fields
    return True


def imports(target: str) -> bool:
    parts = target.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        return cut == len(parts) or reaches(module, parts[cut:])
    return False


@pytest.mark.parametrize("path", PATHS, ids=repository.name)
def test_references_in_docstrings_resolve(path: Path) -> None:
    home = importlib.import_module(dotted(path))
    targets = {found["target"] for found in ROLE.finditer(path.read_text())}

    assert [] == sorted(target for target in targets if not resolves(target, home))
