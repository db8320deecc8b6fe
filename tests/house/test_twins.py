"""Every module of the package has a test module at its place, or a reason on the short list."""

import re
from pathlib import Path

from tests.house import repository

LIST = Path(__file__).with_name("untested.txt")
EXEMPT = {"__init__.py", "__main__.py"}  # they hold one sentence, or one call
TOGETHER = {
    "lab/scenarios": "tests/lab/test_scenarios.py",  # a hundred of a kind: each is played there
}
"""Folders of files of a kind, that one test module plays all alike."""


def listed() -> dict[str, str]:
    lines = [line for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    return {
        path.strip(): reason.strip() for path, _, reason in (line.partition(":") for line in lines)
    }


def modules() -> dict[str, Path]:
    paths = [path for path in repository.modules() if path.name not in EXEMPT]
    return {str(path.relative_to(repository.PACKAGE)): path for path in paths}


def is_tested(path: Path) -> bool:
    """A module `app/loop.py` is tested by tests/app/test_loop.py, or by several test_loop_*.py."""
    relative = path.relative_to(repository.PACKAGE)
    folder = repository.ROOT / "tests" / relative.parent
    if str(relative.parent) in TOGETHER:
        return (repository.ROOT / TOGETHER[str(relative.parent)]).is_file()
    return (folder / f"test_{relative.name}").is_file() or any(
        folder.glob(f"test_{relative.stem}_*.py")
    )


def test_every_module_has_its_test_module_or_a_reason() -> None:
    reasons = listed()

    assert [] == [
        name for name, path in modules().items() if not is_tested(path) and name not in reasons
    ]


def test_the_list_of_untested_modules_is_true_and_gives_reasons() -> None:
    known = modules()

    assert [] == [name for name in listed() if name not in known or is_tested(known[name])]
    assert [] == [name for name, reason in listed().items() if len(reason.split()) < 3]


def test_the_tests_that_reasons_name_are_there() -> None:
    named = [
        (name, path)
        for name, reason in listed().items()
        for path in re.findall(r"tests/[\w./-]*\w", reason)
    ]

    assert named
    assert [] == [(n, path) for n, path in named if not (repository.ROOT / path).exists()]
