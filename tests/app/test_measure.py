"""What the judge is given: whose history it is."""

from msgspec.structs import replace

from serinus.app import measure
from serinus.core.state.counts import CANDIDATE, STABLE, Arm, Tick
from serinus.core.state.workload import belongs
from tests import builders
from tests.builders import NEW, OLD


def rest(at: float, revision: str) -> Tick:
    return Tick(at=at, seconds=5.0, arms={STABLE: Arm({f"{revision[:10]}-{3}": (50, 0)})})


def test_a_replica_belongs_to_the_revision_that_it_is_named_after() -> None:
    assert belongs(f"{NEW[:10]}-12", NEW)
    assert not belongs(f"{NEW[:10]}-12", OLD)
    assert not belongs("", OLD)


def test_the_history_of_stable_begins_after_the_last_tick_of_another_version() -> None:
    history = [rest(5, NEW), rest(10, OLD), rest(15, OLD)]

    assert measure.since(history, OLD) == 5
    assert measure.since(history, NEW) == 15
    assert measure.since(history[1:], OLD) == 0.0
    assert measure.since([], OLD) == 0.0


def test_a_tick_without_anybody_belongs_to_every_version() -> None:
    nobody = Tick(at=10, seconds=5.0, arms={STABLE: Arm({})})

    assert measure.since([rest(5, OLD), nobody], OLD) == 0.0


def test_a_version_that_was_just_promoted_has_its_past_in_the_release_that_promoted_it() -> None:
    promoted = builders.release(candidate=NEW, stable=OLD)
    counted = Tick(
        at=10.0,
        seconds=1.0,
        arms={STABLE: Arm({f"{OLD[:10]}-0": (90, 0)}), CANDIDATE: Arm({f"{NEW[:10]}-3": (9, 1)})},
    )
    late = rest(20, NEW)

    history = measure.joined([late], [counted], promoted, NEW)

    assert (replace(counted, arms={STABLE: counted.arms[CANDIDATE]}), late) == history
    assert (replace(counted, arms={STABLE: counted.arms[STABLE]}),) == measure.joined(
        [], [counted], promoted, OLD
    )
