from pathlib import Path

from serinus.lab import report
from tests.lab import results


def test_the_report_is_a_page_with_its_pictures_beside_it(tmp_path: Path) -> None:
    page = report.write(results.usual(), tmp_path / "new")

    text = page.read_text()
    assert sorted(["index.md", *report.PICTURES]) == sorted(
        path.name for path in page.parent.iterdir()
    )
    assert all(f"]({name})" in text for name in report.PICTURES)


def test_the_page_says_how_it_was_made_and_what_it_cannot_show() -> None:
    text = report.markdown(results.usual())

    assert "$ serinus bench decisions\n" in text
    assert "with seed 1: 100 runs of each null and 100 of each regression." in text
    assert "**This is a short bench. 100 runs" in text
    assert "**The bench was interrupted.**" in text
    assert (
        "- `q`, run 3 (seed 77): q: tick 1: 3; wanted a dict; q: tick 2: 4; wanted a dict\n" in text
    )


def test_the_targets_stand_before_all_other_tables() -> None:
    titles = [
        line for line in report.markdown(results.usual()).splitlines() if line.startswith("## ")
    ]

    assert ["## Scenarios that failed", "## Targets of serinus", "## Everybody"] == titles[:3]


def test_every_table_is_whole() -> None:
    rows = [line for line in report.markdown(results.usual()).splitlines() if line[:1] == "|"]

    assert (
        "| false rollback, worst null | ≤ 1 % | 1 % (n); needs 2,000 runs | too few runs |" in rows
    )
    assert all(line.endswith(" |") for line in rows)
