import msgspec

from serinus.core.errors import Problem
from serinus.core.spec import mend
from serinus.core.spec.formats import Duration


class Hold(msgspec.Struct, forbid_unknown_fields=True):
    length: Duration


class Plan(msgspec.Struct, forbid_unknown_fields=True):
    name: str = "plan"
    hold: Hold | None = None
    steps: list[Hold] = []


def test_what_has_its_form_stays_as_it_is() -> None:
    assert mend.Mended(Plan("x"), (), (), {"name": "x"}) == mend.check({"name": "x"}, Plan)


def test_a_wrong_value_goes_and_the_rest_stays() -> None:
    found = mend.check({"name": 3, "hold": {"length": "1m"}, "extra": 1, 7: 8}, Plan)

    assert Plan(hold=Hold("1m")) == found.value
    assert {("name",), ("extra",)} == set(found.removed)
    assert 3 == len(found.problems)


def test_a_hole_that_is_wrong_itself_grows() -> None:
    found = mend.check({"name": "x", "hold": {"length": "soon"}}, Plan)

    assert Plan("x") == found.value
    assert {("hold", "length"), ("hold",)} == set(found.removed)


def test_an_item_with_a_hole_goes_and_the_others_keep_their_numbers() -> None:
    steps = [{"length": "soon"}, {"length": "1m"}, {"length": "later"}, {"length": "2m"}]
    found = mend.check({"steps": steps}, Plan)
    others = [Problem(f"steps[{index}].length", "!") for index in (0, 1)]

    assert Plan(steps=[Hold("1m"), Hold("2m")]) == found.value
    assert ["steps[0].length", "steps[2].length"] == [p.path for p in found.problems]
    assert ["steps[1].length", "steps[3].length"] == [p.path for p in found.other(others)]


def test_a_list_with_what_is_no_mapping_goes_whole() -> None:
    found = mend.check({"steps": [{"length": "1m"}, 3, {"length": "soon"}]}, Plan)

    assert Plan() == found.value
    assert ["steps[1]", "steps[2].length"] == [p.path for p in found.problems]


def test_nothing_is_left_of_what_is_no_mapping() -> None:
    assert mend.check(3, Plan).value is None
    assert mend.check([3], Plan).value is None


def test_nothing_more_is_said_about_what_went() -> None:
    found = mend.check({"hold": {"length": "soon"}}, Plan)
    below, above, beside = (Problem(p, "!") for p in ("hold.length.x", "hold", "name"))

    assert (beside,) == found.other([below, above, beside])
