"""``lint`` and ``template`` through a dashboard, over the specs of another directory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from serinus.boot.settings import Settings
from serinus.interfaces.cli.trouble import Code
from tests.adapters.local import written
from tests.interfaces.cli import afar
from tests.interfaces.cli.afar import Served
from tests.interfaces.cli.conftest import Cli

OWN = """\
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: prod}
spec: {windws: []}
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A dashboard where other specs are than here."""
    there = tmp_path / "there"
    there.mkdir()
    written.specs(there, shop=written.SHOP)
    with afar.dashboard(Settings(home=there / "home", specs=there / "delivery")) as found:
        yield found


@pytest.mark.parametrize(
    "line", ["template ls", "template show canary-fast", "template ls -o json", "template show no"]
)
def test_templates_are_those_of_the_place_that_is_asked(
    cli: Cli, served: Served, line: str
) -> None:
    assert cli(line) == served.asked(cli, line)


def test_a_file_is_reviewed_whole_with_the_lines_that_it_has(cli: Cli, served: Served) -> None:
    wrong = written.shop("cart").replace("bake: '12s'", "bakes: 1m")
    text = f"# mine\n{wrong}---\n{OWN}"
    Path("both.yaml").write_text(text)

    code, out, err = served.asked(cli, "lint -f both.yaml")
    assert (Code.ERROR, "") == (code, err)
    parameter, window = out.splitlines()
    line = text[: text.index("bakes")].count("\n") + 1
    assert f"both.yaml:{line}:7 spec.delivery.parameters.bakes: unknown parameter" in parameter
    line = text[: text.index("windws")].count("\n") + 1
    assert f"both.yaml:{line}:8 spec.windws: unknown field" in window


def test_a_file_without_problems_is_told_and_nothing_is_written(cli: Cli, served: Served) -> None:
    Path("cart.yaml").write_text(written.shop("cart"))

    assert (Code.OK, "1 application in cart.yaml: nothing is wrong.\n", "") == served.asked(
        cli, "lint -f cart.yaml"
    )
    assert "cart" not in served.asked(cli, "status")[1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [\n", "torn.yaml:2:1: this is not YAML"),
        ("", "torn.yaml: nothing is written here; wanted one application"),
        ("- 1\n", "torn.yaml: [1] is not a mapping"),
    ],
)
def test_a_file_that_is_no_document_is_told_with_its_line(
    cli: Cli, served: Served, text: str, told: str
) -> None:
    Path("torn.yaml").write_text(text)

    code, out, _ = served.asked(cli, "lint -f torn.yaml")
    assert Code.ERROR == code
    assert told in out


@pytest.mark.parametrize("line", ["lint", "lint -f ."])
def test_a_dashboard_reviews_one_file(cli: Cli, served: Served, line: str) -> None:
    code, _, err = served.asked(cli, line)

    assert Code.USAGE == code
    assert "error: lint needs one file for a dashboard to look at" in err
    assert "try:   serinus lint -f shop.yaml" in err


def test_a_file_that_cannot_be_read_is_named(cli: Cli, served: Served) -> None:
    assert "error: there is no file no.yaml" in served.asked(cli, "lint -f no.yaml")[2]
    Path("mine").symlink_to("/proc/self/mem")

    assert "error: mine cannot be read" in served.asked(cli, "lint -f mine")[2]
