import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from serinus.interfaces.cli import main
from serinus.interfaces.cli.trouble import Code
from tests.adapters.importers import configurations
from tests.core.spec import documents
from tests.interfaces.cli.conftest import Cli

ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: success-rate}
spec:
  args: [{name: service}]
  metrics:
  - name: success-rate
    interval: 1m
    count: 5
    successCondition: result[0] >= 0.95
    provider:
      prometheus:
        query: |
          sum(rate(ok_total{service="{{args.service}}"}[1m])) /
          sum(rate(all_total{service="{{args.service}}"}[1m]))
"""


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    """Type a command that needs no home."""

    def run(line: str) -> tuple[int, str, str]:
        code = main.run(line.split())
        return code, *capfd.readouterr()

    return run


@pytest.fixture(autouse=True)
def argo(tmp_path: Path) -> Path:
    file = tmp_path / "analysis.yaml"
    file.write_text(ARGO)
    return file


def test_the_checks_are_printed_and_the_rest_is_named_beside_them(cli: Cli) -> None:
    code, out, err = cli("import analysis.yaml --arg service=shop")

    assert Code.OK == code
    assert out == (
        "# From analysis.yaml, by serinus import.\n"
        "# Into spec.delivery of an application, or into spec of a template.\n"
        "checks:\n"
        "- name: success-rate\n"
        "  query:\n"
        "    promql: |-\n"
        '      sum(rate(ok_total{service="shop"}[1m])) /\n'
        '      sum(rate(all_total{service="shop"}[1m]))\n'
        "    every: 1m\n"
        "    min: 0.95\n"
        "    strikes: 1\n"
    )
    lines = err.splitlines()
    assert "Not carried over, or not as it was:" == lines[0]
    assert lines[1].startswith("  analysis.yaml:9:5 spec.metrics[0].count: a check looks for as")
    assert "analysis.yaml:13:9 spec.metrics[0].provider.prometheus.query: asked as" in lines[2]


def test_what_is_printed_can_be_released(cli: Cli) -> None:
    out = cli("import analysis.yaml --arg service=shop")[1]

    assert [] == documents.said(documents.delivered(**YAML(typ="safe", pure=True).load(out)))


def test_it_is_written_to_a_file_that_is_not_there_yet(cli: Cli, tmp_path: Path) -> None:
    said = cli("import analysis.yaml --arg service=shop -q")[1]
    code, out, err = cli("import analysis.yaml --arg service=shop --output-file checks.yaml")

    assert (Code.OK, "") == (code, out)
    assert err.startswith("1 check written to checks.yaml\n")
    assert said == (tmp_path / "checks.yaml").read_text()
    assert Code.USAGE == cli("import analysis.yaml --output-file checks.yaml")[0]
    code, _, err = cli("import analysis.yaml --arg service=shop --output-file none/checks.yaml")
    assert Code.ERROR == code
    assert err.startswith("error: none/checks.yaml cannot be written")


def test_programs_get_checks_and_notes(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "kayenta.json").write_text(json.dumps(configurations.configuration()))

    found = json.loads(cli("import kayenta.json -o json")[1])

    assert ["errors"] == [check["name"] for check in found["checks"]]
    assert {"metrics[0].query"} == {note["path"] for note in found["notes"]}
    assert "errors\n" == cli("import kayenta.json -o name")[1]


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("import", Code.USAGE, "error: import needs a file\n"),
        ("import none.yaml", Code.USAGE, "error: there is no file none.yaml\n"),
        ("import analysis.yaml --arg service", Code.USAGE, "error: --arg service: there is no '='"),
        (
            "import analysis.yaml",
            Code.ERROR,
            (
                "error: nothing could be carried over\n"
                "why:   analysis.yaml:13:9 spec.metrics[0].provider.prometheus.query: left out: it "
                "needs a value for the argument 'service': --arg service=VALUE\n"
            ),
        ),
    ],
)
def test_what_cannot_be_done_is_told(cli: Cli, typed: str, code: Code, said: str) -> None:
    found, out, err = cli(typed)

    assert (code, "") == (found, out)
    assert err.startswith(said)


def test_damage_is_told_with_its_place(cli: Cli, argo: Path) -> None:
    argo.write_text("kind: [")

    code, _, err = cli("import analysis.yaml")

    assert Code.ERROR == code
    assert err.startswith("error: this cannot be imported\nwhy:   analysis.yaml:1:")


def test_a_template_without_metrics_is_told(cli: Cli, argo: Path) -> None:
    argo.write_text("kind: AnalysisTemplate\n")

    assert "there are no metrics in it" in cli("import analysis.yaml")[2]
