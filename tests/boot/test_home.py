import getpass
import os
from pathlib import Path

import pytest

from serinus.adapters.local.database import Database
from serinus.adapters.local.lock import Lock
from serinus.adapters.memory.store import Specs
from serinus.boot import home
from serinus.boot.settings import Settings
from serinus.ports import failures
from tests import builders
from tests.builders import SHOP


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    specs = Specs()
    specs.want("shop", builders.wanted())
    monkeypatch.setattr(home, "specs", lambda _: specs)
    return Settings(home=tmp_path / "home", specs=tmp_path / "delivery")


@pytest.mark.anyio
async def test_looking_where_nothing_was_started_leaves_no_trace(settings: Settings) -> None:
    async with home.store(settings) as store:
        assert (SHOP,) == await store.keys()
    await home.note_change(settings, "shop", "v2", "ada", "why")

    assert not settings.home.exists()
    assert home.controller(settings) is None


@pytest.mark.anyio
async def test_a_note_about_a_change_reaches_what_is_wanted(settings: Settings) -> None:
    Database.open(settings.database, create=True).close()
    await home.note_change(settings, "shop", "v2", "ada", "why")

    async with home.store(settings) as store:
        asked = await store.asked(SHOP)
    assert asked.wanted is not None
    assert ("ada", "why") == (asked.wanted.actor, asked.wanted.reason)


def test_a_damaged_database_is_set_aside_and_a_healthy_one_is_left_alone(
    settings: Settings,
) -> None:
    assert home.recover(settings) is None

    Database.open(settings.database, create=True).close()
    assert home.recover(settings) is None
    assert settings.database.exists()

    settings.database.write_bytes(b"not a database at all" * 100)
    aside = home.recover(settings)
    assert aside is not None
    assert b"not a database" in aside.read_bytes()
    assert not settings.database.exists()


def test_nothing_is_recovered_under_a_running_controller(settings: Settings) -> None:
    held = Lock.take(settings.lock)

    with pytest.raises(failures.Rejected, match="another controller"):
        home.recover(settings)
    held.release()


def test_the_metric_sources_are_those_of_the_environments_in_use(tmp_path: Path) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    (folder / "local.yaml").write_text(
        "apiVersion: serinus.dev/v1alpha1\nkind: Environment\nmetadata: {name: local}\n"
        "spec: {metrics: {prometheus: {url: 'http://127.0.0.1:9090'}}}\n"
    )
    found = home.metrics(Settings(home=tmp_path / "home", specs=folder))

    assert found.source("local", "prometheus") is found.source("local", "prometheus")
    with pytest.raises(failures.Rejected, match="no metric source 'other'; known: prometheus"):
        found.source("local", "other")


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)

    assert f"user {os.getuid()}" == home.owner()
