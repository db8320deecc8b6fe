import pickle
from pathlib import Path

import pytest

from serinus.core.errors import SpecError
from serinus.lab import shelf
from serinus.lab.selection import Selection
from tests.lab import small

MINE = "KIND = 'null'\ndef run(rng):\n    yield {}\n"


def test_the_counts_are_played_unless_something_else_is_asked_for() -> None:
    assert {"counts": shelf.sets()["counts"]} == Selection()()


def test_all_is_every_set() -> None:
    assert dict(shelf.sets()) == Selection(("all",))()


def test_a_folder_is_played_beside_the_sets_or_alone(tmp_path: Path) -> None:
    small.file(tmp_path, "mine", MINE)

    assert ["counts", tmp_path.name] == list(Selection(folder=tmp_path)())
    alone = Selection(("none",), tmp_path)()
    assert ["mine"] == [one.name for ones in alone.values() for one in ones]


def test_only_some_may_be_wanted() -> None:
    found = Selection(only=("n01_steady",))()

    assert ["n01_steady"] == [one.name for one in found["counts"]]


def test_a_selection_can_be_sent_to_another_process(tmp_path: Path) -> None:
    one = Selection(("counts",), tmp_path, ("n01_steady",))

    assert one == pickle.loads(pickle.dumps(one))  # noqa: S301  our own


@pytest.mark.parametrize(
    ("selection", "sentence"),
    [
        (Selection(("count",)), "set: 'count'; wanted any of counts, "),
        (Selection(only=("n1",)), "only: no scenario 'n1'; there are n01_steady, "),
        (Selection(("none",)), "set: no scenario is asked for; wanted a set, or a folder of them"),
        (Selection(folder=Path("/nowhere")), "/nowhere: no such folder; wanted one of scenarios"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(selection: Selection, sentence: str) -> None:
    with pytest.raises(SpecError) as wrong:
        selection()

    assert str(wrong.value).startswith(sentence)


def test_a_name_that_two_scenarios_have_is_refused(tmp_path: Path) -> None:
    small.file(tmp_path, "n01_steady", MINE)

    with pytest.raises(SpecError, match="n01_steady: 2 scenarios have this name"):
        Selection(folder=tmp_path)()
