"""Recordings go to a file and come back the same; what is damaged or foreign is told by line."""

import json
from pathlib import Path

import pytest

from serinus.core.errors import SpecError
from serinus.core.state.counts import Arm, Tick
from serinus.lab import recording
from tests.lab.recordings import drawn


def written(**given: object) -> list[bytes]:
    return list(recording.lines(drawn(((0.05, 20.0),), history_s=20, **given)))  # type: ignore[arg-type]  # a test's keywords


def refused(content: bytes) -> str:
    with pytest.raises(SpecError) as found:
        recording.read(content, "shop.rec")
    return str(found.value)


def test_a_recording_comes_back_the_same(tmp_path: Path) -> None:
    kept = drawn()
    path = tmp_path / "shop.rec"

    size = recording.save(kept, path)

    assert size == path.stat().st_size
    assert kept == recording.load(path)


def test_a_tick_takes_some_two_hundred_bytes() -> None:
    lines = list(recording.lines(drawn()))[1:-1]

    assert sum(map(len, lines)) / len(lines) < 250


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "shop.rec"
    path.write_text("mine")

    with pytest.raises(SpecError, match="is there already"):
        recording.save(drawn(), path)

    assert "mine" == path.read_text()


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="No such file"):
        recording.load(tmp_path / "none.rec")


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"{}", b"[1, 2]\n", b"\xff\xfe"])
def test_what_is_no_recording_is_told(content: bytes) -> None:
    assert "shop.rec:1: it is no recording of Serinus; wanted" in refused(content)


def test_another_version_and_another_format_are_told() -> None:
    first, *rest = written()
    newer = first.replace(b'"version":1', b'"version":9', 1)
    other = first.replace(b"serinus.recording", b"someone.else", 1)

    assert "version 9; this Serinus reads 1" in refused(b"".join([newer, *rest]))
    assert "its format is 'someone.else'" in refused(b"".join([other, *rest]))


def test_a_file_that_was_cut_off_is_told() -> None:
    assert "was cut off" in refused(b"".join(written()[:-1]))


def test_a_line_that_was_taken_out_is_told() -> None:
    lines = written()

    assert "its end says 4 and 4" in refused(b"".join(lines[:3] + lines[4:]))


def test_a_number_that_was_changed_is_told_by_the_sum() -> None:
    lines = written()
    lines[-2] = lines[-2].replace(b"[119,", b"[120,")
    assert lines != written()

    assert "its content was changed" in refused(b"".join(lines))


def test_all_damaged_lines_are_told_at_once_each_with_its_number() -> None:
    lines = written()
    lines[2] = b"{nonsense\n"
    lines[3] = b'{"history": null}\n'
    lines[5] = lines[4]
    said = refused(b"".join(lines))

    assert "shop.rec:3: it cannot be read" in said
    assert "shop.rec:4: wanted exactly one of" in said
    assert "shop.rec:6" in said
    assert "times that rise" in said


def test_many_problems_are_counted() -> None:
    lines = written()
    said = refused(b"".join([lines[0], *[b"x\n"] * 50]))

    assert "and 30 more problems" in said


def test_what_stands_behind_the_end_is_told() -> None:
    lines = written()

    assert "behind the end" in refused(b"".join([*lines, lines[-2]]))


def test_a_recording_without_ticks_is_told() -> None:
    lines = list(recording.lines(recording.Recording(drawn().about, ())))

    assert "holds no tick" in refused(b"".join(lines))


@pytest.mark.parametrize(
    ("tick", "said"),
    [
        (Tick(0.0, 5.0, {}), "its time is 0.0"),
        (Tick(5.0, 0.0, {}), "0.0 seconds long"),
        (Tick(5.0, 5.0, {"stable": Arm({"a": (1, 2)})}), "2 errors in 1 requests"),
        (Tick(5.0, 5.0, {"stable": Arm({"a": (-1, 0)})}), "below 0"),
        (Tick(5.0, 5.0, {"stable": Arm({}, 5, (1, 2))}, (5, 9)), "do not fall"),
        (Tick(5.0, 5.0, {"stable": Arm({}, 1, (2,))}, (5,)), "2 slow requests of 1"),
        (Tick(5.0, 5.0, {"stable": Arm({}, 5, (1,))}, (5, 9)), "1 counts of slow requests for 2"),
        (Tick(5.0, 5.0, {}, (9, 5)), "bounds do not rise"),
        (Tick(5.0, 5.0, {}, wanted=1001), "its share is 1001"),
    ],
)
def test_a_tick_that_cannot_be_is_told(tick: Tick, said: str) -> None:
    assert said in " ".join(recording.flaws(tick, None))


def test_two_ticks_of_one_time_are_told() -> None:
    assert "has the time of the one before" in " ".join(recording.flaws(Tick(5.0, 5.0, {}), 5.0))
    assert "out of order" in " ".join(recording.flaws(Tick(4.0, 5.0, {}), 5.0))


def test_a_line_is_plain_json() -> None:
    head = json.loads(written()[0])

    assert "serinus.recording" == head["format"]
    assert "shop" == head["about"]["application"]


def test_what_a_candidate_did_is_added_up() -> None:
    found = recording.amount(drawn(((0.0, 20.0), (0.1, 20.0)), errors=1.0, history_s=5))

    assert found is not None
    assert (200, 200) == (found.requests, found.bad)
    assert 20.0 == found.last_at - found.first_at
    assert recording.amount(drawn(((0.0, 20.0),))) is None
