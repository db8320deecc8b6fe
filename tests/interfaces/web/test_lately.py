from serinus.app.office import Line
from serinus.interfaces.web import lately
from tests import builders
from tests.builders import NEW, OLD
from tests.interfaces.web.test_acts import seen

VIEW = seen(builders.release())


def old(text: str) -> Line:
    return Line(f"{OLD[:10]}-0", text)


def new(text: str) -> Line:
    return Line(f"{NEW[:10]}-0", text)


def test_lines_of_one_kind_differ_in_numbers_and_digests_alone() -> None:
    assert lately.kind("GET /a 200 12ms d4e5f6a7b8") == lately.kind("GET /a 404 7ms 0123456789")
    assert lately.kind("GET /a") != lately.kind("GET /b")


def test_an_error_that_stable_never_wrote_is_marked_as_new() -> None:
    sides = lately.sides(VIEW, [old("error 1 of mail")], [new("error 2 of mail"), new("panic: x")])

    assert ["stable", "candidate"] == [side.role for side in sides]
    assert [("bad", False), ("bad", True)] == [(line.tone, line.new) for line in sides[1].lines]


def test_a_new_line_that_is_no_complaint_is_not_marked() -> None:
    sides = lately.sides(VIEW, [], [new("listening on 9000"), new("WARNING: slow")])

    assert [("", False), ("warning", True)] == [(line.tone, line.new) for line in sides[1].lines]


def test_the_first_release_has_one_side_and_nothing_new() -> None:
    view = seen(builders.release(stable=None))
    (side,) = lately.sides(view, [], [new("error 1")])

    assert ("candidate", False) == (side.role, side.lines[0].new)
