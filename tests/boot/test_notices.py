import dataclasses
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from serinus.adapters.memory.platform import Behaviour
from serinus.app.turns import Turns
from serinus.boot import home, notices
from serinus.boot.settings import Settings
from serinus.boot.simulation import Film
from serinus.core.spec.application import Environment
from serinus.core.spec.topics import ALL, Topic
from tests import builders
from tests.adapters import wire
from tests.app.test_loop_rest import Clock

ENVIRONMENT = """
apiVersion: serinus.dev/v1alpha1
kind: Environment
metadata: {name: NAME}
spec:
  notify:
  - {to: on-call, on: [hold]}
  - {to: chat}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "delivery").mkdir()
    return Settings(home=tmp_path / "home", specs=tmp_path / "delivery")


def write(settings: Settings, name: str, text: str = ENVIRONMENT) -> None:
    (settings.specs / "environment.yaml").write_text(text.replace("NAME", name))


def environment(name: str, *places: dict[str, Any]) -> Environment:
    document = {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "Environment",
        "metadata": {"name": name},
        "spec": {"notify": places},
    }
    return msgspec.convert(document, Environment)


def test_places_are_those_of_this_machines_environment(settings: Settings) -> None:
    write(settings, "local")

    assert {
        "on-call": {"local": frozenset({Topic.HOLD})},
        "chat": {"local": ALL},
    } == notices.wishes(home.specs(settings))


def test_another_environment_and_none_tell_nobody(settings: Settings) -> None:
    before = notices.wishes(home.specs(settings))
    write(settings, "prod")

    assert ({}, {}) == (before, notices.wishes(home.specs(settings)))


def test_a_change_of_the_file_counts_once_it_was_looked_at(settings: Settings) -> None:
    specs = home.specs(settings)
    before = notices.wishes(specs)
    write(settings, "local")
    specs.changed()

    assert ([], ["on-call", "chat"]) == (list(before), list(notices.wishes(specs)))


def test_a_place_may_be_told_of_several_environments() -> None:
    prod = environment("prod", {"to": "chat", "on": ["rollback"]})
    lab = environment("lab", {"to": "chat"})

    assert {"chat": {"prod": frozenset({Topic.ROLLBACK}), "lab": ALL}} == notices.wanted(
        {"prod": prod, "lab": lab}
    )


async def test_events_are_shown_from_now_on_once_a_turn_was_made() -> None:
    film, clock = Film(lambda _: Behaviour(), builders.delivery()), Clock()
    ports, turns = dataclasses.replace(film.ports, clock=clock), Turns()
    shown: list[str] = []
    before = await ports.store.record(builders.status(), events=[builders.event("Before.")])
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(notices.show, ports, turns, lambda event: shown.append(event.sentence))
        await clock.run(1.0)
        await ports.store.record(before, events=[builders.event("Now.")])
        await clock.run(1.0)
        early = list(shown)
        turns.count("ok", 0.1)
        await clock.run(1.0)
        tasks.cancel_scope.cancel()

    assert ([], ["Now."]) == (early, shown)


@pytest.mark.timeout(60)  # a process is started for the message
async def test_a_trial_reaches_the_place_that_a_secret_names(settings: Settings) -> None:
    async with wire.serving(wire.answers()) as server:
        secret = settings.home / "secrets" / "chat"
        secret.parent.mkdir(parents=True)
        secret.touch(0o600)
        secret.write_text(f"json://127.0.0.1:{server.port}/\n")
        found = await notices.trial(settings, "chat")

    assert notices.Tried("chat") == found
    assert b"This is a test" in server.received[0].body


async def test_a_trial_that_fails_says_what_to_do(settings: Settings) -> None:
    found = await notices.trial(settings, "chat")

    assert "there is no secret 'chat'" == found.problem
    assert "umask 077" in found.hint
