import pytest

from serinus.boot import catalogue
from serinus.core.spec import timeline
from serinus.interfaces.web import curves
from serinus.interfaces.web.curves import Curve

NAMES = sorted(catalogue.builtin().templates)


def drawn(name: str) -> Curve:
    return curves.of(timeline.timeline(catalogue.delivery(name)))


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_of_any_template_fills_its_width_and_stays_inside(name: str) -> None:
    curve = drawn(name)

    last = curve.blocks[-1]
    assert curve.width == pytest.approx(last.x + last.width, abs=0.6)
    assert all(0 <= block.y <= curve.height for block in curve.blocks)
    assert all(block.width > 0 for block in curve.blocks)


def test_small_shares_can_be_seen_and_higher_shares_are_higher() -> None:
    curve = drawn("canary-standard")

    heights = [block.height for block in curve.blocks]
    assert sorted(heights) == heights
    assert heights[1] == pytest.approx(curve.height / 10, abs=0.1)


def test_the_sentence_says_what_the_picture_shows() -> None:
    expected = "1 % → 5 % → 25 % → 50 % → 100 %; everybody is served after 20m15s at the fastest"

    assert expected == drawn("canary-standard").sentence


def test_a_gate_is_told_and_a_test_promotes_nobody() -> None:
    careful, test = drawn("canary-careful"), drawn("ab-test")

    assert "with 1 gate" in careful.sentence
    assert [True] == [block.gated for block in careful.blocks if block.gated]
    assert not test.promotes
    assert "the test is over" in test.sentence


def test_nothing_but_an_end_is_drawn_as_wide_as_there_is_room() -> None:
    curve = drawn("recreate")

    assert "100 %" in curve.sentence
    assert 1.0 == curve.blocks[-1].share
