"""What a terminal shows, at the widths of real terminals."""

import io
import re
from typing import Any

import anyio
import pytest
from rich.console import Console
from rich.text import Text
from syrupy.assertion import SnapshotAssertion

from serinus.adapters.local.store import Store
from serinus.app import views
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.core.state.verdict import Outcome
from serinus.interfaces.cli import pictures
from serinus.interfaces.cli.options import Output
from serinus.interfaces.cli.screen import Screen, grid
from tests import builders
from tests.builders import SHOP

NOW = builders.at(3)


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that can do more than a dumb one."""
    monkeypatch.setenv("TERM", "xterm-256color")


def drawn(what: Any, width: int) -> str:
    """Draw as on a terminal of that width, without its colours."""
    file = io.StringIO()
    Console(file=file, width=width, force_terminal=True, no_color=True).print(what)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue()).splitlines()
    assert [] == [line for line in lines if Text(line.rstrip()).cell_len > width]
    return "\n".join(line.rstrip() for line in lines)


@pytest.mark.parametrize("width", [60, 100])
def test_a_release_is_drawn(filled: Store, width: int, snapshot: SnapshotAssertion) -> None:
    view = anyio.run(views.release, filled, SHOP)
    assert view is not None

    assert snapshot == drawn(grid(pictures.release(view, NOW, 8080)), width)


def test_a_held_release_with_wide_letters_is_drawn(
    filled: Store, snapshot: SnapshotAssertion
) -> None:
    view = anyio.run(views.release, filled, Key("bücher-日本", "local"))
    assert view is not None

    assert snapshot == drawn(grid(pictures.release(view, NOW, 8080)), 60)


@pytest.mark.parametrize("width", [60, 100])
@pytest.mark.usefixtures("filled")
def test_a_list_is_drawn_with_its_sentences_below(
    filled: Store,
    width: int,
    snapshot: SnapshotAssertion,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    rows = anyio.run(views.applications, filled)
    screen = Screen(Output(no_color=True), terminal=True)
    screen.table(
        pictures.ROW, [pictures.row(row, NOW) for row in rows], [pictures.sentence(r) for r in rows]
    )

    out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert snapshot == "\n".join(line.rstrip() for line in out.splitlines())


@pytest.mark.parametrize("phase", Phase)
def test_every_state_has_its_icon_beside_its_word(phase: Phase) -> None:
    icon, word = pictures.state(phase.value).plain.split(" ", 1)

    assert phase.value == word
    assert icon != "·"


@pytest.mark.parametrize("outcome", Outcome)
def test_every_verdict_has_its_icon(outcome: Outcome) -> None:
    assert pictures.OUTCOMES[outcome.value] != pictures.OUTCOMES[""]
