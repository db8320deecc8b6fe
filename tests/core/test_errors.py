from serinus.core.errors import Problem, Severity, SpecError


def test_a_problem_reads_from_the_file_to_the_message() -> None:
    problem = Problem("spec.replicas", "3 is too many", line=12, column=7, file="shop.yaml")

    assert "shop.yaml:12:7 spec.replicas: 3 is too many" == str(problem)


def test_what_is_not_known_is_left_away() -> None:
    assert "spec.replicas: !" == str(Problem("spec.replicas", "!"))
    assert "shop.yaml: !" == str(Problem("", "!", file="shop.yaml"))
    assert "!" == str(Problem("", "!"))


def test_a_warning_says_that_it_is_one() -> None:
    assert "spec: warning: !" == str(Problem("spec", "!", Severity.WARNING))


def test_an_error_tells_all_problems_at_once_a_line_each() -> None:
    error = SpecError([Problem("a", "one"), Problem("b", "two")])

    assert "a: one\nb: two" == str(error)
    assert ("a", "b") == tuple(p.path for p in error.problems)
