"""What the controller writes to Applications: a finalizer, and a status for people."""

from typing import Any

import msgspec
import pytest

from serinus.adapters.memory.store import Specs
from serinus.core.state.intent import Answer, Verb
from serinus.core.state.notice import Key, Kind
from serinus.core.state.release import Phase
from tests import builders
from tests.adapters.kubernetes import samples, stores
from tests.adapters.kubernetes.apiserver import FakeApiServer
from tests.adapters.kubernetes.shelf import Refused

pytestmark = pytest.mark.anyio

SHOP = Key("team/shop", "local")


def flying(**given: Any) -> Any:
    release = builders.release(1, application="team/shop", **given)
    return builders.status(SHOP, release=release, releases=1)


@pytest.fixture
def server() -> FakeApiServer:
    server = FakeApiServer()
    server.add(samples.application("shop"))
    return server


def app(server: FakeApiServer) -> dict[str, Any]:
    return server.find("Application", "shop", "team")


def specs(**given: Any) -> Specs:
    wanted = Specs()
    wanted.want("team/shop", builders.wanted(**given))
    return wanted


async def test_people_see_how_an_application_stands(server: FakeApiServer) -> None:
    async with stores.opened(server, specs()) as store:
        await store.record(flying(sentence="Step 3 of 4."))
    status = app(server)["status"]

    assert ("Rolling", "Step 3 of 4.", "shop-1") == (
        *(status["phase"], status["sentence"]),
        status["release"],
    )
    assert app(server)["metadata"]["generation"] == status["observedGeneration"]
    assert "25 %" == status["candidate"]["share"]


async def test_what_is_no_more_so_is_taken_away(server: FakeApiServer) -> None:
    async with stores.opened(server, specs()) as store:
        kept = await store.record(flying())
        ended = builders.ended(Phase.SUCCEEDED, 1, application="team/shop")
        await store.record(msgspec.structs.replace(kept, release=ended, stable=builders.NEW))

    assert "candidate" not in app(server)["status"]


async def test_the_status_follows_a_spec_that_changes_nothing(server: FakeApiServer) -> None:
    async with stores.opened(server, specs()) as store, stores.running(store):
        await store.record(flying())
        server.edit("Application", "shop", "team", {"spec": {"note": "hello"}})
        generation = app(server)["metadata"]["generation"]

        await stores.until(lambda: app(server)["status"]["observedGeneration"] == generation)


async def test_a_status_that_cannot_be_written_fails_no_turn(server: FakeApiServer) -> None:
    async with stores.opened(server, specs()) as store:
        first = await store.record(flying())
        server.fail("patch", "Application")
        later = msgspec.structs.replace(flying(sentence="Next."), version=first.version)
        kept = await store.record(later)

        assert 2 == kept.version
        assert "Next." != app(server)["status"]["sentence"]
        await store.record(kept)
    assert "Next." == app(server)["status"]["sentence"]


async def test_the_finalizer_is_on_before_the_first_release_is(server: FakeApiServer) -> None:
    async with stores.opened(server, specs()) as store:
        await store.record(flying())
    writes = [(verb, kind) for verb, kind, _ in server.requests if verb not in {"list", "watch"}]

    assert ["serinus.dev/release"] == app(server)["metadata"]["finalizers"]
    assert [("patch", "Application"), ("create", "Release")] == writes[:2]


async def test_finalizers_of_others_stay(server: FakeApiServer) -> None:
    server.edit("Application", "shop", "team", {"metadata": {"finalizers": ["other/one"]}})
    async with stores.opened(server, specs()) as store:
        await store.record(flying())

    assert ["other/one", "serinus.dev/release"] == app(server)["metadata"]["finalizers"]


