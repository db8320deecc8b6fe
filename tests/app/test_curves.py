import pytest

from serinus.app import catalogue, curves
from serinus.app.curves import HEIGHT, WIDTH, Curve
from tests.app.forms import LIBRARY


def drawn(name: str) -> Curve:
    template = LIBRARY.templates[name][-1]
    delivery = catalogue.default(template, LIBRARY)
    assert delivery is not None
    return curves.curve(delivery)


def points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, _, y in (pair.partition(",") for pair in text.split())]


@pytest.mark.parametrize("name", sorted(LIBRARY.templates))
def test_every_curve_stays_in_its_box_and_goes_from_left_to_right(name: str) -> None:
    found = drawn(name)

    for line in filter(None, (found.share, found.part)):
        corners = points(line)
        assert [0, HEIGHT] == [*corners[0]]
        assert WIDTH == corners[-1][0]
        assert [x for x, _ in corners] == sorted(x for x, _ in corners)
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in corners)
    assert found.sentence.endswith(".")


def test_a_canary_rises_in_steps_to_the_top() -> None:
    found = drawn("canary-standard")

    heights = [y for _, y in points(found.share)]
    assert heights == sorted(heights, reverse=True)
    assert 0 == heights[-1]
    assert not found.part
    assert found.sentence.startswith("1 % after 15s; 5 % after 5m15s; 25 %")
    assert [0, 0.01, 0.05, 0.25, 0.5] == [corner.share for corner in found.corners[:5]]


def test_a_test_serves_a_part_of_the_users_and_nobody_in_the_end() -> None:
    found = drawn("ab-test")

    assert HEIGHT == points(found.share)[-1][1]
    assert drawn("shadow").part


def test_a_step_that_waits_for_a_person_is_marked() -> None:
    found = drawn("canary-manual")

    assert 4 == len(found.gates)
    assert "once somebody says yes" in found.sentence
    assert found.gates[0] == next(corner.x for corner in found.corners if corner.gated)
