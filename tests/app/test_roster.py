from typing import Any

import pytest

from serinus.adapters.memory.clock import Clock
from serinus.adapters.memory.store import Store
from serinus.app import roster, views
from serinus.app.roster import Roster
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from tests import builders
from tests.builders import SHOP

pytestmark = pytest.mark.anyio


class Counted(Store):
    """A store that knows how often it was asked for a status."""

    asked_for = 0

    async def status(self, key: Key) -> Any:
        self.asked_for += 1
        return await super().status(key)


async def filled(many: int) -> Counted:
    store = Counted()
    for number in range(many):
        await store.record(builders.idle(Key(f"app-{number:03d}", "local")))
    return store


async def test_the_rows_are_those_of_the_view_in_the_same_order() -> None:
    store = await filled(2)
    await store.record(builders.status(release=builders.release(phase=Phase.HELD)))

    assert await views.applications(store) == await Roster(store, Clock()).rows()


async def test_what_is_at_rest_is_not_asked_for_again_at_each_look() -> None:
    store, clock = await filled(50), Clock()
    kept = Roster(store, clock)
    await kept.rows()
    before = store.asked_for
    clock.move(1)
    await kept.rows()

    assert before == store.asked_for


async def test_what_is_in_flight_is_looked_at_each_time() -> None:
    store, clock = Counted(), Clock()
    await store.record(builders.status())
    kept = Roster(store, clock)
    await kept.rows()
    before = store.asked_for
    clock.move(1)
    await kept.rows()

    assert before < store.asked_for


async def test_two_looks_at_once_are_one() -> None:
    store = Counted()
    await store.record(builders.status())
    kept = Roster(store, Clock())
    await kept.rows()
    before = store.asked_for
    await kept.rows()

    assert before == store.asked_for


@pytest.mark.parametrize("seconds", [0, 1])
async def test_an_event_makes_a_row_anew(seconds: float) -> None:
    store, clock = Store(), Clock()
    await store.record(builders.idle())
    kept = Roster(store, clock)
    await kept.rows()
    status = await store.status(SHOP)
    assert status is not None
    begun = builders.status(version=status.version)
    await store.record(begun, events=[builders.event()])
    clock.move(seconds)

    assert ["Rolling"] == [row.state for row in await kept.rows()]


async def test_events_of_many_are_read_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "EVENTS", 2)
    store, clock = await filled(5), Clock()
    kept = Roster(store, clock)
    await kept.rows()
    for number in range(5):
        key = Key(f"app-{number:03d}", "local")
        status = await store.status(key)
        assert status is not None
        begun = builders.release(application=key.application)
        event = builders.event(application=key.application)
        await store.record(
            builders.status(key, release=begun, version=status.version), events=[event]
        )
    clock.move(1)

    assert {"Rolling"} == {row.state for row in await kept.rows()}


async def test_a_row_without_events_is_made_anew_when_it_is_old() -> None:
    store, clock = Store(), Clock()
    await store.record(builders.idle())
    kept = Roster(store, clock)
    await kept.rows()
    store.specs.want("shop", None, "line 3 is damaged")  # type: ignore[attr-defined]  # the specs of films
    clock.move(11)

    assert ["the spec is not used: line 3 is damaged"] == [row.note for row in await kept.rows()]


async def test_an_application_that_is_forgotten_is_gone() -> None:
    store, clock = Store(), Clock()
    store.specs.want("shop", builders.wanted())  # type: ignore[attr-defined]  # the specs of films
    kept = Roster(store, clock)
    before = await kept.rows()
    store.specs.remove("shop")  # type: ignore[attr-defined]  # the specs of films
    clock.move(1)

    assert (1, 0) == (len(before), len(await kept.rows()))
