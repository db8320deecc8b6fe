import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.logs import kinds


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (
            b'2026-11-27T08:12:01.5Z ERROR order 4711 of "Ada" failed: /carts/9f3c-22/pay gave 502',
            '<time> ERROR order # of "…" failed: /carts/#/pay gave #',
        ),
        (b"KeyError: 'price'", "KeyError: '…'"),
        (b"don't stop at 10.0.0.1:8080", "don't stop at #:#"),
        (b"job 3fa85f64-5717-4562-b3fc-2c963f66afa6 at 0xDEADbeef", "job # at #"),
        (b"commit 1fc2b3a of decade", "commit # of decade"),
        (b"GET /pay?token=geheim&x=1 12.5ms", "GET /pay?… #ms"),
        (b"12:01:02,123 WARN user42\tis  late\r", "<time> WARN user# is late"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"session eyJhbGciOiJIUzI1NiJ9_abc", "session #"),
        (b"", ""),
    ],
)
def test_what_changes_in_a_line_is_masked(line: bytes, kind: str) -> None:
    assert kind == kinds.kind(line)


@given(st.binary(max_size=3000))
def test_any_bytes_have_a_short_printable_kind(line: bytes) -> None:
    found = kinds.kind(line)

    assert len(found) <= kinds.LONGEST
    assert found.isprintable()


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_lines_that_differ_in_numbers_alone_are_of_one_kind(one: int, other: int) -> None:
    assert kinds.kind(b"ERROR %d of x" % one) == kinds.kind(b"ERROR %d of x" % other)


def test_lines_are_counted_by_kind_and_those_of_too_many_kinds_together() -> None:
    known: dict[str, int] = {}
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}".encode() for n in range(250)]

    kinds.add(known, [b"ERROR 1", b"ERROR 2", *words, b"ERROR 3"])

    assert 3 == known["ERROR #"]
    assert kinds.MOST + 1 == len(known)
    assert 250 + 3 == sum(known.values())
    assert 51 == known[kinds.OTHERS]
