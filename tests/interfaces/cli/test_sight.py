from pathlib import Path

import pytest

from serinus.boot import home
from serinus.boot.settings import Server, Settings
from serinus.interfaces.cli import sight
from serinus.interfaces.cli.remote import Remote
from serinus.interfaces.cli.sight import Here
from tests.builders import SHOP
from tests.interfaces.cli import test_remote

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", specs=tmp_path / "delivery")


async def test_a_dashboard_shows_what_its_store_shows(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_: Settings, __: str) -> dict[str, str]:
        return {}

    monkeypatch.setattr(home, "counted", nothing)
    store = await test_remote.world()
    here = Here(settings, store)
    async with test_remote.far(store) as far:
        assert await here.known(SHOP) == await far.known(SHOP)
        assert await here.rows() == await far.rows()
        assert await here.rows("shop") == await far.rows("shop")
        assert await here.release(SHOP) == await far.release(SHOP)
        assert await here.release(SHOP, 7, explained=True) == await far.release(
            SHOP, 7, explained=True
        )
        assert await here.history(None, 20) == await far.history(None, 20)
        assert await here.history(SHOP, 20) == await far.history(SHOP, 20)
        assert await here.diff(SHOP, None, None) == await far.diff(SHOP, None, None)


async def test_what_the_settings_name_is_opened(settings: Settings) -> None:
    async with sight.of(settings) as seen:
        assert isinstance(seen, Here)
        assert "serinus up" == await seen.asleep()
    named = Settings(settings.home, settings.specs, server=Server("http://127.0.0.1:1", "x"))
    async with sight.of(named) as seen:
        assert isinstance(seen, Remote)
