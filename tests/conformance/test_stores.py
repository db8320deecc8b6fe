"""Every store keeps the contract of ``ports/store.py``, the one in memory and the one on disk."""

from datetime import timedelta

import msgspec
import pytest

from serinus.adapters.memory.store import Specs
from serinus.core.state.explanation import Explanation
from serinus.core.state.intent import Answer
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase
from serinus.ports import failures
from serinus.ports.store import Asked, Store
from tests import builders
from tests.builders import SHOP

pytestmark = pytest.mark.anyio


async def test_applications_come_from_the_specs_and_from_what_is_stored(
    store: Store, specs: Specs
) -> None:
    specs.want("zebra", builders.wanted())
    await store.record(builders.status(SHOP))

    assert (SHOP, Key("zebra", "local")) == await store.keys()


async def test_what_is_asked_for_is_what_the_specs_say(store: Store, specs: Specs) -> None:
    specs.want("shop", builders.wanted())
    specs.want("torn", None, "shop.yaml:3:1: unknown field `replica`")

    assert Asked(wanted=builders.wanted()) == await store.asked(SHOP)
    assert (
        "shop.yaml:3:1: unknown field `replica`"
        == (await store.asked(Key("torn", "local"))).problem
    )
    assert Asked() == await store.asked(Key("nobody", "local"))


async def test_an_application_never_seen_has_no_status(store: Store) -> None:
    assert await store.status(SHOP) is None
    assert await store.judge(SHOP) is None
    assert await store.snapshot(SHOP) is None
    assert await store.release(SHOP, 1) is None
    assert await store.revision("0") is None


async def test_a_status_is_read_back_as_it_was_written_with_its_new_version(store: Store) -> None:
    written = await store.record(builders.status())

    assert builders.status(version=1) == written
    assert written == await store.status(SHOP)


async def test_a_status_that_moved_since_it_was_read_is_refused_whole(store: Store) -> None:
    first = await store.record(builders.status())
    second = await store.record(first)

    with pytest.raises(failures.Conflict, match="version 1 was read, but 2 is stored"):
        await store.record(
            first,
            events=[builders.event()],
            answers=[Answer("wish-1", done=True, sentence="Done.")],
            revisions=[builders.revision()],
        )

    assert second == await store.status(SHOP)
    assert () == await store.events()
    assert 0 == await store.newest()
    assert await store.answer("wish-1") is None
    assert await store.revision(builders.NEW) is None


async def test_a_release_stays_in_the_history_when_the_next_one_begins(store: Store) -> None:
    status = await store.record(builders.status(release=builders.ended(number=7)))
    later = builders.release(8, created_at=builders.at(30))
    await store.record(builders.status(release=later, releases=8, version=status.version))

    assert builders.ended(number=7) == await store.release(SHOP, 7)
    assert (later, builders.ended(number=7)) == await store.releases(SHOP)
    assert (later,) == await store.releases(limit=1)
    assert () == await store.releases(Key("other", "local"))


async def test_a_release_that_is_overtaken_within_one_decision_ends_as_superseded(
    store: Store,
) -> None:
    status = await store.record(builders.status())
    later = builders.release(8, version="v3", created_at=builders.at(30))
    await store.record(builders.status(release=later, releases=8, version=status.version))

    before = await store.release(SHOP, 7)
    assert before is not None
    assert builders.at(30) == before.ended_at
    assert Phase.SUPERSEDED is before.progress.phase
    assert "v2 is superseded: a newer change came: v3." == before.progress.sentence


async def test_the_newest_release_of_all_applications_comes_first(store: Store) -> None:
    other = Key("other", "local")
    newer = builders.release(1, application="other", created_at=builders.at(30))
    await store.record(builders.status(other, release=newer))
    await store.record(builders.status())

    assert ["other", "shop"] == [release.application for release in await store.releases()]


async def test_the_judges_memory_belongs_to_the_release_in_flight(store: Store) -> None:
    status = await store.record(builders.status(), judge=b"evidence")
    assert b"evidence" == await store.judge(SHOP)

    status = await store.record(status)
    assert b"evidence" == await store.judge(SHOP)

    await store.record(builders.status(release=builders.release(8), version=status.version))
    assert await store.judge(SHOP) is None


