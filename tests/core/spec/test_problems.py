from serinus.core.errors import Problem, Severity
from serinus.core.spec import problems

DATA = {"kind": "Application", "spec": {"b": [1, {"x": 1, "y": 2}], "a": 1}}


def paths(*given: str) -> list[str]:
    return [p.path for p in problems.as_written((Problem(p, "!") for p in given), DATA)]


def test_problems_stand_in_the_order_of_the_document() -> None:
    given = ("--set.start", "spec.a", "spec.b[1].y", "spec.c", "spec.b[1].x", "kind", "spec.b[0]")
    expected = ["kind", "spec.b[0]", "spec.b[1].x", "spec.b[1].y", "spec.a", "spec.c"]

    assert [*expected, "--set.start"] == paths(*given)


def test_the_same_problem_is_told_once() -> None:
    assert ["kind"] == paths("kind", "kind")


def test_a_place_beyond_a_list_or_in_a_scalar_comes_last() -> None:
    assert ["spec.a", "spec.a.z", "spec.b[7]"] == sorted(paths("spec.b[7]", "spec.a.z", "spec.a"))


def test_warnings_are_no_errors() -> None:
    warning = Problem("a", "!", Severity.WARNING)
    error = Problem("b", "!")

    assert (error,) == problems.errors([warning, error])


def test_a_problem_gets_the_line_of_the_nearest_place_that_is_written() -> None:
    positions = {"": (1, 1), "spec": (2, 3), "spec.plan": (4, 5)}
    given = [
        Problem("spec.plan[0].hold", "late", file="shop.yaml"),
        Problem("spec.drain", "early", file="shop.yaml"),
        Problem("nowhere", "no file"),
    ]
    found = problems.located(given, lambda _file, _index: positions)

    assert ["nowhere: no file", "shop.yaml:2:3 spec.drain: early"] == [str(p) for p in found[:2]]
    assert "shop.yaml:4:5 spec.plan[0].hold: late" == problems.text(found[2:])


def test_a_problem_without_a_position_stays_as_it_is() -> None:
    problem = Problem("spec", "!", file="shop.yaml")

    assert (problem,) == problems.located([problem], lambda _file, _index: {})


def test_positions_are_asked_for_once_there_is_a_problem_to_place() -> None:
    placed = Problem("spec", "!", file="shop.yaml", line=3, column=1)

    assert (placed,) == problems.located([placed], lambda _file, _index: {"spec": (9, 9)})


def test_errors_come_before_warnings_on_a_line() -> None:
    warning = Problem("a", "!", Severity.WARNING, 1, 1, "f")
    error = Problem("a", "?", Severity.ERROR, 1, 1, "f")

    assert (error, warning) == problems.ordered([warning, error])
