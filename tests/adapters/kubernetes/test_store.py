"""The store of a cluster, where it is more than its contract: what is left when a disk is lost."""

import msgspec
import pytest

from serinus.adapters.memory.store import Specs
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.ports.store import Snapshot
from tests import builders
from tests.adapters.kubernetes import stores
from tests.adapters.kubernetes.apiserver import FakeApiServer

pytestmark = pytest.mark.anyio

SHOP = Key("team/shop", "local")
ENDED = builders.ended(Phase.SUCCEEDED, 6, application="team/shop")
FLYING = builders.release(7, application="team/shop")


async def test_a_controller_with_an_empty_disk_goes_on_where_the_last_one_was() -> None:
    server, specs = FakeApiServer(), Specs()
    async with stores.opened(server, specs) as before:
        first = await before.record(builders.status(SHOP, release=ENDED))
        kept = await before.record(
            builders.status(SHOP, release=FLYING, version=first.version),
            events=[builders.event()],
            revisions=[builders.revision()],
            judge=b"evidence",
        )
    async with stores.opened(server, specs) as store:
        assert (SHOP,) == await store.keys()
        assert kept == await store.status(SHOP)
        assert b"evidence" == await store.judge(SHOP)
        assert builders.revision() == await store.revision(builders.NEW)
        assert (FLYING, ENDED) == await store.releases(SHOP)
        assert (FLYING, ENDED) == await store.releases()
        assert ENDED == await store.release(SHOP, 6)
        assert kept.version + 1 == (await store.record(kept)).version


async def test_a_revision_is_known_as_soon_as_it_is_asked_for() -> None:
    specs = Specs()
    specs.want("team/shop", builders.wanted())
    async with stores.opened(FakeApiServer(), specs) as store:
        await store.asked(SHOP)

        assert builders.revision() == await store.revision(builders.NEW)


async def test_numbers_go_on_where_the_disk_remembers_more_than_the_cluster() -> None:
    server, specs = FakeApiServer(), Specs()
    async with stores.opened(server, specs) as store:
        await store.record(builders.status(SHOP, release=FLYING))
        await store.forget(SHOP)
        server.remove("Release", "shop-7", "team")
        await stores.breath()
        status = await store.status(SHOP)

        assert status is not None
        assert (7, 0) == (status.releases, status.version)


async def test_an_application_whose_environment_is_renamed_stays_the_same() -> None:
    server, specs = FakeApiServer(), Specs()
    async with stores.opened(server, specs) as store:
        kept = await store.record(builders.status(SHOP, release=FLYING))
        renamed = Key("team/shop", "prod")
        found = await store.status(renamed)

        assert found is not None
        assert (renamed, kept.version, 7) == (found.key, found.version, found.releases)
        await store.record(msgspec.structs.replace(found, host="new.localhost"))
        assert (SHOP,) == await store.keys()


async def test_what_was_seen_is_kept_for_people_with_the_next_decision() -> None:
    server, specs = FakeApiServer(), Specs()
    async with stores.opened(server, specs) as before:
        kept = await before.record(builders.status(SHOP, release=FLYING))
        await before.put_reading(
            SHOP,
            builders.reading(bad=3),
            [builders.replica()],
            builders.route(),
            at=builders.at(4),
            release=7,
        )
        await before.record(kept)
    async with stores.opened(server, specs) as store:
        seen = await store.snapshot(SHOP)

        assert Snapshot(builders.at(4), builders.reading(bad=3), (), builders.route()) == seen
        assert builders.reading(bad=3) == await store.reading(SHOP, 7)


async def test_what_was_seen_and_cannot_be_read_harms_nothing() -> None:
    server, specs = FakeApiServer(), Specs()
    async with stores.opened(server, specs) as before:
        await before.record(builders.status(SHOP, release=FLYING))
    server.edit("Release", "shop-7", "team", {"status": {"state": {"seen": {"at": "noon"}}}})
    async with stores.opened(server, specs) as store:
        assert await store.status(SHOP) is not None
        assert await store.snapshot(SHOP) is None
