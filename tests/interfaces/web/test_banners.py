from typing import Any

import pytest

from serinus.adapters.memory.store import Specs, Store
from serinus.core.spec.application import Environment, EnvironmentSpec, Freeze
from serinus.core.spec.delivery import QueryCheck, Threshold
from serinus.core.spec.resolve import Library
from serinus.core.spec.template import Metadata
from serinus.core.state.verdict import LookReading, Outcome
from serinus.interfaces.api.people import Grant, Person, Right
from serinus.interfaces.web import banners
from tests import builders
from tests.builders import SHOP
from tests.interfaces.web import visitor

pytestmark = pytest.mark.anyio

STOPPED, SILENT, FROZEN = (
    "No controller is running",
    "gives no answer",
    "local is frozen: Christmas",
)
EVE = Person("eve", frozenset({Right.VIEW}), bearer=True)
QUEUE = QueryCheck(name="queue", against=Threshold(max=5.0), query="queue")


class Frozen(visitor.Drawer):
    """Documents of a place whose environment is frozen."""

    async def library(self, application: str = "") -> Library:  # noqa: ARG002 - all have the same
        given = Environment(
            api_version="serinus.dev/v1alpha1",
            kind="Environment",
            metadata=Metadata("local"),
            spec=EnvironmentSpec(freeze=Freeze("Christmas", "2026-03-03T08:00:00Z")),
        )
        return Library(templates={}, environments={"local": given, "other": given})


async def asking() -> Store:
    """A store with a release whose metric source is away."""
    store = Store(Specs())
    release = builders.release(delivery=builders.delivery(looks=(QUEUE,)))
    await store.record(builders.status(release=release))
    look = LookReading("queue", Outcome.ERROR, "queue: connection refused")
    reading = builders.reading(looks=(look,))
    await store.put_reading(SHOP, reading, (), None, at=builders.at(1))
    return store


async def told(path: str = "/_part/banners", store: Store | None = None, **given: Any) -> str:
    async with visitor.visit(store, **given) as visit:
        text: str = (await visit.get(path)).text
    return text if path.startswith("/_part/") else text.partition('id="banners"')[2]


@pytest.mark.parametrize("alive", [True, False])
@pytest.mark.parametrize("path", ["/_part/banners", "/settings"])
async def test_a_controller_that_goes_or_comes_is_told_on_an_open_page(
    path: str,
    alive: bool,  # noqa: FBT001 - a case
) -> None:
    assert alive is not (STOPPED in await told(path, alive=lambda: alive))


async def test_where_nothing_is_wrong_nothing_is_said() -> None:
    assert 'class="banner' not in await told()


async def test_a_metric_source_that_is_away_is_told_with_the_reason() -> None:
    for path in ("/_part/banners", "/", "/apps"):
        text = await told(path, await asking())

        assert SILENT in text, path
        assert "shop: queue: connection refused" in text


async def test_a_frozen_environment_is_told_with_its_end_where_somebody_is_in_it() -> None:
    text = await told(store=await asking(), documents=Frozen())

    assert FROZEN in text
    assert "until 2026-03-03" in text
    assert "other is frozen" not in text
    assert FROZEN not in await told(documents=Frozen())


@pytest.mark.parametrize(
    ("who", "readonly"),
    [
        (EVE, True),
        (visitor.ADA, False),
        (Person("bo", EVE.rights, grants=(Grant(frozenset({Right.OPERATE}), ("prod",)),)), False),
    ],
)
async def test_whoever_may_change_nothing_is_told_so(who: Person, readonly: bool) -> None:  # noqa: FBT001 - a case
    assert readonly is (banners.READ_ONLY in await told(who=who))


async def test_of_many_things_the_two_worst_are_said_in_their_order() -> None:
    store, frozen = await asking(), Frozen()
    both = await told(store=store, documents=frozen, alive=lambda: False, who=EVE)
    alive = await told(store=store, documents=frozen, who=EVE)

    assert 2 == both.count('class="banner')
    assert both.index(STOPPED) < both.index(SILENT)
    assert 2 == alive.count('class="banner')
    assert alive.index(SILENT) < alive.index(banners.READ_ONLY)
    assert FROZEN not in alive
