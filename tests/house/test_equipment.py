"""The cluster for tests lives apart from the package."""

import re

from cluster import parts, places
from tests.house import repository


def test_the_package_never_imports_the_equipment() -> None:
    line = re.compile(r"^\s*(from cluster\b|import cluster\b)", re.MULTILINE)

    assert [] == [
        repository.name(path) for path in repository.modules() if line.search(path.read_text())
    ]


def test_a_part_is_built_anew_when_its_version_changes() -> None:
    part = parts.PARTS["pause"]
    other = parts.Part("pause", "v2", ("pause",))

    assert parts.key(part, "go1") == parts.key(part, "go1")
    assert parts.key(part, "go1") != parts.key(other, "go1")
    assert parts.key(part, "go1") != parts.key(part, "go2")


def test_every_part_that_a_module_of_ours_builds_has_that_module() -> None:
    own = [part for part in parts.PARTS.values() if not part.packages]

    assert [] == [part.name for part in own if not (parts.SOURCES / part.name / "go.mod").is_file()]


def test_sockets_of_the_cluster_have_short_paths() -> None:
    # A socket's path has 107 characters at most; a shim's ends in 64 digits.
    assert len(f"{places.STATE}/shims/") + 64 < 107
