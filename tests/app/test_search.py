import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.app import search
from serinus.app.search import Query, Term

LABELS = ("state", "environment", "name")
LINE = {"name": "Shop-EU", "state": "Held at 0", "environment": "prod", "tags": ("web", "v1.4.2")}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("shop", True),
        ("SHOP eu", True),
        ("shop cart", False),
        ("!cart", True),
        ("!shop", False),
        ("environment:prod", True),
        ("environment:pro", False),
        ("environment:pr*", True),
        ("environment:dev environment:prod", True),
        ("environment:dev,prod", True),
        ("environment:dev", False),
        ("!environment:prod", False),
        ('state:"held at 0"', True),
        ('state:"held"', False),
        ('"v1.4.2"', True),
        ('"v1.4"', False),
        ("v1.4", True),
        ("image:tag", False),
        ('"unclosed', False),
        ("state:", False),
        ('""', True),
    ],
)
def test_a_line_fits_when_everything_holds(text: str, *, fits: bool) -> None:
    assert fits == search.parse(text, LABELS).fits(LINE)


def test_what_looks_like_an_unknown_label_is_a_word() -> None:
    assert Query((Term("registry/shop:1.4"),)) == search.parse("registry/shop:1.4", LABELS)
    assert search.parse("shop:1", LABELS).fits({"image": "shop:1.4"})


def test_a_chip_is_pressed_and_released() -> None:
    query = search.parse("shop", LABELS)

    pressed = query.toggled("state", "Held at 0")
    assert 'shop state:"Held at 0"' == str(pressed)
    assert pressed.has("state", "Held at 0")
    assert query == pressed.toggled("state", "Held at 0")
    assert "shop environment:prod" == str(query.toggled("environment", "prod"))


@given(st.text(max_size=30))
def test_anything_can_be_typed_and_is_read_back_as_it_is_written(text: str) -> None:
    query = search.parse(text, LABELS)

    query.fits(LINE)
    again = search.parse(str(query), LABELS)
    assert query.fits(LINE) == again.fits(LINE)
