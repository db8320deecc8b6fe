"""Reading what Envoy noted: a little at a time, whatever stands in the file."""

import json
from pathlib import Path

import pytest

from serinus.adapters.local import visits
from serinus.adapters.local.admin import Admin
from serinus.adapters.local.places import Places
from serinus.adapters.local.visits import Visits
from serinus.core.state.cohort import Visit
from serinus.core.state.notice import Key

KEY, OTHER = Key("shop", "local"), Key("blog", "local")
USER = "01234567-89ab-cdef-0123-456789abcdef"


class Desk:
    """A file as Envoy writes it, and who reads it."""

    def __init__(self, home: Path) -> None:
        self.places = Places(home)
        self.places.prepare()
        self.file = self.places.envoy / "visits.log"
        self.reopened = 0
        self.begin()

    def begin(self) -> None:
        """Read as a controller that has begun anew."""
        self.visits = Visits(self.places, Reopened(self))

    def note(self, *paths: str, key: Key = KEY, user: str | None = USER) -> None:
        self.write(*(line(path, key, user) for path in paths))

    def write(self, *lines: bytes) -> None:
        with self.file.open("ab") as file:
            file.write(b"".join(lines))

    def paths(self, key: Key = KEY) -> list[str]:
        return [visit.path for visit in self.visits.read(key)]


class Reopened(Admin):
    """An Envoy that opens its file anew when it is told to."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.places.envoy)
        self.desk = desk

    async def reopen_logs(self) -> None:
        self.desk.file.touch()
        self.desk.reopened += 1


def line(path: str, key: Key = KEY, user: str | None = USER) -> bytes:
    told = {"a": key.application, "e": key.environment, "r": "abc", "m": "GET", "s": 200}
    return json.dumps(told | {"p": path, "u": user}).encode() + b"\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_visit_has_a_number_that_stands_for_the_cookie(desk: Desk) -> None:
    desk.note("/a", "/b")
    desk.note("/c", user=USER.replace("0", "1"))

    first, second, third = desk.visits.read(KEY)

    assert Visit(first.user, "abc", "GET", "/a", 200) == first
    assert 0 < first.user == second.user < 2**63
    assert third.user not in {0, first.user}


@pytest.mark.parametrize("user", [None, "", "-", USER[1:], USER.upper(), f"{USER}0"])
def test_who_has_no_cookie_of_ours_has_no_number(desk: Desk, user: str | None) -> None:
    desk.note("/", user=user)

    assert [0] == [visit.user for visit in desk.visits.read(KEY)]


def test_every_visit_comes_once_and_to_its_own_application(desk: Desk) -> None:
    desk.note("/a")
    desk.note("/b", key=OTHER)

    first = desk.paths()
    desk.note("/c")
    desk.note("/d", key=OTHER)

    assert ["/a"] == first
    assert ["/c"] == desk.paths()
    assert ["/b", "/d"] == desk.paths(OTHER)
    assert [] == desk.paths()


def test_a_line_that_is_still_being_written_waits_for_its_end(desk: Desk) -> None:
    whole = line("/a")
    desk.write(whole[:20])

    before = desk.paths()
    desk.write(whole[20:])

    assert [] == before
    assert ["/a"] == desk.paths()


def test_what_is_no_line_of_envoy_is_left_out(desk: Desk) -> None:
    desk.write(
        *(b"\x00\xff\xfe\n", b"\n", b"{}\n", b"[1, 2\n", b'{"a": 1}\n', b"x" * 3_000_000 + b"\n"),
        *(line("/" + "x" * 9000), line("/a"), b"\r\n", line("/b")),
    )

    found = [path for _ in range(3) for path in desk.paths()]

    assert ["/a", "/b"] == found


def test_only_so_many_come_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "LINES", 3)
    desk.note(*"abcdefg")

    assert [["a", "b", "c"], ["d", "e", "f"], ["g"], []] == [desk.paths() for _ in range(4)]


def test_only_so_much_is_looked_at_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.note(*"abc", key=OTHER)
    desk.note("d")
    monkeypatch.setattr(visits, "AT_ONCE", 2 * len(line("a", OTHER)))

    assert [[], ["d"], []] == [desk.paths() for _ in range(3)]


def test_what_was_given_and_not_taken_in_comes_again_after_a_restart(desk: Desk) -> None:
    desk.note("/a")
    taken = desk.paths()
    desk.note("/b")
    given = desk.paths()

    desk.begin()

    assert (["/a"], ["/b"]) == (taken, given)
    assert ["/b"] == desk.paths()
    assert [] == desk.paths()


def test_a_file_that_was_emptied_is_read_from_its_beginning(desk: Desk) -> None:
    desk.note("/a", "/b")
    desk.paths()
    desk.file.write_bytes(b"")
    desk.note("/c")

    assert ["/c"] == desk.paths()


def test_a_damaged_record_begins_anew(desk: Desk) -> None:
    desk.note("/a")
    desk.paths()
    desk.paths()
    (desk.places.run / "visits.json").write_text("[")

    desk.begin()

    assert ["/a"] == desk.paths()


def test_no_file_is_no_visit(desk: Desk) -> None:
    assert [] == desk.paths()


async def test_a_file_that_grew_is_put_aside_and_read_to_its_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "LARGEST", 10)
    desk.note("/a")
    first = desk.paths()
    desk.note("/b")
    await desk.visits.tidy()
    desk.note("/c")
    await desk.visits.tidy()
    desk.note("/d")

    assert ["/a"] == first
    assert ["/b", "/c", "/d"] == desk.paths()
    assert ["visits.1.log", "visits.2.log", "visits.log"] == sorted(
        path.name for path in desk.places.envoy.glob("visits*")
    )
    assert 2 == desk.reopened


async def test_a_short_file_stays_where_it_is(desk: Desk) -> None:
    desk.note("/a")

    await desk.visits.tidy()

    assert 0 == desk.reopened
    assert ["/a"] == desk.paths()


async def test_only_a_few_files_are_kept_and_who_comes_late_gets_those(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "LARGEST", 10)
    for number in range(10):
        desk.note(f"/{number}")
        await desk.visits.tidy()

    assert visits.KEPT == len(list(desk.places.envoy.glob("visits.*.log")))
    assert ["/6", "/7", "/8", "/9"] == desk.paths()
    desk.note("/10")
    assert ["/10"] == desk.paths()


def test_a_forgotten_application_begins_anew(desk: Desk) -> None:
    desk.note("/a")
    desk.paths()

    desk.visits.forget(KEY)

    assert ["/a"] == desk.paths()
