from typing import Any

import pytest

from serinus.adapters.memory.store import Specs, Store
from serinus.app import hindrances
from serinus.app.hindrances import Hindrance
from serinus.core.spec.application import Environment, EnvironmentSpec, Freeze, Hours, Window
from serinus.core.spec.delivery import QueryCheck, Threshold
from serinus.core.spec.template import Metadata
from serinus.core.state.verdict import LookReading, Outcome
from tests import builders
from tests.builders import SHOP

pytestmark = pytest.mark.anyio

QUEUE = QueryCheck(name="queue", against=Threshold(max=5.0), query="queue")
DEPTH = QueryCheck(name="depth", against=Threshold(max=5.0), query="depth")


async def silent(outcome: Outcome, **given: Any) -> tuple[Hindrance, ...]:
    store = Store(Specs())
    looks = QUEUE, DEPTH
    release = builders.release(delivery=builders.delivery(looks=looks), **given)
    await store.record(builders.status(release=release))
    said = [LookReading(one.name, outcome, f"{one.name}: connection refused") for one in looks]
    reading = builders.reading(looks=(*said, LookReading("memory", Outcome.ERROR, "no cgroup")))
    await store.put_reading(SHOP, reading, (), None, at=builders.at(1))
    return await hindrances.silent(store, [SHOP])


async def test_a_source_that_does_not_answer_a_release_is_told_once_with_its_reason() -> None:
    (found,) = await silent(Outcome.ERROR)

    assert found.trouble
    assert (
        "The metric source prometheus of local gives no answer: "
        "shop: queue: connection refused, and 1 check more" == found.cause
    )
    assert "What it is asked for is neither passed nor failed." == found.then


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.NO_DATA])
async def test_a_source_that_answers_is_no_trouble(outcome: Outcome) -> None:
    assert () == await silent(outcome)


async def test_what_a_release_that_has_ended_was_told_is_over() -> None:
    assert () == await silent(Outcome.ERROR, ended_at=builders.at(1))
    assert () == await hindrances.silent(Store(Specs()), [SHOP])


def barred(**spec: Any) -> tuple[Hindrance, ...]:
    given = Environment(
        api_version="serinus.dev/v1alpha1",
        kind="Environment",
        metadata=Metadata("prod"),
        spec=EnvironmentSpec(**spec),
    )
    return hindrances.barred({"prod": given}, builders.NOON)


def test_a_frozen_environment_says_why_and_until_when() -> None:
    until = "2026-03-02T13:00:00Z"
    (found,) = barred(freeze=Freeze("the books are closed", until))

    assert ("prod is frozen: the books are closed", builders.at(60)) == (found.cause, found.until)
    assert not found.trouble
    assert (None,) == tuple(one.until for one in barred(freeze=Freeze("for good")))


def test_a_freeze_that_is_over_and_windows_that_are_open_bar_nothing() -> None:
    weekly = Window("work", weekly=Hours("Mon 09:00", "Mon 17:00"))

    assert () == barred(freeze=Freeze("once", "2026-03-02T11:00:00Z"), windows=[weekly])


@pytest.mark.parametrize(
    ("window", "cause"),
    [
        (Window("early", weekly=Hours("Mon 01:00", "Mon 02:00")), "window early"),
        (
            Window(
                "sale", type="blackout", weekly=Hours("Mon 09:00", "Mon 13:00"), message="sold out"
            ),
            "blackout sale (sold out)",
        ),
    ],
)
def test_a_closed_window_freezes_until_it_opens(window: Window, cause: str) -> None:
    (found,) = barred(windows=[window])

    assert f"prod is frozen by the {cause}" == found.cause
    assert found.until is not None
    assert found.until > builders.NOON


def test_a_window_that_only_gates_look_at_freezes_nobody() -> None:
    early = Window("early", weekly=Hours("Mon 01:00", "Mon 02:00"), gates_only=True)

    assert () == barred(windows=[early])
