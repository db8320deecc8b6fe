from serinus.core.errors import Problem
from serinus.core.spec import bounds
from serinus.core.spec.template import Body, Retreat


def test_the_defaults_are_within_bounds() -> None:
    assert [] == list(bounds.body(Body(strategy="canary", plan=[])))


def test_a_length_is_told_with_its_span() -> None:
    short = list(bounds.length("10ms", bounds.EVERY, "every"))
    long = list(bounds.length("1h", bounds.EVERY, "every"))

    assert [Problem("every", "10ms is too short; wanted 1s–5m")] == short
    assert [Problem("every", "1h is too long; wanted 1s–5m")] == long
    assert [] == list(bounds.length("60s", bounds.EVERY, "every"))


def test_a_number_is_told_with_its_range() -> None:
    assert [Problem("x", "4 is out of range; wanted 1–3")] == list(bounds.number(4, 1, 3, "x"))
    assert [] == list(bounds.number(3, 1, 3, "x"))


def test_a_candidate_is_not_asked_to_be_better_than_stable() -> None:
    found = [str(p) for p in bounds.tolerance(0.99, "60%", "with")]

    assert [
        "with.ratio: 0.99 is out of range; wanted 1 (as good as stable) to 100",
        "with.plus: 60% allows everything; wanted at most 50%",
    ] == found


def test_the_numbers_of_the_way_back_have_bounds_of_their_own() -> None:
    written = Retreat(alarm=101, probes=6, max_probes=0, max_retreats=11, age="25h")
    found = [str(p) for p in bounds.body(Body(strategy="canary", plan=[], retreat=written))]

    assert [
        "retreat.alarm: 101 is out of range; wanted 2–100",
        "retreat.probes: 6 is out of range; wanted 1–5",
        "retreat.maxProbes: 0 is out of range; wanted 1–10",
        "retreat.age: 25h is too long; wanted 0s–1d",
        "retreat.maxRetreats: 11 is out of range; wanted 0–10",
    ] == found
