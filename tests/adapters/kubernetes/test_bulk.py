"""Bulk beside the API server: it may fail, and it may come late."""

from typing import Any

import pytest

from serinus.adapters.memory.store import Specs
from serinus.adapters.memory.store import Store as MemoryStore
from serinus.core.state.observed import Status
from serinus.ports import failures
from tests import builders
from tests.adapters.kubernetes import stores
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.builders import SHOP

pytestmark = pytest.mark.anyio


class Full(MemoryStore):
    """A disk that is full until it is ``full`` no more."""

    full = True

    async def record(self, status: Status, **given: Any) -> Status:
        if self.full:
            raise failures.Unavailable("the disk is full")
        return await super().record(status, **given)

    async def put_ticks(self, *given: Any) -> None:
        if self.full:
            raise failures.Unavailable("the disk is full")
        await super().put_ticks(*given)


def said(events: tuple[Any, ...]) -> list[str]:
    return [event.sentence for event in events]


async def test_a_full_disk_holds_up_no_release_and_misses_no_event() -> None:
    specs = Specs()
    inner = Full(specs)
    async with stores.opened(FakeApiServer(), specs, inner=inner) as store:
        status = await store.record(builders.status(), events=[builders.event("one")])
        await store.put_ticks(SHOP, 7, [builders.tick(5)])
        status = await store.record(status, events=[builders.event("two")])
        assert ["one", "two"] == said(await store.events(key=SHOP))

        inner.full = False
        await store.record(status, events=[builders.event("three")])

    assert ["one", "two", "three"] == said(await inner.events())


async def test_a_new_controller_reads_what_happened_before_its_time() -> None:
    server, specs = FakeApiServer(), Specs()
    async with stores.opened(server, specs) as before:
        status = await before.record(
            builders.status(), events=[builders.event("one"), builders.event("two")]
        )
    async with stores.opened(server, specs) as store:
        await store.record(status, events=[builders.event("three")])
        found = await store.events(key=SHOP, release=7)

        assert ["one", "two", "three"] == said(found)
        assert sorted({event.sequence for event in found}) == [e.sequence for e in found]
        assert ["three"] == said(await store.events())
        assert () == await store.events(after=found[-1].sequence, key=SHOP)


async def test_what_was_written_just_before_a_death_is_told_by_the_next_controller() -> None:
    server, specs = FakeApiServer(), Specs()
    disk = MemoryStore(specs)
    async with stores.opened(server, specs, inner=disk) as first:
        status = await first.record(builders.status(), events=[builders.event("one")])
    async with stores.opened(server, specs) as dying:
        status = await dying.record(status, events=[builders.event("two")])
    async with stores.opened(server, specs, inner=disk) as store:
        await store.record(status, events=[builders.event("three")])

    assert ["one", "two", "three"] == said(await disk.events())
