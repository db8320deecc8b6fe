from pathlib import Path

import pytest

from serinus.interfaces.cli import main
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
