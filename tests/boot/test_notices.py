from pathlib import Path

import pytest

from serinus.boot import home, notices
from serinus.boot.settings import Settings
from serinus.core.spec.topics import ALL, Topic
from tests.adapters import wire

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


def test_places_are_those_of_this_machines_environment(settings: Settings) -> None:
    write(settings, "local")

    assert {"on-call": frozenset({Topic.HOLD}), "chat": ALL} == notices.wishes(home.specs(settings))


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
