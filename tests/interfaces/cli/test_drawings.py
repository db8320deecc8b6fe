import re
from xml.etree import ElementTree as ET

from serinus.app import foresight
from serinus.app.basis import Basis, Known
from serinus.boot import catalogue
from serinus.interfaces.cli import drawings

CANARY = catalogue.delivery("canary-standard")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(rate: float = 100.0) -> str:
    found = foresight.foresee(CANARY, Basis(rate, {"errors": Known(0.001)}, sentence="a < b"), 3)
    return drawings.svg("shop & co", found)


def test_a_line_for_each_step_falls_from_small_regressions_to_an_outage() -> None:
    root = ET.fromstring(drawn())  # noqa: S314  written a line above
    lines = root.findall(f"{SVG}polyline")

    assert ["step 1, 1 %", "step 2, 5 %", "step 3, 25 %", "step 4, 50 %"] == [
        line.findtext(f"{SVG}title") for line in lines
    ]
    for line in lines:
        points = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
        assert sorted(points) == points
        # What is seen later stands higher, and y grows downwards.
        assert [y for _, y in points] == sorted(y for _, y in points)
        assert all(0 <= x <= drawings.WIDTH and 0 <= y <= drawings.HEIGHT for x, y in points)


def test_the_picture_says_what_it_is_about_and_escapes_it() -> None:
    text = drawn()

    assert ">shop &amp; co, errors: how soon a regression is seen</text>" in text
    assert ">a &lt; b</text>" in text
    assert re.search(r">outage</text>", text)
    assert ">5s</text>" in text


def test_where_nothing_is_seen_nothing_is_drawn() -> None:
    assert not drawn(0.001)
    assert not drawings.svg("shop", foresight.foresee(CANARY, Basis(), 3))
