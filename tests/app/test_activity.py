import msgspec
import pytest

from serinus.adapters.memory.store import Store
from serinus.app import activity
from serinus.core.state import deed
from serinus.core.state.intent import Verb
from serinus.core.state.notice import Key, Kind
from tests import builders
from tests.builders import SHOP

pytestmark = pytest.mark.anyio


async def stored(steps: int = 0) -> Store:
    """A release that began, was paused by Anna and refused to Bob, and ended."""
    store = Store()
    pause = builders.intent(verb=Verb.PAUSE, actor="anna", reason="lunch")
    refused = builders.intent("2", Verb.NEXT, actor="bob")
    events = [
        builders.event("v2 begins.", kind=Kind.RELEASE, reason="Started"),
        *(builders.event(f"Step {n}.", kind=Kind.STEP) for n in range(steps)),
        builders.event(deed.told(pause, "paused at 5 %.", done=True), kind=Kind.INTENT),
        builders.event(deed.told(refused, "it is paused.", done=False), kind=Kind.INTENT),
        builders.event("nobody knows", kind=Kind.INTENT),
        builders.event("It may begin.", kind=Kind.RELEASE, reason="Unbarred"),
        builders.event("v2 serves everybody.", kind=Kind.RESULT, reason="Succeeded"),
    ]
    release = builders.release(actor="ci", reason="build 7")
    await store.record(builders.status(release=release), events=events)
    return store


async def test_deeds_are_told_newest_first_with_who_and_why() -> None:
    found = await activity.page(await stored())

    assert ["end", "next", "pause", "deploy"] == [one.what for one in found.deeds]
    assert ["", "bob", "anna", "ci"] == [one.who for one in found.deeds]
    assert ["", "", "lunch", "build 7"] == [one.reason for one in found.deeds]
    assert ["Succeeded", "refused", "done", "Started"] == [one.result for one in found.deeds]
    assert ["v2", "", "", "v2"] == [one.version for one in found.deeds]
    assert found.older is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("who:anna", ["pause"]),
        ("result:refused", ["next"]),
        ("!who:anna what:pause,next", ["next"]),
        ("lunch", ["pause"]),
        ("build", ["deploy"]),
        ("application:other", []),
    ],
)
async def test_a_search_names_who_and_what(text: str, what: list[str]) -> None:
    found = await activity.page(await stored(), text)

    assert what == [one.what for one in found.deeds]


async def test_pages_follow_each_other_and_end() -> None:
    store = await stored(steps=2 * activity.BLOCK)

    seen: list[str] = []
    cursor: int | None = None
    for _ in range(9):
        found = await activity.page(store, before=cursor, limit=1)
        seen += [one.what for one in found.deeds]
        cursor = found.older
        if cursor is None:
            break

    assert ["end", "next", "pause", "deploy"] == seen


async def test_a_long_history_is_looked_through_in_parts() -> None:
    store = await stored(steps=activity.MOST + activity.BLOCK)

    first = await activity.page(store, "what:deploy")
    assert () == first.deeds
    assert first.older is not None
    second = await activity.page(store, "what:deploy", before=first.older)
    assert ["deploy"] == [one.what for one in second.deeds]


async def test_one_application_has_its_own_deeds() -> None:
    store = await stored()

    assert 4 == len((await activity.page(store, key=SHOP)).deeds)
    assert not (await activity.page(store, key=Key("other", "local"))).deeds


async def test_a_release_that_is_forgotten_is_told_by_its_event() -> None:
    store = Store()
    lost = msgspec.structs.replace(
        builders.event("v9 begins.", kind=Kind.RELEASE, reason="Started"), release=99
    )
    alone = msgspec.structs.replace(lost, release=None, kind=Kind.RESULT)
    await store.record(builders.status(), events=[lost, alone])

    found = await activity.page(store)

    assert [("end", ""), ("deploy", "")] == [(one.what, one.who) for one in found.deeds]
