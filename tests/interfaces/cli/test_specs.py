import json
from pathlib import Path

import anyio
import pytest
from syrupy.assertion import SnapshotAssertion

from serinus.adapters.local.database import Database
from serinus.adapters.local.store import Store
from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.core.state.counts import Arm, Tick
from serinus.interfaces.cli.trouble import Code
from tests import builders
from tests.builders import OLD
from tests.builders import SHOP as SHOP_KEY
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


@pytest.mark.usefixtures("delivery")
def test_a_plan_forecasts_on_the_traffic_that_is_given(cli: Cli, tmp_path: Path) -> None:
    asked = "plan shop --rate 100 --base-errors 0.1% --slow 1%"
    code, out, _ = cli(f"{asked} --picture {tmp_path}/shop.svg")
    found = json.loads(cli(f"{asked} -o json")[1])["forecast"]

    assert Code.OK == code
    assert "a total outage is seen after 5s, 5 failed requests" in out
    assert (tmp_path / "shop.svg").read_text().startswith("<svg ")
    assert 100 == found["rate"]
    assert 5 == found["checks"][0]["steps"][0]["sizes"][0]["seconds"]
    assert "given: 100/s, 0.1 % failed, 1 % slow" == found["origin"]


@pytest.mark.usefixtures("delivery")
def test_a_plan_forecasts_on_what_was_counted(cli: Cli, settings: Settings) -> None:
    async def fill() -> None:
        store = Store(home.specs(settings), Database.open(settings.database, create=True))
        await store.record(builders.status(stable=OLD, release=None))
        counts = {"stable": Arm({f"{OLD[:10]}-0": (400, 1)})}
        ticks = [Tick(builders.at(3, -5 * n).timestamp(), 5.0, counts) for n in range(100)]
        await store.put_ticks(SHOP_KEY, None, ticks[::-1])
        await store.close()

    anyio.run(fill)
    out = cli("plan shop")[1]

    assert "forecast  from 500 s of stable's requests: 80/s, 0.25 % failed\n" in out


@pytest.mark.usefixtures("delivery")
@pytest.mark.parametrize(
    ("line", "code", "error", "why"),
    [
        ("plan shop --rate 0", Code.USAGE, "the traffic to plan for is not possible", "--rate 0"),
        ("plan shop --rate x", Code.USAGE, "the traffic to plan for is not possible", "--rate x"),
        ("plan shop --rate graphite:x", Code.ERROR, "environment 'local' has no metric", ""),
        ("plan shop --picture a.svg", Code.ERROR, "there is nothing to draw into a.svg", "unknown"),
        (
            "plan shop --rate 100 --base-errors 0.1% --picture no/where.svg",
            Code.ERROR,
            "no/where.svg cannot be written",
            "No such file",
        ),
    ],
)
def test_a_forecast_that_cannot_be_made_is_an_error(
    cli: Cli, line: str, code: Code, error: str, why: str
) -> None:
    found, out, err = cli(line)

    assert (code, "") == (found, out)
    assert err.startswith(f"error: {error}")
    assert why in err
