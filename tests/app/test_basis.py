from datetime import timedelta

import anyio
import pytest

from serinus.adapters.memory.store import Specs, Store
from serinus.app import basis
from serinus.app.basis import Basis, Counted, Given
from serinus.core.spec.delivery import (
    AgainstStable,
    Check,
    Delivery,
    ErrorsCheck,
    LatencyCheck,
    LogCheck,
    Strategy,
)
from serinus.core.state.counts import Arm, Tick
from tests import builders
from tests.builders import OLD, SHOP

ERRORS = ErrorsCheck("errors", AgainstStable())
SLOW = LatencyCheck("latency", AgainstStable())
NOW = builders.NOON.timestamp()
NAMES = tuple(f"{OLD[:10]}-{n}" for n in range(3))


def delivery(*checks: Check) -> Delivery:
    return Delivery(strategy=Strategy.CANARY, steps=(), checks=checks or (ERRORS, SLOW))


def ticks(
    number: int = 60,
    requests: int = 100,
    bad: int = 1,
    *,
    length_s: float = 5.0,
    end: float = NOW,
    names: tuple[str, ...] = NAMES,
) -> tuple[Tick, ...]:
    """Ticks of stable: of each replica so many requests, and in each fourth tick bad ones."""
    return tuple(
        Tick(
            at=end - length_s * (number - 1 - i),
            seconds=length_s,
            arms={
                "stable": Arm(
                    dict.fromkeys(names, (requests, 0 if i % 4 else bad)),
                    timed=len(names) * requests,
                    slower=(len(names) * requests // 2, len(names) * requests // 100),
                )
            },
            bounds_ms=(50, 250),
        )
        for i in range(number)
    )


def counted(found: tuple[Tick, ...], since: float = 0.0) -> Counted:
    return Counted(found, found, found, since)


def test_rate_and_shares_are_read_from_what_was_counted_of_stable() -> None:
    found = basis.of(delivery(), counted(ticks()), Given())

    assert 60 == found.rate
    assert found.known["errors"].share == pytest.approx(15 * 3 / 18_000)
    assert 18_000 == found.known["errors"].requests
    slow = found.known["latency"]
    assert (250, 2) == (slow.bound_ms, slow.bounds)
    assert slow.share == pytest.approx(0.01)
    assert (
        "from 300 s of stable's requests: 60/s, 0.25 % failed, 1 % slower than 250 ms"
        == found.sentence
    )


def test_what_is_given_goes_before_what_was_counted() -> None:
    given = Given(rate=100.0, errors=0.001)

    found = basis.of(delivery(ERRORS), counted(ticks()), given)
    alone = basis.of(delivery(), Counted(), Given(100.0, 0.001, 0.02))
    mixed = basis.of(delivery(), counted(ticks()), Given(rate=1234.0))

    assert (100.0, 0.001, 0) == (
        found.rate,
        found.known["errors"].share,
        found.known["errors"].requests,
    )
    assert "given: 100/s, 0.1 % failed" == found.sentence
    assert "given: 100/s, 0.1 % failed, 2 % slow" == alone.sentence
    assert mixed.sentence.startswith("given: 1,234/s; from 300 s of stable's requests: 0.25 %")


def test_nothing_is_assumed_where_nothing_is_known() -> None:
    assert Basis() == basis.of(delivery(), Counted(), Given())
    few = counted(ticks(number=2, requests=3))
    assert {} == basis.of(delivery(), few, Given()).known
    logs = LogCheck("logs", AgainstStable(), "ERROR")
    assert {} == basis.of(delivery(logs), counted(ticks()), Given()).known
    assert basis.missing(ERRORS).startswith("unknown: give --base-errors")
    assert basis.missing(SLOW).startswith("unknown: give --slow")
    assert basis.missing(logs).startswith("unknown until")


def test_clumps_are_found_as_the_judge_finds_them() -> None:
    clumped = tuple(
        Tick(
            tick.at,
            5.0,
            {"stable": Arm({name: (100, 8 if name == NAMES[i % 3] else 0) for name in NAMES})},
        )
        for i, tick in enumerate(ticks())
    )

    found = basis.of(delivery(ERRORS), counted(clumped), Given(errors=0.01))

    assert 3 < found.known["errors"].phi <= 8
    assert 1 == basis.of(delivery(ERRORS), counted(ticks()), Given()).known["errors"].phi


def test_only_the_version_that_is_stable_now_counts_if_there_is_enough_of_it() -> None:
    old = ticks(60, bad=50, end=NOW - 300, names=("other-0",))
    new = ticks(60)

    found = basis.of(delivery(ERRORS), counted((*old, *new), since=NOW - 300), Given())
    young = basis.of(delivery(ERRORS), counted((*old, *new[:2]), since=NOW - 300), Given())

    assert found.known["errors"].share == pytest.approx(0.0025)
    assert 0.05 < young.known["errors"].share
    assert "older versions' among them" in young.sentence
    assert "older" not in found.sentence


def test_the_quietest_and_the_busiest_hour_are_told_where_they_differ() -> None:
    hours = [
        tick
        for hour, requests in enumerate((10, 1000, 200, 200))
        for tick in ticks(60, requests, length_s=60.0, end=NOW - (3 - hour) * 3600)
    ]

    found = basis.of(delivery(ERRORS), counted(tuple(hours)), Given())
    even = basis.of(delivery(ERRORS), counted(ticks(240, length_s=60.0)), Given())

    assert found.low is not None
    assert found.high is not None
    assert 0.5 <= found.low <= 2
    assert 40 <= found.high <= 50
    assert (None, None) == (even.low, even.high)


def read(*, rest: tuple[Tick, ...], own: tuple[Tick, ...] = (), stable: str = OLD) -> Counted:
    async def found() -> Counted:
        store = Store(Specs())
        release = builders.ended(number=1, candidate=OLD) if own else None
        await store.record(builders.status(stable=stable, release=release))
        await store.put_ticks(SHOP, None, rest)
        await store.put_ticks(SHOP, 1, own)
        return await basis.counted(store, SHOP, builders.NOON)

    return anyio.run(found)


def test_the_last_hour_is_read_and_the_day_where_it_is_empty() -> None:
    late, early = ticks(12), ticks(12, end=NOW - 7200)

    assert late == read(rest=(*early, *late)).ticks
    assert (*early, *late) == read(rest=(*early, *late)).day
    assert early == read(rest=early).ticks
    assert () == read(rest=ticks(12, end=NOW - timedelta(days=2).total_seconds())).ticks


@pytest.mark.parametrize(
    ("rest", "own", "stable", "rate"),
    [
        (ticks(12), (), OLD, 60.0),
        (ticks(12), ticks(12), OLD, 60.0),
        (ticks(12, end=NOW - 7200), ticks(12), OLD, 60.0),
        (ticks(12, end=NOW - 7200), (), OLD, None),
        (ticks(12), (), "", None),
    ],
)
def test_the_traffic_of_the_last_hour_is_that_at_rest_and_in_the_release(
    rest: tuple[Tick, ...], own: tuple[Tick, ...], stable: str, rate: float | None
) -> None:
    async def found() -> float | None:
        store = Store(Specs())
        nobody = await basis.lately(store, SHOP, builders.NOON)
        assert nobody is None
        release = builders.ended(number=1, candidate=OLD)
        await store.record(builders.status(stable=stable, release=release))
        await store.put_ticks(SHOP, None, rest)
        await store.put_ticks(SHOP, 1, own)
        return await basis.lately(store, SHOP, builders.NOON)

    assert rate == anyio.run(found)


def test_what_a_new_version_did_in_its_release_counts_as_stables_past() -> None:
    own = tuple(
        Tick(
            tick.at, tick.seconds, {"candidate": tick.arms["stable"], "stable": Arm({"x": (9, 9)})}
        )
        for tick in ticks(12)
    )

    found = read(rest=(), own=own)

    assert [{"stable"}] * 12 == [set(tick.arms) for tick in found.ticks]
    assert found.ticks[0].arms["stable"] == own[0].arms["candidate"]
    assert basis.of(delivery(ERRORS), found, Given()).rate == pytest.approx(309 / 5)


def test_an_application_that_never_ran_has_no_past() -> None:
    async def nothing() -> Counted:
        return await basis.counted(Store(Specs()), SHOP, builders.NOON)

    assert Counted() == anyio.run(nothing)
    assert Counted() == read(rest=ticks(12), stable="")
