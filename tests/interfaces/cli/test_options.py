import getpass
import os
from pathlib import Path

import pytest

from serinus.interfaces.cli import options
from serinus.interfaces.cli.options import Author, Place, Who
from serinus.interfaces.cli.trouble import Code, Trouble


def test_a_place_finds_its_settings(tmp_path: Path) -> None:
    settings = Place(home=tmp_path / "h", specs=tmp_path / "s").settings()

    assert (tmp_path / "h", tmp_path / "s") == (settings.home, settings.specs)


def test_an_actor_is_the_one_who_is_logged_in_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "grace")

    assert ("grace", "ada") == (Who().name, Author(actor="ada").name)


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)

    assert f"user {os.getuid()}" == options.login()


def test_parameters_are_names_with_values() -> None:
    assert {"bake": "1m", "start": "=2%"} == options.parameters(["bake=1m", "start==2%"])
    for wrong in ("bake", "=1m"):
        with pytest.raises(Trouble, match="want name=value") as trouble:
            options.parameters([wrong])
        assert Code.USAGE == trouble.value.code
