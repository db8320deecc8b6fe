import getpass
from pathlib import Path

import pytest

from serinus.boot.settings import Cluster
from serinus.core.state.notice import Key
from serinus.interfaces.cli import options
from serinus.interfaces.cli.options import Author, Place, Reach, Who
from serinus.interfaces.cli.trouble import Code, Trouble


def test_a_place_finds_its_settings(tmp_path: Path) -> None:
    settings = Place(home=tmp_path / "h", specs=tmp_path / "s").settings()

    assert (tmp_path / "h", tmp_path / "s") == (settings.home, settings.specs)


def test_a_cluster_is_meant_where_anything_of_one_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Reach().settings().cluster is None
    usual = Cluster(flags=("--cluster",))
    team = Cluster(namespace="team", flags=("--cluster",))
    assert usual == Reach(cluster=True).settings().cluster
    assert team == Reach(namespace="team").settings("shop").cluster
    assert team == Reach(cluster=True).settings("team/shop").cluster
    assert Cluster(context="prod", flags=("--context", "prod")) == (
        Reach(context="prod", cluster=True).settings().cluster
    )

    monkeypatch.setenv("SERINUS_PLATFORM", "kubernetes")
    assert Cluster() == Reach().settings().cluster
    monkeypatch.setenv("SERINUS_PLATFORM", "local")
    assert Reach().settings().cluster is None
    monkeypatch.setenv("SERINUS_PLATFORM", "windows")
    with pytest.raises(Trouble, match="want local or kubernetes"):
        Reach().settings()


def test_an_application_of_a_cluster_knows_its_environment_itself() -> None:
    assert Key("shop", "local") == Reach().key("shop", "local")
    assert Key("team/shop", "") == Reach(cluster=True).key("team/shop", "local")


def test_an_actor_is_the_one_who_is_logged_in_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "grace")

    assert ("grace", "ada") == (Who().name, Author(actor="ada").name)


def test_parameters_are_names_with_values() -> None:
    assert {"bake": "1m", "start": "=2%"} == options.parameters(["bake=1m", "start==2%"])
    for wrong in ("bake", "=1m"):
        with pytest.raises(Trouble, match="want name=value") as trouble:
            options.parameters([wrong])
        assert Code.USAGE == trouble.value.code
