import pytest

from serinus.core.errors import Problem, SpecError
from serinus.core.state.release import Phase
from serinus.interfaces.cli import trouble
from serinus.interfaces.cli.trouble import Code, Trouble
from serinus.ports import failures


def test_trouble_is_told_in_three_lines_and_what_there_is_not_to_say_is_left_out() -> None:
    whole = Trouble("no such thing", why="looked here\nand there", hint="serinus status")

    assert (
        "error: no such thing\n"
        "why:   looked here\n"
        "       and there\n"
        "try:   serinus status" == trouble.text(whole)
    )
    assert "error: alone" == trouble.text(Trouble("alone"))


def test_failures_of_ports_keep_their_sentences() -> None:
    found = trouble.of(failures.Rejected("port 80 is taken", why="nginx", hint="--port 8081"))

    assert ("port 80 is taken", "nginx", "--port 8081", Code.ERROR) == (
        str(found),
        found.why,
        found.hint,
        found.code,
    )
    assert "again in a moment" in trouble.of(failures.Unavailable("not now")).hint


def test_all_problems_of_a_spec_are_told() -> None:
    found = trouble.of(SpecError([Problem("spec.a", "wrong"), Problem("spec.b", "wrong too")]))

    assert "spec.a: wrong\nspec.b: wrong too" == str(found)
    assert found.hint.startswith("serinus lint")


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase.ended])
def test_every_end_has_an_exit_code(phase: Phase) -> None:
    assert phase.value in trouble.OUTCOMES
