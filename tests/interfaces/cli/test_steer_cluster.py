"""Steering a release of a cluster: an intent is left there, and answered there."""

import pytest

from serinus.boot import home, visiting
from serinus.interfaces.cli.trouble import Code
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.interfaces.cli import abroad
from tests.interfaces.cli.conftest import Cli


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeApiServer:
    monkeypatch.setattr(home, "owner", lambda: "grace")
    return abroad.cluster(monkeypatch)


@pytest.mark.parametrize("words", ["pause team/shop --cluster", "pause shop --namespace team"])
def test_a_verb_leaves_an_intent_and_prints_the_answer(
    cli: Cli, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    abroad.answers(server, monkeypatch, "paused at 25 %.")

    code, out, _ = cli(f"{words} -m lunch --expect-release 7")
    (intent,) = server.all("Intent", "team")
    assert Code.OK == code
    assert "Paused at 25 %." in out
    assert {
        "application": "shop",
        "verb": "pause",
        "actor": "grace",
        "reason": "lunch",
        "expectRelease": 7,
    } == intent["spec"]


def test_a_refusal_is_told_as_one(
    cli: Cli, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    abroad.answers(server, monkeypatch, "no gate is waiting.", done=False)

    code, _, error = cli("approve team/shop --cluster")
    assert Code.REFUSED == code
    assert "No gate is waiting." in error


def test_nothing_is_left_where_no_controller_works(
    cli: Cli, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asleep(_: object) -> bool:
        return False

    monkeypatch.setattr(visiting, "awake", asleep)

    code, _, error = cli("pause team/shop --cluster")
    assert Code.ERROR == code
    assert "serinus controller" in error
    assert [] == server.names("Intent")


def test_a_wish_is_signed_with_the_name_that_the_cluster_knows(
    cli: Cli, server: FakeApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    abroad.answers(server, monkeypatch, "paused at 25 %.")

    async def caller(_: object) -> str:
        return "grace@example.com"

    monkeypatch.setattr(visiting, "caller", caller)
    cli("pause team/shop --cluster")
    cli("resume team/shop --cluster --actor ada")

    actors = {intent["spec"]["verb"]: intent["spec"]["actor"] for intent in server.all("Intent")}
    assert {"pause": "grace@example.com", "resume": "ada"} == actors
