from typing import Any

import pytest

from serinus.adapters.memory.store import Specs, Store
from serinus.app import standing
from serinus.app.standing import Fate, Standing
from serinus.core.state.observed import Status
from serinus.core.state.release import Phase
from serinus.ports.store import Asked
from tests import builders
from tests.builders import NEW, OLD, SHOP

DELIVERY = builders.wanted().delivery_hash


def asked(status: Status | None, change: str = NEW) -> Standing:
    version = "v1" if change == OLD else "v2"
    wanted = builders.wanted(revision=builders.revision(change, version))
    return standing.of(SHOP, Asked(wanted=wanted), status)


def at_rest(**given: Any) -> Status:
    ended = builders.ended(Phase.SUCCEEDED, 6)
    return builders.status(**{"release": ended, "releases": 6, **given})


def test_what_cannot_be_used_has_a_problem_and_no_change() -> None:
    found = standing.of(SHOP, Asked(problem="shop.yaml:3: no"), None)

    assert ("", "", "shop.yaml:3: no", None) == (
        found.version,
        found.change,
        found.problem,
        found.release,
    )


@pytest.mark.anyio
async def test_it_is_found_in_a_store() -> None:
    specs = Specs()
    specs.want("shop", builders.wanted())
    store = Store(specs)
    await store.record(at_rest())

    found = await standing.find(SHOP, store)
    assert ("shop", "local", "v2", NEW, OLD, 6) == (
        found.application,
        found.environment,
        found.version,
        found.change,
        found.stable,
        found.releases,
    )
    assert standing.Flight(6, NEW, ended=True) == found.release


@pytest.mark.parametrize(
    ("change", "given", "fate"),
    [
        (NEW, {}, Fate.COMES),
        (OLD, {}, Fate.SERVES),
        (NEW, {"quarantine": (NEW,)}, Fate.QUARANTINED),
        (NEW, {"concluded": (NEW, DELIVERY)}, Fate.CONCLUDED),
        (NEW, {"concluded": (NEW, "another")}, Fate.COMES),
    ],
)
def test_what_becomes_of_a_version_is_told_at_once(
    change: str, given: dict[str, Any], fate: Fate
) -> None:
    status = at_rest(**given)

    assert fate is standing.fate(asked(status, change))
    if fate is not Fate.COMES:
        before = asked(status, change)
        assert fate is standing.begun(before, before, before)


def test_a_release_has_begun_once_it_is_in_flight_or_is_a_new_one() -> None:
    before = asked(at_rest())
    rolling = asked(builders.status(release=builders.release(7), releases=7))
    over = asked(builders.status(release=builders.ended(Phase.ROLLED_BACK, 7), releases=7))

    assert Fate.COMES is standing.begun(before, before, before)
    assert [7, 7] == [standing.begun(before, before, now) for now in (rolling, over)]


def test_one_that_was_in_flight_before_and_has_ended_since_is_the_one() -> None:
    before = asked(builders.status(release=builders.release(7), releases=7))
    now = asked(builders.status(release=builders.ended(Phase.ROLLED_BACK, 7), releases=7))

    assert 7 == standing.begun(before, before, now)


def test_what_others_ask_for_meanwhile_is_not_what_is_waited_for() -> None:
    before = wanted = asked(at_rest())
    now = asked(builders.status(release=builders.release(7), releases=7), OLD)

    assert 7 == standing.begun(before, wanted, now)
