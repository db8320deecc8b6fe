from collections.abc import Mapping

from msgspec.structs import replace

from serinus.core.analysis import clean, logs
from serinus.core.analysis.clean import Memory
from serinus.core.state.counts import (
    MIRRORED,
    NETWORK,
    ReplicaCounters,
    RevisionCounters,
    Scrape,
)

CHECK = "log-errors"
Kinds = Mapping[str, int]


def scrape(at: float, written: Mapping[str, int | None], kinds: Kinds | None = None) -> Scrape:
    """One revision; a replica whose number is None is not listened to."""
    replicas = {
        name: ReplicaCounters(10, 10, 0, 0, {} if x is None else {CHECK: x})
        for name, x in written.items()
    }
    heard = {} if kinds is None else {CHECK: kinds}
    return Scrape(at, {"new": RevisionCounters(replicas, kinds=heard)})


def lines(before: Mapping[str, int | None], after: Mapping[str, int | None]) -> dict[str, object]:
    return dict(logs.lines(scrape(1, before), scrape(2, after), "new"))


def kinds(before: Kinds | None, after: Kinds | None) -> dict[str, dict[str, int]]:
    return logs.kinds(scrape(1, {}, before), scrape(2, {}, after), "new")


def test_the_lines_of_a_tick_are_what_was_added() -> None:
    assert {"a": {CHECK: 4}, "b": {CHECK: 0}} == lines({"a": 3, "b": 7}, {"a": 7, "b": 7})


def test_a_log_that_begins_anew_counts_from_nothing() -> None:
    assert {"a": {CHECK: 2}} == lines({"a": 30}, {"a": 2})


def test_a_replica_that_appears_counts_from_nothing() -> None:
    assert {"a": {CHECK: 2}} == lines({}, {"a": 2})


def test_where_listening_has_begun_in_between_nothing_is_said() -> None:
    assert {} == lines({"a": None}, {"a": 2})


def test_who_is_not_listened_to_has_no_lines_and_not_zero() -> None:
    assert {} == lines({"a": None}, {"a": None})


def test_broken_connections_of_real_requests_are_not_those_of_copies() -> None:
    counted = ReplicaCounters(10, 10, 3, 0, {CHECK: 3, NETWORK: 3})
    before = Scrape(
        1, {"new": RevisionCounters({"a": replace(counted, lines={CHECK: 1, NETWORK: 1})})}
    )
    after = Scrape(2, {"new": RevisionCounters({"a": counted})})

    assert {"a": {CHECK: 2, NETWORK: 2}} == logs.lines(before, after, "new")
    assert {"a": {CHECK: 2}} == logs.lines(before, after, f"new{MIRRORED}")


def test_kinds_are_counted_and_one_that_did_not_come_is_left_out() -> None:
    assert {CHECK: {"late <n>": 2, "new": 1}} == kinds(
        {"late <n>": 1, "old": 5}, {"late <n>": 3, "new": 1, "old": 5}
    )


def test_a_check_that_is_heard_is_there_without_any_kind() -> None:
    assert {CHECK: {}} == kinds({"old": 5}, {"old": 5})
    assert {} == kinds(None, None)


def test_kinds_that_begin_anew_count_from_nothing() -> None:
    assert {CHECK: {"old": 2}} == kinds({"old": 5, "gone": 1}, {"old": 2})


def test_the_lines_of_copies_stand_in_the_log_of_the_replica() -> None:
    before, after = scrape(1, {"a": 3}), scrape(2, {"a": 4}, {"boom": 1})

    assert {"a": {CHECK: 1}} == logs.lines(before, after, f"new{MIRRORED}")
    assert {CHECK: {"boom": 1}} == logs.kinds(before, after, f"new{MIRRORED}")


def test_a_tick_has_the_lines_of_both_arms_and_a_damaged_one_keeps_only_their_kinds() -> None:
    before, after = scrape(1, {"a": 3}), scrape(2, {"a": 4}, {"boom": 1})
    torn = ReplicaCounters(0, 0, 50, 0, {CHECK: 4})
    damaged = Scrape(2, {"new": RevisionCounters({"a": torn}, kinds={CHECK: {"boom": 1}})})

    well, _ = clean.difference(before, after, {"candidate": "new"}, (), Memory())
    torn_tick, _ = clean.difference(before, damaged, {"candidate": "new"}, (), Memory())

    assert well is not None
    assert torn_tick is not None
    assert {"a": {CHECK: 1}} == well.arms["candidate"].lines
    assert {} == torn_tick.arms["candidate"].lines
    assert {} == torn_tick.arms["candidate"].replicas
    assert {CHECK: {"boom": 1}} == torn_tick.arms["candidate"].kinds
