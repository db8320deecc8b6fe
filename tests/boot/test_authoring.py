import pytest

from serinus.boot import authoring
from serinus.ports.documents import Edit


def test_a_text_is_read_with_its_places() -> None:
    found = authoring.PEN.read("a: 1\nb:\n  c: 2\n")

    assert ({"a": 1, "b": {"c": 2}},) == found.documents
    assert (3, 3) == found.positions["b.c"]


@pytest.mark.parametrize("text", ["a: [", "a: 1\na: 2\n"])
def test_a_damaged_text_says_where(text: str) -> None:
    problems = authoring.PEN.read(text).problems

    assert [True] == [problem.line is not None for problem in problems]


def test_plain_data_is_written_as_people_do_and_changed_in_place() -> None:
    text = authoring.PEN.write({"a": {"b": [1, 2]}})

    assert "a:\n  b: [1, 2]\n" == text
    assert "a:\n  b: [1, 3]\n" == authoring.PEN.edit(text, [Edit(("a", "b", 1), 3)])
