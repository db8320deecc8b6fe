import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.logs import matches


def matching(pattern: str, block: bytes) -> list[bytes]:
    return list(matches.matching(matches.pattern(pattern), block))


# --- patterns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [
        ("ERROR|Traceback", ""),
        (r"^\[?(ERROR|FATAL)\b", ""),
        (r"a\\Ab", ""),
        ("a(", "not a pattern of RE2: missing ): a("),
        (
            "(?=x)",
            (
                "not a pattern of RE2: invalid perl operator: (?=; "
                "RE2 has no look-around and no back-references"
            ),
        ),
        ("ERROR|", "it matches every line, also an empty one; wanted such as ERROR|Traceback"),
        ("", "it matches every line, also an empty one; wanted such as ERROR|Traceback"),
        (r"\AERROR", r"\A means a text of many lines here; wanted ^ or $"),
        ("x" * 1001, "1001 characters are too many; wanted at most 1000"),
    ],
)
def test_a_pattern_that_cannot_be_used_says_why(pattern: str, wrong: str) -> None:
    assert wrong == matches.pattern_problem(pattern)


def test_a_bad_pattern_is_not_compiled() -> None:
    with pytest.raises(ValueError, match=r"missing \)"):
        matches.pattern("a(")


# --- what matches -------------------------------------------------------------------------------


def test_a_line_that_matches_is_found_once_and_whole() -> None:
    block = b"an ERROR and an ERROR\nfine\n\nERROR at the end\n"

    assert [b"an ERROR and an ERROR", b"ERROR at the end"] == matching("ERROR", block)


def test_a_pattern_stays_within_its_line() -> None:
    block = b"begin\nend\nbegin, end\n^x\n"

    assert [b"begin, end"] == matching(r"begin[^x]*end|begin\s+end", block)
    assert [b"end"] == matching("^end$", block)


def test_a_long_line_matches_by_its_beginning_alone() -> None:
    late = b"x" * (matches.LONGEST + 5) + b"ERROR\n"
    early = b"ERROR" + b"x" * matches.LONGEST + b"\n"

    found = matching("ERROR", late + early + b"ERROR\n")

    assert [b"ERROR" + b"x" * (matches.LONGEST - 5), b"ERROR"] == found


def test_binary_and_damaged_text_harm_nothing() -> None:
    block = b"\x00\xff\xfe ERROR \x80\n\xc3\n\x00ERROR\n"

    assert [b"\x00\xff\xfe ERROR \x80", b"\x00ERROR"] == matching("ERROR", block)


def test_a_pattern_that_takes_others_forever_takes_no_time_here() -> None:
    block = (b"a" * 8000 + b"\n") * 120
    began = time.perf_counter()

    assert [] == matching("(a*)*b", block)
    assert time.perf_counter() - began < 2


@given(st.lists(st.binary(max_size=40).map(lambda b: b.replace(b"\n", b"")), max_size=30))
def test_lines_of_a_block_match_as_each_does_by_itself(written: list[bytes]) -> None:
    pattern = "[a-c]+|^\\d|\\s$"
    found = matches.pattern(pattern)

    alone = [line for line in written if found.search(line) is not None]
    assert alone == matching(pattern, b"".join(line + b"\n" for line in written))
