import pytest
from hypothesis import given

from serinus.core.spec import place
from tests.core.spec import strategies


@given(strategies.PLACES)
def test_what_is_written_is_read_back_and_is_one_line(path: place.Place) -> None:
    written = place.text(path)

    assert path == place.parse(written)
    assert written.isprintable()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("spec", "plan", 0, "hold", "for"), "spec.plan[0].hold.for"),
        (("spec", "env", "a.b"), 'spec.env["a.b"]'),
        (("env", 'say "hi"\n'), 'env["say \\"hi\\"\\u00000a"]'),
        (("metadata", ""), 'metadata[""]'),
    ],
)
def test_places_are_written_as_people_read_them(path: place.Place, text: str) -> None:
    assert text == place.text(path)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/checks", ("checks",)),
        ("/plan/0/hold", ("plan", 0, "hold")),
        ("/a~1b/c~0d", ("a/b", "c~d")),
        ("/²/01", ("²", "01")),
        ("/" + "9" * 5000, ("9" * 5000,)),
        ("/", ("",)),
    ],
)
def test_pointers_are_places(text: str, path: place.Place) -> None:
    assert path == place.pointer(text)
