from importlib import metadata

import pytest

from serinus.interfaces.cli import main


def test_the_version_is_the_one_that_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main.run(["version"])
    assert 0 == main.run(["--version"])

    assert f"{metadata.version('serinus')}\n" * 2 == capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_the_commands(capsys: pytest.CaptureFixture[str], shell: str) -> None:
    assert 0 == main.run(["completion", shell])

    script = capsys.readouterr().out
    assert "rollback" in script
    assert "deploy" in script
