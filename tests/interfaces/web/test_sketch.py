from typing import Any

from serinus.app.series import Line, Point
from serinus.interfaces.web import sketch


def line(*points: Point, **given: Any) -> Line:
    return Line(**{"check": "errors", "kind": "errors", "seconds": 5, "points": points, **given})


def test_lines_go_from_left_to_right_and_more_is_higher() -> None:
    found = sketch.of(line(Point(at=0, stable=0.0, candidate=0.1), Point(at=5, candidate=0.2)))

    assert found is not None
    assert "M0 84.8L640 19.6" == found.candidate
    assert "M0 150h0.1" == found.stable


def test_a_gap_is_not_drawn_over() -> None:
    points = [
        Point(at=at, stable=value) for at, value in ((0, 0.1), (5, 0.1), (10, None), (15, 0.1))
    ]
    found = sketch.of(line(*points))

    assert found is not None
    assert 2 == found.stable.count("M")


def test_the_limit_and_the_steps_are_in_the_picture() -> None:
    points = [Point(at=at, stable=0.001) for at in (0, 5, 10)]
    found = sketch.of(line(*points, limit=0.01), begun=[-3, 5, 99])

    assert found is not None
    assert ((320.0,), 19.6) == (found.marks, found.limit)


def test_the_interval_is_drawn_around_the_candidate() -> None:
    points = [Point(at=at, candidate=0.1, low=0.05, high=0.11) for at in (0, 5)]
    found = sketch.of(line(*points))

    assert found is not None
    assert found.band.startswith("M0 ")
    assert found.band.endswith("Z")


def test_an_interval_that_leaves_the_picture_is_left_out() -> None:
    found = sketch.of(line(*[Point(at=at, candidate=0.1, low=0.0, high=0.9) for at in (0, 5)]))

    assert found is not None
    assert "" == found.band


def test_nothing_counted_is_no_picture() -> None:
    assert sketch.of(line()) is None
    assert sketch.of(line(Point(at=0), Point(at=5))) is None


def test_rules_lie_at_round_values_and_columns_at_round_times() -> None:
    found = sketch.of(line(*[Point(at=at, stable=0.03) for at in range(1003, 1103, 5)]))

    assert found is not None
    assert [0.0, 0.01, 0.02, 0.03] == [one.value for one in found.rules]
    assert [1020.0, 1050.0, 1080.0] == [one.at for one in found.columns]
    assert sorted(one.x for one in found.columns) == [one.x for one in found.columns]
    assert (100.0, 13.1) == (found.rules[0].y, found.rules[-1].y)


def test_a_number_may_be_below_zero_and_nothing_but_zero_is_a_line_too() -> None:
    below = sketch.of(line(*[Point(at=at, stable=-4.0) for at in (0, 5)], kind="query"))
    zero = sketch.of(line(*[Point(at=at, stable=0.0) for at in (0, 5)], kind="query"))

    assert below is not None
    assert (-4.0, 0.0) == (below.rules[0].value, below.rules[-1].value)
    assert zero is not None
    assert "M0 150L640 150" == zero.stable
