import pytest

from serinus.core.errors import SpecError
from serinus.lab import contenders


def test_every_contender_is_described() -> None:
    assert set(contenders.names()) == set(contenders.WORDS)


def test_the_oracles_are_always_among_those_chosen() -> None:
    assert ("oracle", "oracle2", "E") == contenders.chosen(["E"])


def test_none_wanted_means_all() -> None:
    assert contenders.names() == contenders.chosen([])


def test_a_name_that_nobody_has_is_told_with_those_that_there_are() -> None:
    with pytest.raises(SpecError, match=r"rules: 'wizard'; wanted any of .*oracle2, E, v1"):
        contenders.chosen(["E", "wizard"])
