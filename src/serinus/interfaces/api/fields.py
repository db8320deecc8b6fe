"""The fields of a form that was sent, in the only encoding that forms of ours have."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

MEDIA_TYPE = "application/x-www-form-urlencoded"
MOST = 5_000
"""So many fields a form has at most: rows of variables are some of them."""


class Fields:
    """Names with their values, in the order of the form; a name may come several times."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a name."""
        return next((value for other, value in self.pairs if other == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a name."""
        return tuple(value for other, value in self.pairs if other == name)

    def number(self, name: str) -> int | None:
        """Return a whole number, None where there is none."""
        return number(self.get(name).strip())

    def __contains__(self, name: str) -> bool:
        return any(other == name for other, _ in self.pairs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)


MOST_DIGITS = 15


def number(text: str, digits: int = MOST_DIGITS) -> int | None:
    """Return the whole number that a text is, of so many digits at most; None where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


def parsed(body: bytes) -> Fields:
    """Read the body of a form; what is no text is refused."""
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MOST, errors="strict"
        )
    except ValueError as exc:
        raise HTTPException(400, f"the form cannot be read: {exc}") from exc
    # Browsers write the ends of lines as carriage return and line feed, whatever was typed.
    return Fields([(name, value.replace("\r\n", "\n")) for name, value in pairs])


async def read(request: Request) -> Fields:
    """Return the fields of the form that was sent; no fields where it was no form."""
    if is_form(request):
        return parsed(await request.body())
    return Fields([])


def is_form(request: Request) -> bool:
    """Tell whether a form was sent."""
    return request.headers.get("content-type", "").partition(";")[0].strip() == MEDIA_TYPE
