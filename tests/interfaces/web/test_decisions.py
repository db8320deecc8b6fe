import pytest

from serinus.app import views
from serinus.app.shown import Decision
from serinus.interfaces.web import decisions
from serinus.interfaces.web.decisions import FEW, MANY
from tests import builders

FOUND = [views.decision(builders.event(f"Decision {n}.", sequence=n)) for n in range(1, 451)]


def numbers(lines: tuple[Decision, ...]) -> tuple[int, int, int]:
    return lines[0].sequence, lines[-1].sequence, len(lines)


@pytest.mark.parametrize("asked", ["", "few", "-1", "0", "٣", "9" * 9])
def test_the_newest_are_shown_where_nobody_asks_for_more(asked: str) -> None:
    found = decisions.log(FOUND, asked)

    assert (450, 391, FEW) == numbers(found.lines)
    assert (450, 0, "") == (found.total, found.page, found.asked)


@pytest.mark.parametrize(
    ("asked", "shown", "again"),
    [
        ("all", (450, 251, MANY), "all"),
        ("1", (450, 251, MANY), "all"),
        ("2", (250, 51, MANY), "2"),
        ("3", (50, 1, 50), "3"),
        ("99", (50, 1, 50), "3"),
    ],
)
def test_all_are_shown_page_by_page_each_with_its_address(
    asked: str, shown: tuple[int, int, int], again: str
) -> None:
    found = decisions.log(FOUND, asked)

    assert shown == numbers(found.lines)
    assert (3, again) == (found.pages, found.asked)


def test_an_empty_log_is_one_page() -> None:
    found = decisions.log([], "all")

    assert ((), 1, 1) == (found.lines, found.page, found.pages)
