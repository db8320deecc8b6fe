"""Writing releases: in two steps, against others, and against those who delete objects."""

from typing import Any

import msgspec
import pytest

from serinus.adapters.kubernetes.store import Store
from serinus.adapters.memory.store import Specs
from serinus.core.state.notice import Key
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase
from serinus.ports import failures
from tests import builders
from tests.adapters.kubernetes import samples, stores
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.shelf import Refused

pytestmark = pytest.mark.anyio

SHOP = Key("team/shop", "local")


def status(number: int = 1, **given: Any) -> Status:
    release = builders.release(
        number, **{"application": "team/shop", "created_at": builders.at(number), **given}
    )
    return builders.status(SHOP, release=release, releases=number)


def after(before: Status, **given: Any) -> Status:
    return msgspec.structs.replace(before, **given)


async def test_the_object_of_a_release_says_whose_it_is() -> None:
    server = FakeApiServer()
    server.add(samples.application("shop"))
    async with stores.opened(server, Specs()) as store:
        await store.record(status())
    release = server.find("Release", "shop-1", "team")
    app = server.find("Application", "shop", "team")

    assert ("shop", "local", 1) == tuple(
        release["spec"][name] for name in ("application", "environment", "number")
    )
    assert "shop" == release["metadata"]["labels"]["serinus.dev/application"]
    assert (
        app["metadata"]["uid"] == release["metadata"]["annotations"]["serinus.dev/application-uid"]
    )


async def test_at_rest_nothing_is_written() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        await store.record(status())
        before = list(server.requests)
        for _ in range(10):
            assert (SHOP,) == await store.keys()
            assert await store.status(SHOP) is not None
            assert () == await store.intents(SHOP)
            await store.asked(SHOP)
            store.changed()

    assert before == server.requests


async def test_one_decision_is_one_write() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        first = await store.record(status())
        before = len(server.requests)
        await store.record(first, judge=b"more")

    assert [("replace", "Release", "team/shop-1")] == server.requests[before:]


async def test_of_two_controllers_the_slower_one_is_told_and_reads_again() -> None:
    server, specs = FakeApiServer(), Specs()
    async with stores.opened(server, specs) as one, stores.opened(server, specs) as other:
        first = await one.record(status())
        await other.record(await _seen(other, 1))
        with pytest.raises(failures.Conflict):
            await one.record(first)
        again = await one.status(SHOP)

        assert again is not None
        assert 2 == again.version
        assert 3 == (await one.record(again)).version


async def test_a_label_that_somebody_puts_on_a_release_disturbs_nothing() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        first = await store.record(status())
        server.edit("Release", "shop-1", "team", {"metadata": {"labels": {"seen": "yes"}}})
        await store.record(first)

    assert "yes" == server.find("Release", "shop-1", "team")["metadata"]["labels"]["seen"]


async def test_a_release_that_never_began_is_replaced() -> None:
    server, specs = FakeApiServer(), Specs()
    server.fail("replace", "Release")
    async with stores.opened(server, specs) as dying:
        with pytest.raises(failures.Unavailable):
            await dying.record(status(version="v2"))
    async with stores.opened(server, specs) as store:
        assert await store.status(SHOP) is None
        assert await store.release(SHOP, 1) is None
        await store.record(status(version="v3"))

    assert "v3" == server.find("Release", "shop-1", "team")["spec"]["version"]


async def test_a_lost_answer_of_the_api_server_is_found_out() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        first = await store.record(status())
        server.fail("replace", "Release", status=0, done=True)
        with pytest.raises(failures.Unavailable):
            await store.record(
                after(first, host="new.localhost"), events=[builders.event("new", release=1)]
            )
        found = await _seen(store, 2)

        assert "new.localhost" == found.host
        await store.record(found)
        assert ["new"] == [event.sentence for event in await store.events(key=SHOP)]


async def test_when_a_release_begins_the_one_before_it_is_history() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        first = await store.record(status(1), judge=b"evidence")
        await store.record(after(status(2, version="v3"), version=first.version))
        old = server.find("Release", "shop-1", "team")["status"]
        before = await store.release(SHOP, 1)

        assert ("Superseded", "") == (old["result"], old.get("judge", ""))
        assert "status" not in old["state"]
        assert before is not None
        assert Phase.SUPERSEDED is before.progress.phase


async def test_the_one_before_is_history_also_when_that_could_not_be_written() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        first = await store.record(status(1))
        server.admit = _closing_is_refused
        kept = await store.record(after(status(2, version="v3"), version=first.version))
        before = await store.release(SHOP, 1)

        assert 2 == kept.version
        assert before is not None
        assert Phase.SUPERSEDED is before.progress.phase


async def test_the_newest_ten_ended_releases_are_kept() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        version = 0
        for number in range(1, 14):
            one = status(number, phase=Phase.SUCCEEDED, ended_at=builders.at(number, 30))
            version = (await store.record(after(one, version=version))).version
        found = await store.releases(SHOP)

    assert {f"shop-{number}" for number in range(3, 14)} == set(server.names("Release"))
    assert list(range(13, 0, -1)) == [release.number for release in found]


async def test_a_release_that_somebody_deletes_is_written_anew() -> None:
    server = FakeApiServer()
    server.add(samples.application("shop"))
    async with stores.opened(server, Specs()) as store, stores.running(store):
        first = await store.record(
            status(), events=[builders.event("one", release=1)], judge=b"evidence"
        )
        server.remove("Release", "shop-1", "team")
        await stores.until(lambda: server.names("Release") == ["shop-1"])
        found = await _seen(store, 2)

        assert after(first, version=2) == found
        assert b"evidence" == await store.judge(SHOP)
    async with stores.opened(server, Specs()) as later:
        assert ["one"] == [event.sentence for event in await later.events(key=SHOP)]


async def test_what_cannot_be_read_stops_one_application_alone() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        await store.record(status())
        other = builders.release(1, application="team/other")
        await store.record(builders.status(Key("team/other", "local"), release=other))
    server.edit("Release", "shop-1", "team", {"status": {"state": {"progress": {"phase": "?"}}}})
    async with stores.opened(server, Specs()) as store:
        assert ["team/other", "team/shop"] == [key.application for key in await store.keys()]
        with pytest.raises(failures.Rejected, match="Release team/shop-1 cannot be read"):
            await store.status(SHOP)
        assert await store.status(Key("team/other", "local")) is not None


async def test_releases_of_a_forgotten_application_go_after_a_month() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        await store.record(status(phase=Phase.SUCCEEDED, ended_at=builders.at(9)))
        await store.forget(SHOP)
        await store.prune(builders.at(minutes=60 * 24 * 29))
        assert ["shop-1"] == server.names("Release")
        await store.prune(builders.at(minutes=60 * 24 * 31))
        assert [] == server.names("Release")


async def _seen(store: Store, version: int) -> Status:
    """Return the status once the watch has told of a version."""
    for _ in range(200):
        found = await store.status(SHOP)
        if found is not None and found.version == version:
            return found
        await stores.breath()
    raise AssertionError(f"version {version} was never seen")


def _closing_is_refused(verb: str, obj: dict[str, Any]) -> None:
    if verb == "replace" and obj["metadata"]["name"] == "shop-1":
        raise Refused(403, "Forbidden", "not this one")
