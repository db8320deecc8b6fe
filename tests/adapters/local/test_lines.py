import os
from pathlib import Path

from serinus.adapters.local import lines, logfiles
from serinus.adapters.logs import matches

MOST = 1024 * 1024


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
    found = matches.matching(matches.pattern("ERROR"), b"".join(blocks))

    assert longest <= matches.LONGEST
    assert 2 == len(list(found))
    assert max(map(len, blocks)) <= MOST + matches.LONGEST


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
