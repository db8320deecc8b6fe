"""What a terminal shows, at the widths of real terminals."""

import io
import re
from typing import Any

import anyio
import pytest
from msgspec.structs import replace
from rich.console import Console
from rich.text import Text
from syrupy.assertion import SnapshotAssertion

from serinus.adapters.local.store import Store
from serinus.app import views
from serinus.app.lanes import Lane
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


def test_what_replicas_take_is_drawn_with_their_limits(filled: Store) -> None:
    view = anyio.run(views.release, filled, SHOP)
    assert view is not None
    small, full, *_ = view.replicas
    limits = {"memory_limit": 256 * 2**20, "cpu_limit": 0.5, "files_limit": 1024}
    full = replace(full, memory=240 * 2**20, **limits)
    unknown = replace(view.replicas[-1], memory=None, cpu=None, files=None)
    changed = replace(view, replicas=(small, full, unknown))

    brief = drawn(grid(pictures.release(changed, NOW, 8080)), 100)
    long = drawn(grid(pictures.explained(changed, NOW, 8080)), 100)
    assert "stable 2/2 ready  the fullest 240 of 256 MiB · 0.31 of 0.5 CPU\n" in brief
    assert "candidate 1/1 ready\n" in brief
    assert "-1  stable, ready  240 of 256 MiB · 0.31 of 0.5 CPU · 24 of 1,024 files\n" in long
    assert "-0  stable, ready  120 MiB · 0.31 CPU · 24 files\n" in long


def test_of_many_replicas_the_fullest_are_listed(filled: Store) -> None:
    view = anyio.run(views.release, filled, SHOP)
    assert view is not None
    one = view.replicas[0]
    many = tuple(replace(one, name=f"r-{n}", ordinal=n, memory=n * 2**20) for n in range(20))

    long = drawn(grid(pictures.explained(replace(view, replicas=many), NOW, 8080)), 100)
    assert ["r-12", "r-13", "r-19"] == re.findall(r"r-(?:12|13|19|0|11)\b", long)
    assert "and 12 more stable, which take less" in long


def test_a_router_that_does_not_follow_is_a_doubt_beside_the_checks(filled: Store) -> None:
    view = anyio.run(views.release, filled, SHOP)
    assert view is not None
    changed = replace(view, doubts=("the router does not follow: 9.1 % reached the candidate",))

    said = "doubt    the router does not follow: 9.1 % reached the candidate"
    for picture in (pictures.release, pictures.explained):
        assert " ".join(said.split()) in " ".join(
            drawn(grid(picture(changed, NOW, 8080)), 100).split()
        )
        assert "doubt" not in drawn(grid(picture(view, NOW, 8080)), 100)


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


def test_requests_that_go_beside_the_share_stand_below_the_traffic(filled: Store) -> None:
    view = anyio.run(views.release, filled, SHOP)
    assert view is not None
    lane = Lane(kind="mirror", sentence="50 % are copied.", wanted=True, seen=True)
    changed = replace(view, lanes=(lane,))

    for picture in (pictures.release, pictures.explained):
        lines = drawn(grid(picture(changed, NOW, 8080)), 100).splitlines()
        place = next(i for i, line in enumerate(lines) if line.startswith("traffic"))
        assert any("50 % are copied." in line for line in lines[place + 1 : place + 3])
