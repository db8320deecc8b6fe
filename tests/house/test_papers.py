"""Decisions and changelog fragments have the form that people and tools expect."""

import re
from pathlib import Path

import pytest

from tests.house import repository

DOCS = repository.ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
FRAGMENTS = [p for p in repository.files("changelog.d") if p.name not in {"README.md", ".gitkeep"}]
TYPES = [entry["directory"] for entry in repository.project()["tool"]["towncrier"]["type"]]


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]

    assert list(range(1, len(DECISIONS) + 1)) == numbers


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_shows_an_example_then_decides_then_names_the_cost(path: Path) -> None:
    headings = re.findall(r"^(#+) (.*)$", path.read_text(), re.MULTILINE)

    assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)
    assert [("#", headings[0][1]), ("##", "Example"), ("##", "Decision")] == headings[:3]
    assert ("##", "What it costs") in headings


def test_every_page_is_reached_from_an_index() -> None:
    missing = [
        folder.name
        for folder in DOCS.iterdir()
        if folder.is_dir()
        and not folder.name.startswith("_")
        and (list(folder.glob("*.md")) and f"{folder.name}/" not in (DOCS / "index.md").read_text())
    ]

    assert [] == missing


def test_changelog_fragments_name_an_issue_and_a_kind() -> None:
    form = re.compile(rf"(\d+|\+[a-z0-9-]+)\.({'|'.join(TYPES)})(\.\d+)?\.md")

    assert [] == [path.name for path in FRAGMENTS if not form.fullmatch(path.name)]


def test_changelog_fragments_are_sentences() -> None:
    texts = {path.name: path.read_text().strip() for path in FRAGMENTS}

    assert [] == [name for name, text in texts.items() if not text.endswith(".")]
