import pytest

from serinus.core.analysis import memory
from serinus.core.spec.delivery import NewLinesCheck
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import ERRORS, OBJECTIVE
from tests.core.analysis.numbers import LIMITED, MEMORY, QUEUE


def test_a_check_is_found_by_name_and_an_unknown_one_is_refused_with_those_known() -> None:
    found = arrivals.opened((), ERRORS, OBJECTIVE)

    assert memory.find(found, "objective")[0] is OBJECTIVE
    with pytest.raises(LookupError, match="'speed' is not one of this delivery's: errors, obj"):
        memory.find(found, "speed")


def test_only_checks_against_stable_compare() -> None:
    assert arrivals.opened((), ERRORS, OBJECTIVE).terms.compared == (ERRORS,)


def test_only_looks_that_compare_are_gauges() -> None:
    looks = (LIMITED, QUEUE, NewLinesCheck("new", "ERROR"), MEMORY)
    found = arrivals.opened((), ERRORS, looks=looks)

    assert found.terms.gauges == (QUEUE, MEMORY)
    assert [memory.gauge(found, name) is None for name in ("depth", "queue", "errors")] == [
        True,
        False,
        True,
    ]
