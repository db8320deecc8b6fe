"""The stores that keep one contract: one in memory, one on disk."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from serinus.adapters.local.database import Database
from serinus.adapters.local.store import Store as LocalStore
from serinus.adapters.memory.store import Specs
from serinus.adapters.memory.store import Store as MemoryStore
from serinus.ports.store import Store


@pytest.fixture
def specs() -> Specs:
    return Specs()


@pytest.fixture(params=["memory", "local"])
async def store(
    request: pytest.FixtureRequest, specs: Specs, tmp_path: Path
) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore(specs)
        return
    local = LocalStore(specs, Database.open(tmp_path / "state.db", create=True))
    yield local
    await local.close()
