import pytest

from serinus.app import inquiry
from serinus.app.inquiry import Inquiry


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("prometheus:up", Inquiry("prometheus", "up")),
        (" prometheus: sum(a:b:rate5m) ", Inquiry("prometheus", "sum(a:b:rate5m)")),
        ("100", None),
        ("0.1%", None),
        ("1:2", None),
        ("prometheus:", None),
        ("prometheus: ", None),
        ("", None),
    ],
)
def test_a_source_and_a_query_are_told_from_numbers(text: str, found: Inquiry | None) -> None:
    assert found == inquiry.read(text)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ('sum(rate(x{app="$application"}[$window]))', ""),
        ('x{version="$version"}', "$version is of a release"),
        ("x{app=$application}", "$application stands outside of quotes"),
    ],
)
def test_a_query_is_about_everybody(query: str, problem: str) -> None:
    assert inquiry.wrong(Inquiry("prometheus", query)).startswith(problem)
    assert bool(problem) == bool(inquiry.wrong(Inquiry("prometheus", query)))
