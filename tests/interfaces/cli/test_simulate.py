import json
from pathlib import Path

import pytest

from serinus.interfaces.cli.trouble import Code
from tests.interfaces.cli.conftest import Cli
from tests.interfaces.cli.test_specs import SHOP

QUICK = "simulate --template canary-standard --set bake=20s --history 2m --runs 2 --jobs 1"


def test_a_template_is_simulated_against_a_fault(cli: Cli) -> None:
    code, out, err = cli(f"{QUICK} --fault errors=50%@5%")

    assert (Code.OK, "") == (code, err)
    assert out.startswith("canary-standard 1.0.0 · 2 releases simulated\n")
    assert "faults    errors=50%@5%: 50 % of the candidate's requests fail, from its step" in out
    assert "outcome   rolled back  ████" in out
    assert "A typical release (--seed " in out
    assert "v1 serves everybody again." in out


def test_the_answer_for_programs_has_every_run_and_a_film(cli: Cli) -> None:
    code, out, _ = cli(f"{QUICK} --seed 7 -o json")
    found = json.loads(out)

    assert Code.OK == code
    assert [7, 8] == [run["seed"] for run in found["each"]]
    assert 2 == found["summary"]["runs"]
    assert found["summary"]["typical"] in {7, 8}
    assert found["film"][0].startswith("0:00:00")
    assert "promoted\n" == cli(f"{QUICK} -o name")[1]


def test_an_application_is_simulated_as_it_is_written(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "delivery").mkdir()
    (tmp_path / "delivery" / "shop.yaml").write_text(SHOP.replace("1m", "10s"))
    (tmp_path / "new.yaml").write_text(SHOP.replace("1m", "10s").replace(": shop", ": cart"))
    quick = "--history 0s --runs 1 --base-latency 10ms --rate 20 -o json"

    by_name = json.loads(cli(f"simulate shop {quick}")[1])
    by_file = json.loads(cli(f"simulate --file new.yaml --replicas 2 {quick}")[1])

    assert ("shop", 3) == (by_name["subject"], by_name["replicas"])
    assert ("cart", 2) == (by_file["subject"], by_file["replicas"])


def test_everything_wrong_is_told_at_once(cli: Cli) -> None:
    code, out, err = cli("simulate --fault errors --fault nope=1 --rate 0 --base-errors 100%")

    assert (Code.USAGE, "") == (code, out)
    assert err.startswith("error: this cannot be simulated\nwhy:   --rate: 0 requests")
    for said in ("--base-errors: 100%", "--fault: errors needs a value", "--fault: unknown kind"):
        assert said in err


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("simulate shop --template x", "error: simulate needs an application or a template, not"),
        ("simulate --template nope", "error: unknown template 'nope'"),
        (
            "simulate --template canary-standard --set bake=5",
            "error: this cannot be simulated\nwhy:   --set.parameters.bake",
        ),
        (
            "simulate --template ab-test",
            "error: this cannot be simulated\nwhy:   --set: its plan takes 168h",
        ),
        ("simulate --template rolling --jobs 0", "error: --jobs: 0 processes; wanted 1 or more"),
        ("simulate", "error: this cannot be simulated\nwhy:   /srv/delivery: no application there"),
    ],
)
def test_what_cannot_be_simulated_is_an_error(cli: Cli, line: str, error: str) -> None:
    code, out, err = cli(line)

    assert "" == out
    assert Code.OK != code
    assert err.startswith(error)
