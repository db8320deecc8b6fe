import os
from pathlib import Path

import anyio

from serinus.adapters.local import logfiles


def test_the_last_lines_are_found(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("".join(f"line {n}\n" for n in range(10_000)))

    assert ["line 9998", "line 9999"] == logfiles.tail(path, 2)


def test_a_missing_file_has_no_lines(tmp_path: Path) -> None:
    assert [] == logfiles.tail(tmp_path / "log", 2)
    assert logfiles.last_line(tmp_path / "log") == ""


def test_the_last_line_is_the_last_that_says_something(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"first\n  the reason: \xff\n\n   \n")

    assert logfiles.last_line(path) == "the reason: \ufffd"


def test_a_long_file_is_copied_and_emptied_and_its_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log"
    writer = logfiles.open_append(path)
    os.write(writer, b"x" * 100)

    logfiles.shorten(path, limit=100)
    kept = path.stat().st_size
    os.write(writer, b"y")
    logfiles.shorten(path, limit=100)
    os.write(writer, b"z")
    os.close(writer)

    assert 100 == kept
    assert b"z" == path.read_bytes()
    assert b"x" * 100 + b"y" == path.with_name("log.1").read_bytes()


async def test_new_lines_are_followed_also_in_new_and_emptied_files(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("before\n")
    heard: list[tuple[str, str]] = []

    async def listen() -> None:
        async for entry in logfiles.follow(lambda: {p.name: p for p in sorted(tmp_path.iterdir())}):
            heard.append(entry)  # noqa: PERF401  it never ends

    async def until(count: int) -> None:
        with anyio.fail_after(5):
            while len(heard) < count:  # noqa: ASYNC110  files have no events
                await anyio.sleep(0.02)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await anyio.sleep(0.05)
        with old.open("a") as file:
            file.write("after\nhalf")
        await until(1)
        new.write_text("fresh\n")
        await until(2)
        old.write_text("x\n")
        await until(3)
        tasks.cancel_scope.cancel()

    assert [("old", "after"), ("new", "fresh"), ("old", "x")] == heard


def test_a_flood_is_emptied_and_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.touch()
    os.truncate(path, 1 << 40)

    logfiles.shorten(path)

    assert 0 == path.stat().st_size
    assert [path] == list(tmp_path.iterdir())
