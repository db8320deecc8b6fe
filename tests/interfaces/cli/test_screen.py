import pytest
from rich.text import Text

from serinus.interfaces.cli.options import Format, Output
from serinus.interfaces.cli.screen import Screen


def test_colours_are_for_terminals_that_want_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    Screen(Output(), terminal=True).write(Text("red", "red"))
    assert "\x1b[31m" in capsys.readouterr().out

    Screen(Output(no_color=True), terminal=True).write(Text("red", "red"))
    monkeypatch.setenv("NO_COLOR", "1")
    Screen(Output(), terminal=True).write(Text("red", "red"))
    Screen(Output(), terminal=False).write(Text("red", "red"))
    assert "\x1b[31m" not in capsys.readouterr().out


def test_quiet_says_nothing_but_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    for output in (Output(quiet=True), Output(output=Format.JSON)):
        Screen(output).say("a sentence")
        Screen(output).note("a note")

    assert ("", "") == capsys.readouterr()
    Screen(Output()).say("a sentence")
    assert "a sentence\n" == capsys.readouterr().out


def test_a_link_stays_on_one_line_on_a_narrow_terminal_so_that_it_can_be_copied(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    link = f"http://127.0.0.1:7070/?token={'x' * 100}"
    Screen(Output(), terminal=True).say(f"The link: {link}", whole=True)

    assert link in capsys.readouterr().out
    Screen(Output(), terminal=True).say(f"The link: {link}")
    assert link not in capsys.readouterr().out


def test_a_pipe_gets_columns_that_stand_below_each_other_also_with_wide_letters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [[Text("日本"), Text("1")], [Text("shop"), Text("2")]]
    Screen(Output(), terminal=False).table(("APP", "N"), rows, [Text("one."), Text("")])

    assert "APP   N  SENTENCE\n日本  1  one.\nshop  2\n" == capsys.readouterr().out


def test_labelled_lines_are_never_cut_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [("", Text("title")), ("label", Text("x" * 300)), (" ", Text("more"))]
    Screen(Output(), terminal=False).lines(lines)

    assert f"title\nlabel     {'x' * 300}\n          more\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    ("format_", "written"),
    [
        (Format.JSON, '{"a":1}\n'),
        (Format.YAML, "---\na: 1\n"),
        (Format.NAME, "the name\n"),
        (Format.TEXT, "the name\n"),
    ],
)
def test_a_stream_is_one_document_for_each_value(
    capsys: pytest.CaptureFixture[str], format_: Format, written: str
) -> None:
    Screen(Output(output=format_), terminal=False).line({"a": 1}, "the name")

    assert written == capsys.readouterr().out
