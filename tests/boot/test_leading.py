import pytest

from serinus.adapters.kubernetes.client import Client
from serinus.adapters.kubernetes.lease import Lease
from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.platform import Behaviour
from serinus.app.loop import Loop
from serinus.boot import leading
from serinus.boot.leading import Standing
from serinus.boot.simulation import Film
from tests import builders
from tests.adapters.kubernetes.apiserver import FakeApiServer


@pytest.fixture
def held() -> Lease:
    client = Client.connect(transport=FakeApiServer())
    return Lease(client, Clock(), "serinus-system", leading.NAME, identity="one")


@pytest.fixture
def standing(held: Lease) -> Standing:
    return Standing(held, dict)


def loop() -> Loop:
    return Loop(Film(lambda _: Behaviour(), builders.delivery()).ports)


def test_a_loop_that_comes_round_is_alive(standing: Standing) -> None:
    standing.beat(["Rolling"])

    assert (True, "the loop comes round") == standing.alive()
    assert b'serinus_applications{phase="Rolling"} 1.0' in standing.vitals.text()


def test_a_loop_that_stands_still_is_not_alive(
    standing: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing.beat(())
    monkeypatch.setattr(leading, "STILL_S", -1.0)

    alive, sentence = standing.alive()
    assert not alive
    assert sentence.startswith("the loop stands still for")


def test_one_that_stands_by_is_ready_and_names_who_works(standing: Standing, held: Lease) -> None:
    assert (True, "stands by") == standing.ready()

    held.holder = "two"
    assert (True, "stands by; two works") == standing.ready()


def test_one_that_cannot_ask_is_not_ready(standing: Standing, held: Lease) -> None:
    held.problem = "nobody answers"

    assert (False, "the API server cannot be asked: nobody answers") == standing.ready()


def test_one_that_works_says_so_and_counts_its_turns(standing: Standing) -> None:
    running = loop()
    running.turns.count("ok", 1.0)
    standing.began(running)

    assert (True, "one works") == standing.ready()
    assert b"serinus_leading 1.0" in standing.vitals.text()
    assert b'serinus_turns_total{outcome="ok"} 1.0' in standing.vitals.text()

    standing.began(None)
    assert b"serinus_leading 0.0" in standing.vitals.text()
