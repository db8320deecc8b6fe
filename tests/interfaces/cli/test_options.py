import getpass
from pathlib import Path

import pytest

from serinus.boot.settings import Cluster, Server
from serinus.core.state.notice import Key
from serinus.interfaces.cli import options
from serinus.interfaces.cli.options import Author, Desk, Far, Place, Reach, Who
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


def test_a_dashboard_elsewhere_is_asked_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERINUS_HOME", "/srv/home")
    place = Far(server="https://serinus.example.com/", token="t")
    settings = place.settings()

    assert Server("https://serinus.example.com", "t") == settings.server
    assert ("--server", "https://serinus.example.com") == (settings.there or Cluster()).flags
    assert Key("shop", "") == place.key("shop", "local")
    assert Key("shop", "prod") == place.key("shop", "prod")
    assert Far().settings().there is None


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("127.0.0.1:7071", "--server http://127.0.0.1:7071"),
        ("localhost:1", "--server http://localhost:1"),
        ("shop", "--server http://127.0.0.1:7070"),
    ],
)
def test_an_address_without_its_scheme_is_told_with_it(typed: str, hint: str) -> None:
    with pytest.raises(Trouble) as trouble:
        Far(server=typed).settings()

    assert hint == trouble.value.hint


def test_a_token_that_is_none_is_refused_and_not_repeated() -> None:
    fine = Far(server="http://localhost:1", token=" s3cret\n").settings().server

    assert Server("http://localhost:1", "s3cret") == fine
    for wrong in ("s3cret\nx", "s3cret x", "s3crét", "s3cret\x7f"):
        with pytest.raises(Trouble, match="characters that no token has") as trouble:
            Far(server="http://localhost:1", token=wrong).settings()
        assert "s3cr" not in f"{trouble.value}{trouble.value.why}{trouble.value.hint}"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Far(server="serinus.example.com"), "want the address of a dashboard"),
        (Far(server="ftp://x"), "want the address of a dashboard"),
        (Far(server="http://serinus.example.com"), "others could read the token"),
        (Far(server="http://localhost:1", cluster=True), "two places"),
        (Far(server="https://ada:s3cret@serinus.example.com"), "holds a name or a password"),
        (Far(server="http://serinus.example.com/?token=s3cret"), "others could read the token"),
        (Far(server="localhost:1/?token=s3cret"), "want the address of a dashboard"),
        (Desk(server="ftp://x"), "want the address of a dashboard"),
    ],
)
def test_an_address_that_is_none_or_unsafe_is_refused(place: Far | Desk, expected: str) -> None:
    with pytest.raises(Trouble, match=expected) as trouble:
        place.settings()
    assert Code.USAGE == trouble.value.code
    assert "s3cret" not in f"{trouble.value}{trouble.value.why}{trouble.value.hint}"
