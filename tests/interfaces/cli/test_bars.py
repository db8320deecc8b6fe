import sys

import pytest

from serinus.interfaces.cli import bars
from serinus.interfaces.cli.options import Output
from serinus.interfaces.cli.screen import Screen


def test_a_bar_is_drawn_beside_the_answer_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen(Output(), terminal=True)

    with bars.bar(screen, 2, "simulating") as step:
        step()
        step()

    out, err = capsys.readouterr()
    assert "" == out
    assert "simulating" in err


def test_in_a_pipe_nothing_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    with bars.bar(Screen(Output(), terminal=False), 2, "simulating") as step:
        step()

    assert ("", "") == capsys.readouterr()
