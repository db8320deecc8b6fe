import msgspec

from serinus.core.state.cohort import Cohort, Side, Visit


def test_a_cohort_without_anybody_is_empty() -> None:
    assert ({}, 0, False) == (Cohort().sides, Cohort().crossed, Cohort().full)
    assert (0, {}, 0) == (Side().users, Side().reached, Side().requests)


def test_a_visit_is_written_short() -> None:
    visit = Visit(7, "a1", "GET", "/", 200)

    assert b'[7,"a1","GET","/",200]' == msgspec.json.encode(visit)
    assert visit == msgspec.json.decode(msgspec.json.encode(visit), type=Visit)
