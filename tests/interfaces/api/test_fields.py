import pytest
from starlette.exceptions import HTTPException

from serinus.interfaces.api import fields


def test_a_name_may_come_several_times_and_keeps_its_order() -> None:
    found = fields.parsed(b"env=A&reason=&env=B+b&x=%C3%BC")

    assert ("A", "B b") == found.all("env")
    assert ("A", "ü", "", "") == tuple(found.get(name) for name in ("env", "x", "reason", "no"))
    assert "reason" in found
    assert "no" not in found
    assert [("env", "A"), ("reason", ""), ("env", "B b"), ("x", "ü")] == list(found)


def test_the_ends_of_lines_are_ours_whatever_a_browser_makes_of_them() -> None:
    assert "a\nb" == fields.parsed(b"text=a%0D%0Ab").get("text")


@pytest.mark.parametrize("body", [b"\xff", b"a=%ff", b"&".join([b"a=1"] * 6000)])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(HTTPException) as refused:
        fields.parsed(body)

    assert 400 == refused.value.status_code


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3", 3), (" 3 ", 3), ("", None), ("-1", None), ("x", None), ("٣", None), ("9" * 99, None)],
)
def test_a_number_is_a_number_or_nothing(text: str, expected: int | None) -> None:
    assert expected == fields.Fields([("step", text)]).number("step")
