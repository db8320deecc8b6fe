import io
from collections.abc import Callable

import pytest

from serinus.interfaces.cli.asking import Asker
from serinus.interfaces.cli.trouble import Trouble

Piped = Callable[[str], Asker]


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Piped:
    def pipe(lines: str) -> Asker:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        return Asker()

    return pipe


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Piped:
    """Answers from somebody at a terminal."""

    def type_(lines: str) -> Asker:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        asker = Asker()
        asker.terminal = True
        return asker

    return type_


def test_an_answer_is_a_line_and_an_empty_one_is_the_default(
    piped: Piped, capsys: pytest.CaptureFixture[str]
) -> None:
    asker = piped(" shop \n\n\n")

    assert ["shop", "cart", ""] == [asker.ask("Name"), asker.ask("Name", "cart"), asker.ask("Why")]
    assert "Name: shop\nName [cart]: \nWhy: \n" == capsys.readouterr().out


def test_yes_is_said_in_two_ways_and_so_is_no(piped: Piped) -> None:
    asker = piped("y\nYES\nn\nno\n\n\n")
    said = [asker.confirm("Write?", default=False) for _ in range(5)]

    assert [True, True, False, False, False] == said
    assert asker.confirm("Write?", default=True)


def test_at_a_terminal_a_wrong_answer_is_asked_for_again(
    typed: Piped, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("maybe\ny\n").confirm("Write?", default=False)
    asked = "Write? [y/N]: "
    assert f"{asked}  'maybe' is neither yes nor no\n{asked}" == capsys.readouterr().out


def test_in_a_pipe_a_wrong_answer_is_the_end(piped: Piped) -> None:
    with pytest.raises(Trouble, match="'maybe' is neither yes nor no"):
        piped("maybe\ny\n").confirm("Write?", default=False)
    with pytest.raises(Trouble, match="--name: no"):
        piped("").refuse("no", "--name")


def test_answers_that_end_too_early_say_where(piped: Piped) -> None:
    with pytest.raises(Trouble, match="the answers ended at: Name:") as ended:
        piped("").ask("Name")
    assert "nothing was written" == ended.value.why


def test_nobody_is_asked_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    asker = Asker(silent=True)
    asker.say("hello")
    asker.choose([("a", "b")])

    assert ("shop", True) == (asker.ask("Name", "shop"), asker.confirm("Write?", default=True))
    assert "" == capsys.readouterr().out


def test_what_speaks_for_a_choice_is_wrapped_beside_it(
    typed: Piped, piped: Piped, capsys: pytest.CaptureFixture[str]
) -> None:
    choices = [("a", "it is " + "long " * 20), ("bb", "")]
    typed("").choose(choices)
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("   1  a   it is long")
    assert [" " * 10 + "long", "   2  bb"] == [rest[0][:14], rest[-1]]

    piped("").choose(choices)
    assert 2 == len(capsys.readouterr().out.splitlines())
