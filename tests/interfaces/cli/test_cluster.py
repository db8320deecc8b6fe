from pathlib import Path

import pytest

from serinus.interfaces import dashboard
from serinus.interfaces.cli import cluster, main
from serinus.interfaces.cli.trouble import Code
from tests.interfaces.cli.conftest import Cli


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """The command line, for commands that have no home."""

    def run(line: str) -> tuple[int, str, str]:
        code = main.run(line.split())
        return code, *capsys.readouterr()

    return run


def test_what_a_cluster_needs_is_printed(cli: Cli) -> None:
    code, out, err = cli("install registry.example/serinus:1.2 --namespace team")

    assert (Code.OK, "") == (code, err)
    assert "kind: CustomResourceDefinition" in out
    assert "image: registry.example/serinus:1.2" in out


def test_a_file_is_written_with_what_to_do_with_it(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "serinus.yaml"

    code, out, _ = cli(f"install -o {file}")

    assert Code.OK == code
    assert f"kubectl apply --server-side -f {file}" in out.replace("\n", "")
    assert "kind: ValidatingAdmissionPolicy" in file.read_text()


def test_wrong_words_are_told_all_at_once(cli: Cli) -> None:
    code, out, err = cli("install Bad_Image! --router ngnix")

    assert (Code.USAGE, "") == (code, out)
    assert "is not an image" in err
    assert "unknown router 'ngnix'; did you mean 'nginx'?" in err
    assert "try:   serinus install --help" in err


def test_the_dashboard_can_be_left_out(cli: Cli) -> None:
    assert "127.0.0.1:7070" in cli("install registry.example/serinus:1.2")[1]
    assert "intents/actor" not in cli("install registry.example/serinus:1.2 --no-dashboard")[1]


def test_the_log_of_a_pod_says_how_to_come_in_and_holds_no_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = "http://127.0.0.1:7071"
    monkeypatch.delenv("POD_NAME", raising=False)
    assert "" == cluster._again("serinus-system")
    served = dashboard.Opened(at, f"{at}/?token=secret", again="serinus dashboard --home /srv")
    outside = cluster._way_in(served, "serinus-system")
    monkeypatch.setenv("POD_NAME", "serinus-controller-x")
    again = cluster._again("serinus-system")
    within = cluster._way_in(served._replace(again=again), "serinus-system")

    assert "secret" in outside
    assert "For another link: serinus dashboard --home /srv" in outside
    assert "secret" not in within
    assert "port-forward pod/serinus-controller-x 7071:7071" in within
    assert "exec serinus-controller-x -- serinus dashboard" in within
