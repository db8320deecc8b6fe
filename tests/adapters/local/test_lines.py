import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.adapters.local import lines, logfiles

MOST = 1024 * 1024


def matching(pattern: str, block: bytes) -> list[bytes]:
    return list(lines.matching(lines.pattern(pattern), block))


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
    assert wrong == lines.pattern_problem(pattern)


def test_a_bad_pattern_is_not_compiled() -> None:
    with pytest.raises(ValueError, match=r"missing \)"):
        lines.pattern("a(")


# --- what matches -------------------------------------------------------------------------------


def test_a_line_that_matches_is_found_once_and_whole() -> None:
    block = b"an ERROR and an ERROR\nfine\n\nERROR at the end\n"

    assert [b"an ERROR and an ERROR", b"ERROR at the end"] == matching("ERROR", block)


def test_a_pattern_stays_within_its_line() -> None:
    block = b"begin\nend\nbegin, end\n^x\n"

    assert [b"begin, end"] == matching(r"begin[^x]*end|begin\s+end", block)
    assert [b"end"] == matching("^end$", block)


def test_a_long_line_matches_by_its_beginning_alone() -> None:
    late = b"x" * (lines.LONGEST + 5) + b"ERROR\n"
    early = b"ERROR" + b"x" * lines.LONGEST + b"\n"

    found = matching("ERROR", late + early + b"ERROR\n")

    assert [b"ERROR" + b"x" * (lines.LONGEST - 5), b"ERROR"] == found


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
    found = lines.pattern(pattern)

    alone = [line for line in written if found.search(line) is not None]
    assert alone == matching(pattern, b"".join(line + b"\n" for line in written))


# --- files that grow ----------------------------------------------------------------------------


def test_whole_lines_are_read_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"before\n")
    position = lines.begun(path)
    found = []
    for piece in (b"one\ntw", b"o\n", b"", b"three"):
        with path.open("ab") as file:
            file.write(piece)
        found.append(lines.read(path, position, MOST))

    assert [b"one\n", b"two\n", b"", b""] == found


def test_a_missing_file_has_no_lines_until_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "log"
    position = lines.begun(path)

    nothing = lines.read(path, position, MOST)
    path.write_bytes(b"one\n")
    first = lines.read(path, position, MOST)
    path.unlink()
    gone = lines.read(path, position, MOST)
    path.write_bytes(b"another file\n")

    assert (b"", b"one\n", b"") == (nothing, first, gone)
    assert b"another file\n" == lines.read(path, position, MOST)


def test_what_is_too_much_for_one_look_comes_with_the_next(tmp_path: Path) -> None:
    path = tmp_path / "log"
    position = lines.begun(path)
    path.write_bytes(b"123456\n" * 10)

    assert [b"123456\n"] * 2 + [b"123456\n" * 2] == [
        lines.read(path, position, size) for size in (7, 10, 12)
    ]


def test_a_line_of_ten_megabytes_is_one_line_and_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "log"
    position = lines.begun(path)
    path.write_bytes(b"ERROR" + b"x" * 10 * MOST + b"\nERROR\n")
    longest, blocks = 0, []
    for _ in range(12):
        blocks.append(lines.read(path, position, MOST))
        longest = max(longest, len(position.head))

    assert longest <= lines.LONGEST
    assert 2 == len(matching("ERROR", b"".join(blocks)))
    assert max(map(len, blocks)) <= MOST + lines.LONGEST


def test_no_line_is_lost_when_the_file_is_emptied_in_place(tmp_path: Path) -> None:
    path = tmp_path / "log"
    position = lines.begun(path)
    writer = logfiles.open_append(path)
    found = b""
    for round_ in range(20):
        for number in range(100):
            os.write(writer, b"line %d of %d\n" % (number, round_))
            if number == 50:
                found += lines.read(path, position, MOST)
                logfiles.shorten(path, limit=3000)
        if round_ % 3:
            found += lines.read(path, position, MOST)
    os.close(writer)
    found += lines.read(path, position, MOST)

    assert [b"line %d of %d" % (n, r) for r in range(20) for n in range(100)] == found.splitlines()


def test_an_emptied_file_that_has_grown_beyond_the_old_place_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 99 + b"\n")
    position = lines.begun(path)
    writer = logfiles.open_append(path)
    os.write(writer, b"last of the old\n")
    os.write(writer, b"y" * 299 + b"\n")
    logfiles.shorten(path, limit=100)
    os.write(writer, b"first of the new\n" * 10)
    os.close(writer)

    found = lines.read(path, position, MOST).splitlines()

    assert b"last of the old" == found[0]
    assert [b"first of the new"] * 10 == found[2:]


def test_the_end_of_a_file_is_read_in_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first\nsecond\nthird\nhal")

    assert b"third\n" == lines.last(path, 12)
    assert b"first\nsecond\nthird\n" == lines.last(path, MOST)
    assert b"" == lines.last(tmp_path / "none", MOST)


def test_an_old_copy_is_not_read_again_when_a_file_is_emptied_without_one(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.with_name("log.1").write_bytes(b"ERROR of old\n" * 100)
    path.write_bytes(b"fine\n" * 10)
    position = lines.begun(path, at=0)
    lines.read(path, position, MOST)
    os.truncate(path, 0)
    path.write_bytes(b"new\n")

    assert b"new\n" == lines.read(path, position, MOST)
