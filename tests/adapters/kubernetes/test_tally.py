"""Adding up: totals grow only, and count for whoever served."""

from serinus.adapters.kubernetes import tally
from serinus.adapters.kubernetes.tally import Crew, Known, Tally
from serinus.core.state.counts import MIRRORED, NETWORK, ReplicaCounters
from serinus.core.state.meaning import Meaning, Place, What
from serinus.core.state.notice import Key

KEY = Key("team/shop", "prod")
OLD, NEW = "a" * 64, "b" * 64
FIRST, SECOND, CALLED = f"shop-{'a' * 10}", f"shop-{'b' * 10}", "shop"
CREW = Crew({FIRST: OLD, SECOND: NEW, CALLED: OLD}, {"pod-a": (OLD, f"{'a' * 10}-0")})

ENDED, FAILED = What.ENDED, What.ENDED | What.FAILED


def service(name: str, what: What, bound_ms: float = 0.0) -> Meaning:
    return Meaning(what, (Place("elsewhere", name), Place("team", name)), bound_ms=bound_ms)


MEANINGS = {
    "first": service(FIRST, ENDED),
    "first failed": service(FIRST, FAILED),
    "first broken": service(FIRST, FAILED | What.BROKEN),
    "first active": service(FIRST, What.ACTIVE),
    "second": service(SECOND, ENDED),
    "called": service(CALLED, ENDED),
    "pod": Meaning(ENDED, (), Place("team", "pod-a")),
    "stranger": Meaning(ENDED, (), Place("team", "pod-z")),
    "fast": service(FIRST, What.WITHIN, 100.0),
    "half": service(FIRST, What.WITHIN, 0.5),
    "slow": service(FIRST, What.WITHIN, 1000.0),
    "timed": service(FIRST, What.WITHIN, float("inf")),
}


def who(crew: Crew = CREW) -> Known:
    return tally.known({KEY: crew})


def add(adding: Tally, crew: Crew = CREW, /, **found: float) -> None:
    adding.add({"r": [(n.replace("_", " "), v) for n, v in found.items()]}, who(crew), MEANINGS.get)


def of(adding: Tally, revision: str, crew: Crew = CREW) -> ReplicaCounters:
    (found,) = adding.revisions(KEY, who(crew))[revision].replicas.values()
    return found


def test_what_all_replicas_did_stands_under_one_name() -> None:
    adding = Tally(network=True)
    add(adding, first=90, first_failed=3, first_broken=2, second=5)
    found = adding.revisions(KEY, who())

    assert {f"{'a' * 10}-all": ReplicaCounters(95, 95, 5, 0, {NETWORK: 2})} == found[OLD].replicas
    assert {f"{'b' * 10}-all": ReplicaCounters(5, 5, 0, 0, {NETWORK: 0})} == found[NEW].replicas


def test_one_that_got_no_request_has_counted_nothing() -> None:
    adding = Tally(network=False)
    add(adding, first=90)

    assert ReplicaCounters(0, 0, 0, 0, {}) == of(adding, NEW)


def test_a_router_that_begins_anew_takes_nothing_back() -> None:
    adding = Tally(network=False)
    add(adding, first=90)
    add(adding, first=7)
    add(adding, first=9)

    assert 99 == of(adding, OLD).completed


def test_one_of_several_routers_that_is_gone_takes_nothing_with_it() -> None:
    adding = Tally(network=False)
    adding.add({"r": [("first", 90)], "s": [("first", 40)]}, who(), MEANINGS.get)
    adding.add({"r": [("first", 95)]}, who(), MEANINGS.get)
    adding.add({"r": [("first", 95)], "t": [("first", 3)]}, who(), MEANINGS.get)

    assert 138 == of(adding, OLD).completed


