import subprocess
import sys

import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.interfaces.cli import catalogue, dispatch, main
from serinus.interfaces.cli.trouble import Code
from tests.interfaces.cli.conftest import Cli

NAMES = [entry.name for entry in catalogue.ENTRIES]


def test_the_page_of_help_lists_every_command(
    capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    for tokens in (["--help"], ["-h"], ["help"]):
        assert Code.OK == main.run(tokens)
    pages = capsys.readouterr().out

    assert snapshot == catalogue.page()
    assert 3 * (catalogue.page() + "\n") == pages


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_a_page_of_its_own(
    capsys: pytest.CaptureFixture[str], name: str, snapshot: SnapshotAssertion
) -> None:
    assert Code.OK == main.run([name, "--help"])
    page = capsys.readouterr().out

    assert page.startswith(f"Usage: serinus {name}")
    assert snapshot == page
    assert Code.OK == main.run(["help", name])
    assert page == capsys.readouterr().out


def test_no_line_of_help_is_wider_than_a_narrow_screen() -> None:
    assert [] == [line for line in catalogue.page().splitlines() if len(line) > 80]


@pytest.mark.parametrize(
    ("line", "error", "hint"),
    [
        ("dploy shop", "there is no command 'dploy'", "serinus --help"),
        ("zzz", "there is no command 'zzz'", "serinus --help"),
        ("pause", "parameter APP requires an argument", "serinus pause --help"),
        ("pause shop --exepct-step 3", "Unknown option: --exepct-step", "serinus pause --help"),
        ("next shop --expect-step x", "--expect-step", "serinus next --help"),
        ("completion csh", "csh", "serinus completion --help"),
    ],
)
def test_wrong_words_end_with_what_would_be_right(
    capsys: pytest.CaptureFixture[str], line: str, error: str, hint: str
) -> None:
    assert Code.USAGE == main.run(line.split())
    out, err = capsys.readouterr()

    assert "" == out
    assert error in err.splitlines()[0]
    assert f"try:   {hint}" == err.splitlines()[-1]


def test_a_typing_error_is_met_with_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    main.run(["dploy", "shop"])

    assert "why:   did you mean 'deploy'?" in capsys.readouterr().err


@pytest.mark.usefixtures("filled", "controller")
def test_status_is_what_is_shown_when_nothing_is_typed(cli: Cli) -> None:
    assert cli("status") == cli("-q")[:1] + cli("status")[1:]
    assert "shop/local" in cli("-o name")[1]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from serinus.interfaces.cli import main; main.run(['--help']);"
        "heavy = {'cyclopts', 'rich', 'anyio', 'msgspec', 'ruamel', 'sqlite3', 'asyncio'};"
        "print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "set()" == done.stdout.splitlines()[-1]


def test_every_command_is_where_the_catalogue_says() -> None:
    app = dispatch.build()

    for name in NAMES:
        assert name in app[name].name


def test_a_reader_who_leaves_is_no_error() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "serinus", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert b"" == process.stderr.read()

    assert 0 == process.returncode
