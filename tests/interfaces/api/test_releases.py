from typing import Any

import pytest

from serinus.adapters.memory.store import Store
from serinus.app.office import Line
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.notice import Event, Kind
from tests import builders
from tests.builders import NEW, OLD, SHOP
from tests.interfaces import offices
from tests.interfaces.offices import Shelf

pytestmark = pytest.mark.anyio

ONE = "/api/v1/releases/local/shop/7"


async def world() -> Store:
    store = Store()
    events = [
        Event(builders.at(n), "shop", "local", Kind.STEP, "Step", f"step {n}", release=7)
        for n in range(3)
    ]
    old, new = builders.revision(OLD), builders.revision(NEW)
    await store.record(builders.status(), events=events, revisions=(old, new))
    return store


async def get(store: Store, *paths: str, **logs: tuple[Line, ...]) -> list[Any]:
    place = offices.office(store, logs=Shelf(logs))
    async with offices.program(offices.app(place)) as visitor:
        found = [await visitor.get(path) for path in paths]
    return [one.json() for one in found]


async def test_a_release_is_shown_whole_by_its_number_or_as_the_last_one() -> None:
    by_number, last, explained = await get(
        await world(), ONE, "/api/v1/releases/local/shop/latest", f"{ONE}?explain=1"
    )

    assert by_number == last
    assert (7, "v2", "Rolling", 3) == tuple(
        by_number[name] for name in ("number", "version", "state", "step")
    )
    assert by_number["why"] is None
    assert explained["why"] is not None


async def test_who_has_a_release_gets_it_again_only_when_it_has_changed() -> None:
    store = await world()
    async with offices.program(offices.app(offices.office(store))) as visitor:
        first = await visitor.get(ONE)
        known = {"if-none-match": first.headers["etag"]}
        again = await visitor.get(ONE, headers=known)
        status = await store.status(SHOP)
        assert status is not None
        news = Event(builders.at(9), "shop", "local", Kind.STEP, "Step", "more", release=7)
        await store.record(status, events=[news])
        changed = await visitor.get(ONE, headers=known)

    assert [200, 304, 200] == [one.status_code for one in (first, again, changed)]


async def test_releases_are_listed_and_found() -> None:
    everything, none, here, elsewhere = await get(
        await world(),
        "/api/v1/releases",
        "/api/v1/releases?q=nothing+like+it",
        "/api/v1/releases?q=SHOP&application=shop&environment=local",
        "/api/v1/releases?environment=prod",
    )

    assert [7] == [one["number"] for one in everything["items"]]
    assert everything["items"] == here["items"]
    assert [0, 0, None] == [none["found"], elsewhere["found"], none["cursor"]]


async def test_decisions_come_in_pages() -> None:
    (first,) = await get(await world(), f"{ONE}/decisions?limit=2")
    (second,) = await get(await world(), f"{ONE}/decisions?limit=2&cursor={first['cursor']}")

    told = [one["sentence"] for page in (first, second) for one in page["items"]]
    assert ["step 0", "step 1", "step 2"] == told


async def test_what_was_counted_is_shown_over_time() -> None:
    store = await world()
    arms = {STABLE: Arm({"a": (90, 1)}), CANDIDATE: Arm({"b": (10, 1)})}
    ticks = [Tick(at=builders.at(n).timestamp(), seconds=5, arms=arms) for n in (5, 10)]
    await store.put_ticks(SHOP, 7, ticks)

    (counted,) = await get(store, f"{ONE}/series")
    points = counted["lines"][0]["points"]

    assert 18.0 in counted["load"]["stable"]
    assert [(10, 1), (10, 1)] == [(p["requests"], p["bad"]) for p in points if p["requests"]]


async def test_logs_are_those_of_both_sides() -> None:
    new, old = Line(f"{NEW[:10]}-0", "<b>new</b>"), Line(f"{OLD[:10]}-0", "old")
    (found,) = await get(await world(), f"{ONE}/logs", **{NEW: (new,), OLD: (old,)})

    assert [{"replica": old.replica, "text": "old"}] == found["stable"]
    assert ["<b>new</b>"] == [one["text"] for one in found["candidate"]]


async def test_what_changed_is_shown() -> None:
    (found,) = await get(await world(), f"{ONE}/diff")

    assert {"before", "after", "lines"} == set(found)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/releases/local/nothing/7",
        "/api/v1/releases/prod/shop/7",
        "/api/v1/releases/local/shop/8",
        "/api/v1/releases/local/shop/8/series",
        "/api/v1/releases/local/team/shop/7/logs",
        "/api/v1/releases?application=nothing",
        "/api/v1/nothing",
    ],
)
async def test_what_is_not_there_is_said(path: str) -> None:
    (found,) = await get(await world(), path)

    assert 404 == found["status"]
    assert found["detail"]


async def test_a_number_that_is_none_is_refused() -> None:
    limit, lines = await get(await world(), "/api/v1/releases?limit=0", f"{ONE}/logs?lines=x")

    assert [400, 400] == [limit["status"], lines["status"]]
