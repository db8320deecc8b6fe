import xml.etree.ElementTree as ET

from serinus.lab import charts
from tests.lab import results


def test_the_pictures_are_drawn_and_say_what_they_show_as_text() -> None:
    drawn = charts.draw(results.usual())

    assert {"false-rollbacks.svg", "bad-requests.svg", "detection.svg"} == set(drawn)
    for text in drawn.values():
        words = "".join(ET.fromstring(text).itertext())  # noqa: S314  we drew it ourselves
        assert "serinus" in words


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert charts.draw(results.usual()) == charts.draw(results.usual())


def test_where_there_is_nothing_to_draw_there_is_no_picture() -> None:
    assert {} == charts.draw(results.found())
    assert ["false-rollbacks.svg"] == list(charts.draw(results.found(n=[results.PROMOTED])))
