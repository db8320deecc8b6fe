import msgspec
import pytest

from serinus.adapters.memory.store import Store
from serinus.app import views
from serinus.app.shown import View
from serinus.core.state.command import Command
from serinus.core.state.notice import Key
from serinus.core.state.release import Phase, Retreat, Wait
from serinus.core.state.verdict import Reading
from serinus.core.state.workload import ReplicaState
from serinus.ports import failures
from tests import builders
from tests.builders import NEW, OLD, SHOP

pytestmark = pytest.mark.anyio


async def seen(store: Store, share: int = 250, reading: Reading | None = None) -> None:
    replicas = [
        builders.replica(NEW, 4),
        builders.replica(OLD, 1),
        builders.replica(OLD, 0),
        builders.replica(NEW, 0, restarts=2, state=ReplicaState.BACKING_OFF, note="exited with 1"),
        builders.replica("e" * 64, 9, state=ReplicaState.STOPPING),
    ]
    read = reading or builders.reading()
    await store.put_reading(SHOP, read, replicas, builders.route(share), at=builders.at(3))


async def view(store: Store, number: int | None = None) -> View:
    found = await views.release(store, SHOP, number)
    assert found is not None
    return found


# --- the list ---------------------------------------------------------------------------------


async def test_what_needs_a_person_comes_first_then_what_moves_then_the_rest() -> None:
    store = Store()
    for name, phase in (("a", None), ("b", Phase.ROLLING), ("c", Phase.HELD), ("d", None)):
        release = builders.release(application=name, phase=phase) if phase else None
        await store.record(builders.status(Key(name, "local"), release=release))

    rows = await views.applications(store)
    assert ["c", "b", "a", "d"] == [row.application for row in rows]
    assert ["Held at 0", "Rolling", "Serving", "Serving"] == [row.state for row in rows]
    assert [True, False, False, False] == [row.needs_you for row in rows]
    assert ["b"] == [row.application for row in await views.applications(store, "b")]


async def test_a_row_shows_the_wanted_and_the_seen_share() -> None:
    store = Store()
    await store.record(builders.status())
    await seen(store, 248)

    (row,) = await views.applications(store)
    assert (0.25, 0.248, 3, 4) == (row.share, row.seen_share, row.step, row.steps)
    assert ("v2", "v1", 7, True) == (row.version, row.stable_version, row.release, row.in_flight)


async def test_an_ended_release_has_no_share_any_more() -> None:
    store = Store()
    await store.record(builders.status(release=builders.ended(Phase.ROLLED_BACK, 7)))

    (row,) = await views.applications(store)
    assert ("Rolled back", None, None, False) == (row.state, row.share, row.step, row.in_flight)
    assert builders.at(9) == row.since


async def test_an_application_that_was_never_started_says_so() -> None:
    store = Store()
    store.specs.want("shop", builders.wanted())  # type: ignore[attr-defined]  # the specs of films

    (row,) = await views.applications(store)
    assert ("Not started", "v2", "shop.localhost") == (row.state, row.version, row.host)


async def test_a_damaged_spec_needs_a_person_and_a_quarantined_change_is_noted() -> None:
    store = Store()
    store.specs.want("shop", builders.wanted())  # type: ignore[attr-defined]  # the specs of films
    store.specs.want("torn", None, "torn.yaml:3: no such field")  # type: ignore[attr-defined]  # the same
    ended = builders.ended(Phase.ROLLED_BACK, 7)
    await store.record(builders.status(release=ended, quarantine=(NEW,)))

    shop, torn = await views.applications(store)
    assert "the spec is not used: torn.yaml:3: no such field" == torn.note
    assert torn.needs_you
    assert ("v2 failed and is not tried again", (Command("retry", "shop"),)) == (
        shop.note,
        shop.next,
    )