async def test_nothing_in_flight_means_no_memory_of_the_judge(store: Store) -> None:
    status = await store.record(builders.status(), judge=b"evidence")
    await store.record(builders.idle(version=status.version))

    assert await store.judge(SHOP) is None


async def test_a_revision_is_found_by_its_id(store: Store) -> None:
    await store.record(builders.status(), revisions=[builders.revision()])

    assert builders.revision() == await store.revision(builders.NEW)


async def test_the_same_intent_twice_is_one(store: Store) -> None:
    await store.ask(builders.intent("a"))
    await store.ask(builders.intent("b", reason="second"))
    await store.ask(builders.intent("a", reason="asked again"))

    assert (builders.intent("a"), builders.intent("b", reason="second")) == await store.intents(
        SHOP
    )
    assert () == await store.intents(Key("other", "local"))


async def test_an_answered_intent_waits_no_more_and_is_answered_the_same_way_again(
    store: Store,
) -> None:
    await store.ask(builders.intent("a"))
    answer = Answer("a", done=True, sentence="Paused.")
    status = await store.record(builders.status(), answers=[answer])
    await store.record(status, answers=[Answer("a", done=False, sentence="No.")])
    await store.ask(builders.intent("a"))

    assert () == await store.intents(SHOP)
    assert answer == await store.answer("a")


async def test_a_new_intent_is_noticed_once(store: Store) -> None:
    store.changed()
    assert not store.changed()

    await store.ask(builders.intent("a"))
    assert store.changed()
    assert not store.changed()

    await store.record(builders.status(), answers=[Answer("a", done=True, sentence="Paused.")])
    await store.ask(builders.intent("a"))
    assert not store.changed()


async def test_a_changed_spec_is_noticed_once(store: Store, specs: Specs) -> None:
    store.changed()
    specs.want("shop", builders.wanted())

    assert store.changed()
    assert not store.changed()


async def test_events_are_numbered_through_all_applications(store: Store) -> None:
    other = Key("other", "local")
    status = await store.record(
        builders.status(), events=[builders.event("one"), builders.event("two")]
    )
    await store.record(
        builders.idle(other), events=[builders.event("three", application="other", release=None)]
    )
    await store.record(status, events=[builders.event("four", release=8)])

    events = await store.events()
    assert ["one", "two", "three", "four"] == [event.sentence for event in events]
    numbers = [event.sequence for event in events]
    assert sorted(set(numbers)) == numbers
    assert 0 < numbers[0]

    assert events[-1].sequence == await store.newest()
    assert events[2:] == await store.events(after=events[1].sequence)
    assert events[2:3] == await store.events(key=other)
    assert events[:2] == await store.events(key=SHOP, release=7)
    assert events[1:2] == await store.events(events[0].sequence, SHOP, limit=1)


async def test_ticks_come_back_oldest_first_for_the_release_or_for_rest(store: Store) -> None:
    await store.put_ticks(SHOP, 7, [builders.tick(5), builders.tick(10)])
    await store.put_ticks(SHOP, None, [builders.tick(20)])
    await store.record(builders.status())
    await store.put_ticks(SHOP, 7, [builders.tick(15)])

    of_release = tuple(builders.tick(seconds) for seconds in (5, 10, 15))
    assert of_release == await store.ticks(SHOP, 7)
    assert (builders.tick(20),) == await store.ticks(SHOP, None)
    assert of_release[1:] == await store.ticks(SHOP, 7, since=builders.at(0, 10))
    assert () == await store.ticks(SHOP, 8)


async def test_ticks_at_rest_are_thinned_after_an_hour_and_those_of_releases_are_not(
    store: Store,
) -> None:
    raw = [builders.tick(seconds) for seconds in range(5, 7200, 5)]
    await store.put_ticks(SHOP, None, raw)
    await store.put_ticks(SHOP, 7, raw)
    for _ in range(2):
        await store.prune(builders.at(minutes=120))

    rest = await store.ticks(SHOP, None)
    assert 60 + 60 * 12 - 1 == len(rest)
    assert {60.0} == {tick.seconds for tick in rest[:60]}
    assert sum(tick.arms["stable"].requests for tick in raw) == sum(
        tick.arms["stable"].requests for tick in rest
    )
    assert tuple(raw) == await store.ticks(SHOP, 7)


