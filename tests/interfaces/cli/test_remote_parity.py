"""The same command, here and through a dashboard over the same store, says the same."""

from collections.abc import Iterator

import anyio
import pytest

from serinus.adapters.local.store import Store
from serinus.boot.settings import Settings
from serinus.interfaces.cli.trouble import Code
from tests import builders
from tests.interfaces.cli import afar, test_watching
from tests.interfaces.cli.afar import Served
from tests.interfaces.cli.conftest import Cli


@pytest.fixture
def served(settings: Settings, filled: Store, controller: None) -> Iterator[Served]:
    """A dashboard over a home full of releases, in which a controller works."""
    folder = settings.logs / "shop~local"
    folder.mkdir(parents=True)
    (folder / f"{builders.OLD[:10]}-0.log").write_text("one\ntwo\n")
    (folder / f"{builders.NEW[:10]}-0.log").write_text("boom \u2028 and more\n")
    with afar.dashboard(settings) as found:
        yield found


@pytest.mark.parametrize(
    "line",
    [
        "status",
        "status shop",
        "status shop -o json",
        "status torn",
        "status bücher-日本",
        "explain shop",
        "explain shop --check error-rate -o yaml",
        "history",
        "history shop -n 1 -o name",
        "diff shop",
        "logs shop",
        "logs shop --candidate",
        "logs shop -n 1",
        "logs blog",
        "explain shop 9",
        "diff shop --from 9",
        "logs shop -n -1",
    ],
)
def test_looking_shows_the_same(cli: Cli, served: Served, line: str) -> None:
    code, out, err = cli(line)
    here = (code, out.replace(".localhost:8080", ".localhost"), err)

    if line == "logs blog":
        assert here[2].splitlines()[0] == served.asked(cli, line)[2].splitlines()[0]
        return
    assert here == served.asked(cli, line)


@pytest.mark.parametrize("output", ["text", "json", "yaml", "name"])
def test_watching_shows_every_change_and_ends_with_the_same_code(
    cli: Cli, served: Served, filled: Store, output: str
) -> None:
    anyio.run(test_watching.end, filled)
    line = f"watch shop --until-end -o {output}"

    here = cli(line)
    assert Code.ROLLED_BACK == here[0]
    assert here == served.asked(cli, line)


@pytest.mark.parametrize("command", ["watch", "logs", "status", "history"])
def test_what_is_not_there_is_not_there_from_afar(cli: Cli, served: Served, command: str) -> None:
    code, out, err = cli(f"{command} nope")

    # Without an environment the only one is meant, so that none is named.
    here = (code, out, err.replace(" in environment 'local'", ""))
    assert here == served.asked(cli, f"{command} nope")
    assert (
        f"try:   serinus status --server {served.address}\n"
        in cli(served.typed(f"{command} nope"))[2]
    )