@pytest.mark.parametrize("phase", [Phase.ROLLED_BACK, Phase.FAILED])
async def test_what_failed_needs_a_person_until_somebody_does_something(phase: Phase) -> None:
    store = Store()
    store.specs.want("shop", builders.wanted())  # type: ignore[attr-defined]  # the specs of films
    ended = builders.ended(phase, 7)
    await store.record(builders.status(release=ended, quarantine=(NEW,)))
    (failed,) = await views.applications(store)
    failed_view = await view(store)
    other = builders.wanted(revision=builders.revision("c" * 64, "v3"))
    store.specs.want("shop", other)  # type: ignore[attr-defined]  # the same
    (mended,) = await views.applications(store)

    assert (True, True) == (failed.needs_you, failed_view.needs_you)
    assert not mended.needs_you


@pytest.mark.parametrize("sentence", ["Rolled back by ada: prices.", "Rejected by bob."])
async def test_what_a_person_has_ended_needs_nobody(sentence: str) -> None:
    store = Store()
    store.specs.want("shop", builders.wanted())  # type: ignore[attr-defined]  # the specs of films
    ended = builders.ended(Phase.ROLLED_BACK, 7, sentence=sentence)
    await store.record(builders.status(release=ended, quarantine=(NEW,)))

    (row,) = await views.applications(store)
    assert not row.needs_you


async def test_a_deleted_application_is_shown_until_it_is_gone() -> None:
    store = Store()
    await store.record(builders.status(deleted=True))

    (row,) = await views.applications(store)
    assert "Deleting" == row.state


# --- one release ------------------------------------------------------------------------------


async def test_there_is_nothing_to_see_before_the_first_release() -> None:
    store = Store()
    await store.record(builders.idle())

    assert await views.release(store, SHOP) is None
    assert await views.release(store, Key("nobody", "local")) is None


async def test_a_release_that_never_was_is_named_with_the_ones_that_were() -> None:
    store = Store()
    await store.record(builders.status())

    with pytest.raises(failures.Missing, match="shop/local has no release 99") as refusal:
        await views.release(store, SHOP, 99)
    assert "its releases are 1 to 7" == refusal.value.why


async def test_a_release_in_flight_is_shown_with_what_the_controller_saw() -> None:
    store = Store()
    wait = Wait("evidence", builders.at(4), "step 4 begins")
    await store.record(
        builders.status(release=builders.release(wait=wait)), events=[builders.event()]
    )
    await seen(store)

    found = await view(store)
    assert (0.25, 0.25, 4812, 9) == (found.share, found.seen_share, found.exposed, found.bad)
    assert builders.at(3) == found.seen_at
    assert found.wait is not None
    assert ("evidence", "step 4 begins") == (found.wait.cause, found.wait.then)
    assert ["Step 3 of 4 began."] == [one.sentence for one in found.decisions]
    assert Command("pause", "shop") in found.next
    assert "canary-standard 1.0.0" == found.template


async def test_doubts_are_shown_while_the_release_is_in_flight() -> None:
    store = Store()
    await store.record(builders.status())
    await seen(store, reading=builders.reading(doubts=("the router does not follow",)))

    assert ("the router does not follow",) == (await view(store)).doubts


async def test_every_check_of_the_plan_is_shown_with_its_numbers_or_without() -> None:
    store = Store()
    await store.record(builders.status())
    await seen(store)

    errors, latency = (await view(store)).checks
    assert ("error-rate", "pass", 9 / 4812, 29 / 14433) == (
        errors.name,
        errors.outcome,
        errors.rate,
        errors.stable_rate,
    )
    assert ("latency", "", None) == (latency.name, latency.outcome, latency.rate)


async def test_the_first_release_of_all_is_compared_with_nothing() -> None:
    store = Store()
    await store.record(builders.status(release=builders.release(1, stable=None)))

    found = await view(store)
    assert ((), ()) == (found.checks, found.steps)