def test_the_service_that_people_call_counts_from_the_first_look_for_whom_it_sends_to() -> None:
    adding = Tally(network=False)
    add(adding, called=1000)
    add(adding, called=1010)
    promoted = Crew({FIRST: OLD, SECOND: NEW, CALLED: NEW})
    add(adding, promoted, called=1030)

    assert 10 == of(adding, OLD).completed
    assert 20 == of(adding, NEW, promoted).completed


def test_a_series_that_began_after_the_first_look_is_new_from_its_first_request() -> None:
    adding = Tally(network=False)
    add(adding, first=5)
    add(adding, first=5, called=3)

    assert 8 == of(adding, OLD).completed


def test_copies_are_counted_apart() -> None:
    copied = Crew({FIRST: OLD, SECOND: f"{NEW}{MIRRORED}"})
    adding = Tally(network=False)
    add(adding, copied, first=10, second=4)
    add(adding, first=20, second=9)
    found = adding.revisions(KEY, who())

    assert 4 == found[f"{NEW}{MIRRORED}"].replicas[f"{'b' * 10}-all"].completed
    assert 5 == found[NEW].replicas[f"{'b' * 10}-all"].completed


def test_pods_are_told_apart_where_series_tell_them() -> None:
    adding = Tally(network=False)
    add(adding, pod=12, stranger=99)
    found = adding.revisions(KEY, who())

    assert {f"{'a' * 10}-0": ReplicaCounters(12, 12, 0, 0, {})} == found[OLD].replicas
    assert {} == found[NEW].replicas


def test_what_is_not_finite_or_below_nothing_is_left_out() -> None:
    adding = Tally(network=False)
    add(adding, first=float("nan"), second=-3.0)

    assert 0 == of(adding, OLD).completed


def test_requests_that_neither_ended_nor_are_in_flight_are_begun_and_lost() -> None:
    adding = Tally(network=False)
    add(adding, first=10, first_active=6)
    before = of(adding, OLD)
    add(adding, first=12, first_active=1)

    assert ReplicaCounters(16, 10, 0, 6, {}) == before
    assert ReplicaCounters(16, 12, 0, 1, {}) == of(adding, OLD)


def test_a_source_that_is_not_read_has_lost_nothing() -> None:
    adding = Tally(network=False)
    add(adding, first=10, first_active=6)
    adding.add({}, who(), MEANINGS.get)

    assert ReplicaCounters(10, 10, 0, 0, {}) == of(adding, OLD)


def test_a_histogram_has_whole_milliseconds_only() -> None:
    adding = Tally(network=False)
    add(adding, fast=10, half=4, slow=12, timed=13)
    found = adding.revisions(KEY, who())[OLD]

    assert ((100, 1000), (10, 12), 13) == (found.bounds_ms, found.buckets, found.timed)


def test_bounds_that_a_router_has_no_more_are_gone() -> None:
    adding = Tally(network=False)
    add(adding, fast=10, timed=13)
    add(adding, slow=12, timed=13)
    found = adding.revisions(KEY, who())[OLD]

    assert ((1000,), 13) == (found.bounds_ms, found.timed)


def test_an_application_that_is_gone_is_forgotten() -> None:
    adding = Tally(network=False)
    add(adding, first=10, timed=3)
    adding.forget(())

    assert 0 == of(adding, OLD).completed
    assert () == adding.revisions(KEY, who())[OLD].bounds_ms


def test_series_that_are_gone_are_not_remembered_for_ever() -> None:
    adding = Tally(network=False)
    many = [(f"n{number}", 1.0) for number in range(tally.MANY + 10)]
    adding.add({"r": [*many, ("first", 5.0)]}, who(), MEANINGS.get)
    adding.add({"r": [("first", 7.0)]}, who(), MEANINGS.get)
    adding.add({"r": [("first", 8.0)]}, who(), MEANINGS.get)
    asked: list[object] = []
    adding.add({"r": [("n1", 1.0), ("first", 9.0)]}, who(), asked.append)

    assert ["n1"] == asked
    assert 9 == of(adding, OLD).completed
