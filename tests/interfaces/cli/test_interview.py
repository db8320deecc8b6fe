import io
from pathlib import Path

import pytest

from serinus.boot.scaffold import Scaffold
from serinus.boot.settings import Settings
from serinus.core.spec.draft import Draft
from serinus.interfaces.cli.asking import Asker
from serinus.interfaces.cli.interview import UNSAID, Interview, Said
from serinus.interfaces.cli.trouble import Trouble


@pytest.fixture
def scaffold(tmp_path: Path) -> Scaffold:
    return Scaffold(Settings(home=tmp_path / "home", specs=tmp_path / "delivery"), tmp_path)


def silent(scaffold: Scaffold, said: Said = UNSAID, name: str | None = "shop") -> Draft:
    return Interview(scaffold, said, Asker(silent=True)).draft(name)


def test_a_suggestion_brings_its_files_and_its_health_path(
    scaffold: Scaffold, tmp_path: Path
) -> None:
    (tmp_path / "Caddyfile").write_text(":80\nrespond /healthz ok\n")
    draft = silent(scaffold)

    assert (("Caddyfile",), "/healthz", 2) == (draft.files, draft.health, draft.replicas)
    assert draft.command.startswith("caddy run ")


def test_without_a_suggestion_a_command_must_be_said(scaffold: Scaffold) -> None:
    with pytest.raises(Trouble, match="it is empty; wanted a program"):
        silent(scaffold)


def test_a_fixed_port_is_for_one_replica(scaffold: Scaffold) -> None:
    draft = silent(scaffold, Said(command="./shop", port="8080"))

    assert (8080, 1) == (draft.port, draft.replicas)
    assert 2 == silent(scaffold, Said(command="./shop")).replicas


def test_a_shell_may_fill_the_port_in(scaffold: Scaffold) -> None:
    command = "/bin/sh -c './shop --port $PORT'"

    assert command == silent(scaffold, Said(command=command)).command


def test_the_template_is_pinned_to_its_first_number_and_told(scaffold: Scaffold) -> None:
    draft = silent(scaffold, Said(command="./shop", template="rolling"))

    assert ("rolling", "1") == (draft.template, draft.major)
    assert draft.about.startswith("Rolling: replicas are replaced")


def test_the_name_is_that_of_the_directory(scaffold: Scaffold, tmp_path: Path) -> None:
    place = tmp_path / "My_Shop 2!"
    place.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setattr("sys.stdin", io.StringIO())

        assert "my-shop-2" == silent(scaffold, Said(command="./shop"), None).name