async def test_nothing_counted_is_no_rate_and_not_zero() -> None:
    store = Store()
    await store.record(builders.status())
    empty = builders.stream(requests=0, bad=0, stable_requests=0, stable_bad=0)
    await store.put_reading(SHOP, builders.reading(streams=(empty,)), (), None, at=builders.at(3))

    found = await view(store)
    assert (None, None) == (found.checks[0].rate, found.checks[0].stable_rate)
    assert found.seen_share is None


async def test_replicas_are_shown_by_what_they_are_for() -> None:
    store = Store()
    release = builders.release(ordinals=(4,), retreat=Retreat(count=1, accused=(0,), ledger=2.0))
    await store.record(builders.status(release=release))
    await seen(store)

    found = await view(store)
    assert [("stable", 0), ("stable", 1), ("candidate", 4), ("accused", 0), ("leaving", 9)] == [
        (replica.role, replica.ordinal) for replica in found.replicas
    ]
    assert found.retreat is not None
    assert (f"{NEW[:10]}-0",) == found.retreat.accused
    assert 7.39 == pytest.approx(found.retreat.evidence, abs=0.01)


async def test_what_is_kept_after_the_end_keeps_its_name() -> None:
    store = Store()
    await store.record(
        builders.status(release=builders.ended(Phase.ROLLED_BACK, 7), kept=NEW, kept_ordinals=(0,))
    )
    await seen(store)

    roles = {replica.name: replica.role for replica in (await view(store)).replicas}
    assert "kept" == roles[f"{NEW[:10]}-0"]
    assert "leaving" == roles[f"{NEW[:10]}-4"]


async def test_an_older_release_is_shown_without_what_is_seen_now() -> None:
    store = Store()
    status = await store.record(builders.status(release=builders.ended(Phase.SUCCEEDED, 6)))
    await store.record(builders.status(version=status.version))
    await seen(store)

    found = await view(store, 6)
    assert ("Succeeded", False, (), None) == (
        found.state,
        found.in_flight,
        found.replicas,
        found.seen_at,
    )
    assert (Command("history", "shop"),) == found.next


async def test_the_candidate_and_stable_are_compared_and_nothing_else() -> None:
    store = Store()
    nothing = await views.compared(store, SHOP)
    status = await store.record(builders.status())
    both = await views.compared(store, SHOP)
    one = await views.compared(store, SHOP, candidate=True)
    await store.record(msgspec.structs.replace(status, stable=NEW))
    after = await views.compared(store, SHOP)
    await store.record(builders.idle(Key("blog", "local")))

    assert ((), (NEW, OLD), (NEW,), (NEW,)) == (nothing, both, one, after)
    assert (OLD,) == await views.compared(store, Key("blog", "local"))


async def test_history_is_newest_first_and_of_all_applications_or_one() -> None:
    store = Store()
    other = Key("other", "local")
    later = builders.release(1, application="other", created_at=builders.at(30))
    await store.record(builders.status(other, release=later))
    await store.record(builders.status(release=builders.ended(Phase.ROLLED_BACK, 7)))

    assert ["other", "shop"] == [past.application for past in await views.history(store)]
    (past,) = await views.history(store, SHOP)
    assert (7, "Rolled back", 0.25) == (past.number, past.state, past.max_share)


async def test_history_tells_of_a_release_in_flight_what_was_counted_so_far() -> None:
    store = Store()
    await store.record(builders.status(release=builders.release(exposed=0, bad=0)))
    (before,) = await views.history(store, SHOP)
    await seen(store)
    (after,) = await views.history(store, SHOP)

    assert (0, 0) == (before.exposed, before.bad)
    assert (4812, 9) == (after.exposed, after.bad)


async def test_a_view_is_json_with_names_in_camel_case() -> None:
    store = Store()
    await store.record(builders.status())
    await seen(store)

    found = msgspec.json.decode(msgspec.json.encode(await view(store)))
    assert {"seenShare", "inFlight", "stableVersion"} <= set(found)
    assert {"boundsMs", "stableRate"} <= set(found["checks"][0])
    assert "2026-03-02T12:00:00Z" == found["createdAt"]
