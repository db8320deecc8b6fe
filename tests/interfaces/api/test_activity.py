import pytest

from serinus.adapters.memory.store import Store
from serinus.core.state.notice import Event, Key, Kind
from tests import builders
from tests.interfaces import offices

pytestmark = pytest.mark.anyio


async def test_what_happened_is_listed_from_where_one_was() -> None:
    store = Store()
    events = [
        Event(builders.at(n), "shop", "local", Kind.STEP, "Step", f"step {n}", release=7)
        for n in range(3)
    ]
    await store.record(builders.status(), events=events)
    async with offices.program(offices.app(offices.office(store))) as visitor:
        first = (await visitor.get("/api/v1/events?limit=2")).json()
        rest = (await visitor.get(f"/api/v1/events?after={first['newest']}")).json()
        none = (await visitor.get(f"/api/v1/events?after={rest['newest']}")).json()

    assert ["step 0", "step 1"] == [one["sentence"] for one in first["items"]]
    assert ["step 2"] == [one["sentence"] for one in rest["items"]]
    assert ([], rest["newest"]) == (none["items"], none["newest"])


async def test_what_happened_to_one_application_or_in_one_release_is_listed_alone() -> None:
    store = Store()
    key, shop = Key("team/shop", "local"), builders.status()
    for number, status in ((7, shop), (8, builders.status(key))):
        one = Event(builders.at(1), *_named(status.key), Kind.STEP, "Step", "x", release=number)
        await store.record(status, events=[one])
    asked = "/api/v1/events?environment=local&application="
    async with offices.program(offices.app(offices.office(store))) as visitor:
        team = (await visitor.get(f"{asked}team/shop")).json()
        other = (await visitor.get(f"{asked}shop&release=6")).json()
        wrong = await visitor.get("/api/v1/events?application=shop")

    assert ["team/shop"] == [one["application"] for one in team["items"]]
    assert [] == other["items"]
    assert (400, True) == (wrong.status_code, "named together" in wrong.json()["detail"])


def _named(key: Key) -> tuple[str, str]:
    return key.application, key.environment


async def test_deeds_are_listed_newest_first_and_found() -> None:
    store = Store()
    said = ["bob: pause (lunch) – done: paused at 25 %.", "ada: rollback – refused: it has ended."]
    events = [
        Event(builders.at(n), "shop", "local", Kind.INTENT, "Done", sentence, release=7)
        for n, sentence in enumerate(said)
    ]
    await store.record(builders.status(), events=events)
    async with offices.program(offices.app(offices.office(store))) as visitor:
        every = (await visitor.get("/api/v1/activity")).json()
        first = (await visitor.get("/api/v1/activity?limit=1")).json()
        older = (await visitor.get(f"/api/v1/activity?before={first['older']}")).json()
        found = (await visitor.get("/api/v1/activity?q=who:bob")).json()

    assert ["ada", "bob"] == [one["who"] for one in every["deeds"]]
    assert every["deeds"] == first["deeds"] + older["deeds"]
    assert ["lunch"] == [one["reason"] for one in found["deeds"]]


async def test_a_place_says_what_it_is_and_who_asks() -> None:
    place = offices.office(alive=lambda: False)
    async with offices.program(offices.app(place)) as visitor:
        found = (await visitor.get("/api/v1/about")).json()

    assert ("this machine", False, "serinus up") == (found["where"], found["alive"], found["wake"])
    assert ("ada", "local") == (found["person"], found["mode"])
    assert "operate" in found["rights"]
