"""Intents as objects: left by anybody, answered once."""

from typing import Any

import pytest

from serinus.adapters.kubernetes import wishes
from serinus.adapters.memory.store import Specs
from serinus.core.state.intent import Answer, Verb
from serinus.core.state.notice import Key
from tests import builders
from tests.adapters.kubernetes import stores
from tests.adapters.kubernetes.apiserver import FakeApiServer

pytestmark = pytest.mark.anyio

SHOP = Key("team/shop", "local")
ANSWER = Answer("wish", done=True, sentence="paused at 5 %.")


def intent(name: str = "wish", **given: Any) -> dict[str, Any]:
    spec = {"application": "shop", "verb": "pause", "actor": "ada", **given}
    meta = {"name": name, "namespace": "team"}
    return {"apiVersion": "serinus.dev/v1alpha1", "kind": "Intent", "metadata": meta, "spec": spec}


def flying(**given: Any) -> Any:
    release = builders.release(1, application="team/shop")
    return builders.status(SHOP, release=release, **given)


async def test_a_wish_of_somebody_with_kubectl_is_heard_once() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        store.changed()
        server.add(intent(reason="lunch", expectRelease=7))
        await stores.until(store.changed)
        (found,) = await store.intents(SHOP)

        assert ("wish", "team/shop", Verb.PAUSE, "ada", "lunch", 7) == (
            *(found.id, found.application, found.verb, found.actor),
            *(found.reason, found.expect_release),
        )
        assert not store.changed()
        assert () == await store.intents(Key("other/shop", "local"))


async def test_an_answer_stands_on_the_intent() -> None:
    server = FakeApiServer()
    async with stores.opened(server, Specs()) as store:
        server.add(intent())
        await stores.until(store.changed)
        await store.record(flying(), answers=[ANSWER])

        assert ANSWER == await store.answer("wish")
        assert () == await store.intents(SHOP)
    status = server.find("Intent", "wish", "team")["status"]
    assert (True, "paused at 5 %.") == (status["done"], status["sentence"])


async def test_an_answer_that_could_not_be_written_is_not_given_twice() -> None:
    server, specs = FakeApiServer(), Specs()
    server.add(intent())
    server.fail("patch", "Intent")
    async with stores.opened(server, specs) as store:
        kept = await store.record(flying(), answers=[ANSWER])
        assert () == await store.intents(SHOP)
    async with stores.opened(server, specs) as later:
        assert () == await later.intents(SHOP)
        await later.record(kept)
        assert ANSWER == await later.answer("wish")


async def test_an_answer_before_the_first_release_is_given_as_well() -> None:
    server = FakeApiServer()
    server.add(intent())
    async with stores.opened(server, Specs()) as store:
        await store.record(
            builders.status(SHOP, release=None, stable=None),
            answers=[Answer("wish", done=False, sentence="it has had no release yet.")],
        )

        assert () == await store.intents(SHOP)
    assert server.find("Intent", "wish", "team")["status"]["done"] is False


async def test_a_wish_that_cannot_be_read_is_left_out() -> None:
    server = FakeApiServer()
    server.add(intent("bad", verb="dance"), intent("good"))
    async with stores.opened(server, Specs()) as store:
        assert ["good"] == [one.id for one in await store.intents(SHOP)]


async def test_a_wish_that_is_left_here_reads_back_as_it_was() -> None:
    server = FakeApiServer()
    wish = builders.intent("a", application="team/shop", expect_step=2)
    async with stores.opened(server, Specs()) as store:
        await store.ask(wish)
        assert (wish,) == await store.intents(SHOP)

    assert "shop" == server.find("Intent", "a", "team")["spec"]["application"]


async def test_a_time_without_a_zone_is_not_believed() -> None:
    server = FakeApiServer()
    odd = intent()
    odd["metadata"]["annotations"] = {"serinus.dev/at": "2026-01-01T00:00:00"}
    server.add(odd, intent("other"))
    async with stores.opened(server, Specs()) as store:
        assert 2 == len(await store.intents(SHOP))


def test_who_deletes_is_who_signed_that_and_not_who_changed_it_last() -> None:
    notes = {"serinus.dev/actor": "ada", "serinus.dev/reason": "sold"}
    signed = {"annotations": {**notes, "serinus.dev/generation": "5"}}
    for given, expected in (
        ({"generation": 5, **signed}, ("ada", "sold")),
        ({"generation": 6, **signed}, (wishes.SOMEBODY, "")),
        ({"generation": 6, "annotations": notes}, ("ada", "sold")),
    ):
        found = wishes.farewell({"metadata": given}, "uid", SHOP, builders.at(0))

        assert (*expected, Verb.DELETE) == (found.actor, found.reason, found.verb)
    assert wishes.SOMEBODY == wishes.farewell(None, "uid", SHOP, builders.at(0)).actor
