import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.interfaces.cli.trouble import Code
from tests.interfaces.cli.conftest import Cli

SHOP = """\
# the shop
apiVersion: serinus.dev/v1alpha1
kind: Application
metadata: {name: shop}
spec:
  version: v2
  workload:
    command: [python3, -m, http.server, "${port}"]
    replicas: 3
  delivery:
    template: canary-standard
    parameters: {bake: 1m}
"""


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """The directory of specs, which is ./delivery."""
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "shop.yaml").write_text(SHOP)
    return folder


@pytest.mark.usefixtures("delivery")
def test_a_plan_shows_timeline_checks_and_provenance(cli: Cli, snapshot: SnapshotAssertion) -> None:
    code, out, err = cli("plan shop")

    assert (Code.OK, "") == (code, err)
    assert snapshot == out


@pytest.mark.usefixtures("delivery")
def test_a_plan_is_tried_with_other_parameters(cli: Cli) -> None:
    plain = json.loads(cli("plan shop -o json")[1])
    fast = json.loads(cli("plan shop -o json --set bake=10s")[1])

    assert fast["fastest"] < plain["fastest"]
    assert {"name": "bake", "value": "10s", "origin": "this release"} in fast["values"]
    assert "shop/local\n" == cli("plan shop -o name")[1]


def test_a_file_that_is_not_in_use_is_planned_by_itself(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "new.yml").write_text(SHOP.replace("name: shop", "name: cart"))

    assert "cart · local · v2" in cli("plan -f new.yml")[1]
    assert not (tmp_path / "delivery").exists()


@pytest.mark.usefixtures("delivery")
@pytest.mark.parametrize(
    ("line", "code", "error"),
    [
        ("plan", Code.USAGE, "error: plan needs the name of an application\nwhy:   known: shop\n"),
        ("plan nope", Code.ERROR, "error: there is no application 'nope'\nwhy:   known: shop\n"),
        ("plan shop --set bake=5", Code.ERROR, "error: shop cannot be released as it is written\n"),
        ("lint -f nope.yaml", Code.USAGE, "error: there is no file nope.yaml\n"),
        ("template show nope", Code.ERROR, "error: there is no template 'nope'\n"),
    ],
)
def test_what_cannot_be_planned_is_an_error(cli: Cli, line: str, code: Code, error: str) -> None:
    found, out, err = cli(line)

    assert (code, "") == (found, out)
    assert err.startswith(error)
    assert "\ntry:   serinus " in err


@pytest.mark.usefixtures("delivery")
def test_lint_says_that_nothing_is_wrong(cli: Cli) -> None:
    assert (0, "1 application in /srv/delivery: nothing is wrong.\n", "") == cli("lint")
    assert (0, "[]\n", "") == cli("lint -o json")


def test_lint_tells_everything_at_once_with_its_line(
    cli: Cli, delivery: Path, snapshot: SnapshotAssertion
) -> None:
    torn = SHOP.replace("replicas: 3", "replica: 3").replace("bake: 1m", "bake: 1 minute")
    (delivery / "shop.yaml").write_text(torn)

    code, out, err = cli("lint")
    assert (Code.ERROR, "") == (code, err)
    assert snapshot == out
    assert "shop.yaml\n" == cli("lint -o name")[1]
    assert 1 <= len(json.loads(cli("lint -o json")[1]))


def test_a_file_is_linted_before_it_is_used(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text(SHOP)

    assert "nothing is wrong" in cli("lint -f new.yaml")[1]
    assert "nothing is wrong" in cli(f"lint -f {tmp_path}")[1]


def test_templates_are_listed_and_shown(cli: Cli, snapshot: SnapshotAssertion) -> None:
    assert snapshot(name="ls") == cli("template ls")[1]
    assert snapshot(name="show") == cli("template show canary-careful")[1]
    names = cli("template ls -o name")[1].splitlines()
    assert {"rolling", "recreate", "blue-green", "canary-standard"} <= {
        name.rsplit("-", 1)[0] for name in names
    }
    assert (
        cli(f"template show {names[0]}")[1].splitlines()[0].startswith(names[0].rsplit("-", 1)[0])
    )