async def test_old_ticks_go_and_those_at_rest_go_first(store: Store) -> None:
    await store.put_ticks(SHOP, None, [builders.tick(5)])
    await store.put_ticks(SHOP, 7, [builders.tick(5)])

    await store.prune(builders.NOON + timedelta(days=8))
    assert () == await store.ticks(SHOP, None)
    assert (builders.tick(5),) == await store.ticks(SHOP, 7)

    await store.prune(builders.NOON + timedelta(days=31))
    assert () == await store.ticks(SHOP, 7)


async def test_events_and_answered_intents_go_after_ninety_days_but_open_ones_stay(
    store: Store,
) -> None:
    await store.ask(builders.intent("a"))
    await store.ask(builders.intent("b"))
    await store.record(
        builders.status(),
        events=[builders.event()],
        answers=[Answer("a", done=True, sentence="Paused.")],
    )
    await store.prune(builders.NOON + timedelta(days=91))

    assert () == await store.events()
    assert () == await store.events(key=SHOP)
    assert await store.answer("a") is None
    assert (builders.intent("b"),) == await store.intents(SHOP)
    assert builders.release() == await store.release(SHOP, 7)


async def test_what_was_seen_last_takes_the_place_of_what_was_seen_before(store: Store) -> None:
    await store.put_reading(SHOP, None, (), None, at=builders.at(1))
    await store.put_reading(
        SHOP, builders.reading(), [builders.replica()], builders.route(), at=builders.at(2)
    )

    snapshot = await store.snapshot(SHOP)
    assert snapshot is not None
    assert builders.at(2) == snapshot.at
    assert builders.reading() == snapshot.reading
    assert (builders.replica(),) == snapshot.replicas
    assert builders.route() == snapshot.route


async def test_the_last_reading_of_a_release_is_kept_with_its_history(store: Store) -> None:
    for bad, number in ((1, 7), (2, 7), (3, 8)):
        await store.put_reading(
            SHOP, builders.reading(bad=bad), (), None, at=builders.at(1), release=number
        )
    await store.put_reading(SHOP, None, (), None, at=builders.at(2), release=8)
    await store.record(builders.status())

    assert builders.reading(bad=2) == await store.reading(SHOP, 7)
    assert builders.reading(bad=3) == await store.reading(SHOP, 8)
    assert await store.reading(SHOP, 9) is None


async def test_what_decisions_were_made_of_is_kept_in_their_order(store: Store) -> None:
    told = [Explanation(at=builders.at(n), reason=f"Decision{n}") for n in range(3)]
    status = builders.status()
    for one in told[:2]:
        status = await store.record(status, explanation=one)
    status = await store.record(status)
    newer = msgspec.structs.replace(status, release=builders.release(8))
    await store.record(newer, explanation=told[2])

    assert tuple(told[:2]) == await store.explanations(SHOP, 7)
    assert (told[2],) == await store.explanations(SHOP, 8)
    assert () == await store.explanations(SHOP, 9)


async def test_a_forgotten_application_keeps_its_history_and_goes_on_counting(
    store: Store,
) -> None:
    await store.record(
        builders.status(release=builders.ended(Phase.SUCCEEDED, 7)), events=[builders.event()]
    )
    await store.put_reading(SHOP, builders.reading(), (), None, at=builders.at(1))
    await store.forget(SHOP)

    assert () == await store.keys()
    status = await store.status(SHOP)
    assert status is not None
    assert (None, 7, 0) == (status.stable, status.releases, status.version)
    assert await store.snapshot(SHOP) is None
    assert builders.ended(Phase.SUCCEEDED, 7) == await store.release(SHOP, 7)
    assert 1 == len(await store.events(key=SHOP))

    await store.record(status)
    assert (SHOP,) == await store.keys()
    await store.forget(Key("nobody", "local"))
