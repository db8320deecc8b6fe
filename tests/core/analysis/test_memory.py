import pytest

from serinus.core.analysis import memory
from tests.core.analysis import arrivals
from tests.core.analysis.arrivals import ERRORS, OBJECTIVE


def test_a_check_is_found_by_name_and_an_unknown_one_is_refused_with_those_known() -> None:
    found = arrivals.opened((), ERRORS, OBJECTIVE)

    assert memory.find(found, "objective")[0] is OBJECTIVE
    with pytest.raises(LookupError, match="'speed' is not one of this delivery's: errors, obj"):
        memory.find(found, "speed")


def test_only_checks_against_stable_compare() -> None:
    assert arrivals.opened((), ERRORS, OBJECTIVE).terms.compared == (ERRORS,)