async def test_a_deleted_application_is_a_wish_to_delete_and_is_let_go_in_the_end(
    server: FakeApiServer,
) -> None:
    async with stores.opened(server, specs()) as store:
        kept = await store.record(flying())
        store.changed()
        server.remove("Application", "shop", "team")
        await stores.until(store.changed)
        (wish,) = await store.intents(SHOP)

        assert (Verb.DELETE, "somebody") == (wish.verb, wish.actor)
        assert (await store.asked(SHOP)).wanted is None
        answer = Answer(wish.id, done=True, sentence="its replicas stop.")
        await store.record(msgspec.structs.replace(kept, deleted=True), answers=[answer])
        assert () == await store.intents(SHOP)
        assert "Deleting" == app(server)["status"]["phase"]
        await store.forget(SHOP)

    assert [] == server.names("Application")
    assert ["shop-1"] == server.names("Release")


async def test_an_application_that_is_gone_already_is_a_wish_to_delete(
    server: FakeApiServer,
) -> None:
    async with stores.opened(server, specs()) as store:
        await store.record(flying())
        server.edit("Application", "shop", "team", {"metadata": {"finalizers": None}})
        server.remove("Application", "shop", "team")
        await stores.breath()
        await stores.breath()

        assert [Verb.DELETE] == [wish.verb for wish in await store.intents(SHOP)]


async def test_a_namespace_that_goes_with_all_its_objects_is_let_go(
    server: FakeApiServer,
) -> None:
    async with stores.opened(server, specs()) as store:
        kept = await store.record(flying())
        server.remove("Application", "shop", "team")
        server.remove("Release", "shop-1", "team")
        server.admit = _terminating
        await stores.breath()
        await stores.breath()
        (wish,) = await store.intents(SHOP)
        answer = Answer(wish.id, done=True, sentence="its replicas stop.")
        gone = await store.record(msgspec.structs.replace(kept, deleted=True), answers=[answer])
        assert gone == await store.status(SHOP)
        await store.forget(SHOP)

    assert [] == server.names("Application")


def _terminating(verb: str, obj: dict[str, Any]) -> None:
    if verb == "create":
        message = f"{obj['metadata']['name']} is forbidden: the namespace is being terminated"
        raise Refused(403, "Forbidden", message)


async def test_one_that_was_never_released_is_let_go_too(server: FakeApiServer) -> None:
    finalizers = {"metadata": {"finalizers": ["serinus.dev/release"]}}
    server.edit("Application", "shop", "team", finalizers)
    server.remove("Application", "shop", "team")
    async with stores.opened(server, Specs()) as store:
        assert (SHOP,) == await store.keys()
        (wish,) = await store.intents(SHOP)
        assert Verb.DELETE is wish.verb
        gone = builders.status(SHOP, release=None, stable=None, deleted=True)
        await store.record(gone, answers=[Answer(wish.id, done=True, sentence="it stops.")])
        await store.forget(SHOP)

    assert [] == server.names("Application")


async def test_one_that_is_to_be_left_is_let_go_and_stays(server: FakeApiServer) -> None:
    async with stores.opened(server, Specs()) as store:
        kept = await store.record(flying())
        leave = {"metadata": {"annotations": {"serinus.dev/leave": "yes"}}}
        server.edit("Application", "shop", "team", leave)
        await stores.breath()
        (wish,) = await store.intents(SHOP)
        answer = Answer(wish.id, done=True, sentence="its replicas stop.")
        await store.record(msgspec.structs.replace(kept, deleted=True), answers=[answer])
        await store.forget(SHOP)
        assert () == await store.intents(SHOP)
        async with stores.running(store):
            await stores.until(lambda: app(server)["status"]["phase"] == "Left")

    assert "serinus.dev/release" not in app(server)["metadata"].get("finalizers", [])


async def test_whoever_describes_an_application_reads_what_happened(
    server: FakeApiServer,
) -> None:
    async with stores.opened(server, specs()) as store, stores.running(store):
        alarm = builders.event("Taken back to 0 %.", kind=Kind.RETREAT, reason="Alarm", release=1)
        await store.record(flying(), events=[builders.event("Step 1.", release=1), alarm])
        await stores.until(lambda: len(server.names("Event")) == 2)
    told = {event["message"]: event for event in server.all("Event", "team")}

    assert ("Warning", "Alarm", "shop") == (
        *(told["Taken back to 0 %."][name] for name in ("type", "reason")),
        told["Taken back to 0 %."]["involvedObject"]["name"],
    )
    assert "Normal" == told["Step 1."]["type"]
