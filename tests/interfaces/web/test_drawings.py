from serinus.app.series import Line, Point
from serinus.interfaces.web import drawings
from serinus.interfaces.web.drawings import Times
from tests import builders


def test_each_line_is_drawn_with_what_happened_meanwhile() -> None:
    at = builders.at(1).timestamp()
    points = tuple(Point(at=at + 5 * n, stable=0.1) for n in range(3))
    lines = [Line(check=name, kind="errors", seconds=5, points=points) for name in ("a", "b")]
    found = drawings.of(lines, Times(begun=(builders.at(1, 5),), taken=(builders.at(9),)))

    assert ["a", "b"] == list(found)
    sketch = found["a"].sketch
    assert sketch is not None
    assert ((320.0,), ()) == (sketch.marks, sketch.alarms)


def test_a_line_without_points_is_no_picture() -> None:
    found = drawings.of([Line(check="a", kind="errors", seconds=5, points=())], Times())

    assert found["a"].sketch is None
