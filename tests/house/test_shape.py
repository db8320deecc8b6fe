"""Files are short and are named by the noun that they hold."""

import re
from pathlib import Path

from tests.house import repository

LINES = 400
VAGUE = {
    "utils",
    "util",
    "common",
    "helpers",
    "helper",
    "base",
    "manager",
    "misc",
    "types",
    "models",
}
CODE = ("src", "tests", "scripts", "benchmarks", "cluster")


def test_no_file_of_code_is_longer_than_the_ceiling() -> None:
    code = [path for path in repository.files(*CODE) if path.suffix in {".py", ".sh", ""}]
    lengths = {repository.name(path): len(path.read_text().splitlines()) for path in code}

    assert {} == {name: length for name, length in lengths.items() if length > LINES}


def test_no_module_hides_behind_a_vague_name() -> None:
    code = [path.relative_to(repository.ROOT) for path in repository.files(*CODE)]

    assert [] == [
        str(path) for path in code if VAGUE & {part.removesuffix(".py") for part in path.parts}
    ]


def test_every_folder_of_the_package_says_what_it_is_for() -> None:
    packages = [path for path in repository.modules() if path.name == "__init__.py"]
    folders = {path.parent for path in repository.modules()}

    assert folders == {path.parent for path in packages}
    assert [] == [
        repository.name(path) for path in packages if not path.read_text().startswith('"""')
    ]


def test_every_rule_that_ruff_ignores_has_its_reason_beside_it() -> None:
    text = (repository.ROOT / "pyproject.toml").read_text()
    rules = re.findall(r'^  "[A-Z]+[0-9]*",.*$', text, re.MULTILINE)

    assert rules
    assert [] == [rule for rule in rules if not re.search(r",\s+# \S.{10}", rule)]


def test_every_exception_to_the_linter_says_why() -> None:
    # `noqa: RULE  why` and `type: ignore[code]  # why`: the reason stands on the line.
    silence = re.compile(r"#\s*(noqa|type:\s*ignore)\b(?P<rest>.*)$")
    reason = re.compile(r"^(:\s*[A-Z0-9, ]*[0-9]|\[[\w, -]+\])\s*(#|-|—|:)?\s*[A-Za-z\"'“`].{5}")
    bare = [
        f"{repository.name(path)}:{number}"
        for path in repository.files(*CODE)
        if path.suffix == ".py" and path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (found := silence.search(line)) and not reason.search(found["rest"])
    ]

    assert [] == bare


def test_no_test_is_left_out_without_its_reason() -> None:
    left_out = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b(?P<rest>.*)$")
    bare = [
        f"{repository.name(path)}:{number}"
        for path in repository.files("tests")
        if path.suffix == ".py" and path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (found := left_out.search(line)) and "reason=" not in found["rest"]
    ]

    assert [] == bare
