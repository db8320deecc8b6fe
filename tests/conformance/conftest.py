"""The stores that keep one contract: one in memory, one on disk, one in a cluster."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from serinus.adapters.local.database import Database
from serinus.adapters.local.store import Store as LocalStore
from serinus.adapters.memory.store import Specs
from serinus.adapters.memory.store import Store as MemoryStore
from serinus.ports.store import Store
from tests.adapters.kubernetes import stores
from tests.adapters.kubernetes.apiserver import FakeApiServer


@pytest.fixture
def specs() -> Specs:
    return Specs()


@pytest.fixture(params=["memory", "local", "kubernetes"])
async def store(
    request: pytest.FixtureRequest, specs: Specs, tmp_path: Path
) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore(specs)
        return
    if request.param == "kubernetes":
        async with stores.opened(FakeApiServer(), specs) as opened:
            yield opened
        return
    local = LocalStore(specs, Database.open(tmp_path / "state.db", create=True))
    yield local
    await local.close()
