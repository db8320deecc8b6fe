from collections.abc import Iterator

import pytest

from serinus.interfaces.demo import faults


def fates(given: faults.Faults, count: int, age_s: float = 100.0) -> Iterator[faults.Fate]:
    dice = faults.Dice(given, seed=7)
    return (dice.next(age_s) for _ in range(count))


def read(**environ: str) -> faults.Faults:
    problems: list[str] = []
    given = faults.read(environ, problems)
    assert problems == []
    return given


def problems_of(**environ: str) -> list[str]:
    problems: list[str] = []
    faults.read(environ, problems)
    return problems


def test_a_seed_settles_how_many_requests_fail() -> None:
    assert sum(fate.error for fate in fates(faults.Faults(errors=0.05), 1000)) == 49
    assert sum(fate.hang for fate in fates(faults.Faults(hang=0.01), 1000)) == 11


def test_one_fault_does_not_move_another() -> None:
    alone = [fate.error for fate in fates(faults.Faults(errors=0.05), 500)]
    among = faults.Faults(errors=0.05, tail=0.5, tail_s=1.0, hang=0.5, latency_s=0.01)

    assert alone == [fate.error for fate in fates(among, 500)]


def test_nothing_happens_without_a_fault() -> None:
    assert set(fates(faults.Faults(), 100)) == {faults.Fate(False, False, 0.0, False)}  # noqa: FBT003 - no fault at all


def test_errors_begin_at_their_age() -> None:
    given = read(SHOP_ERRORS="100%", SHOP_ERRORS_AFTER="30s")

    assert (0.0, 1.0) == (given.error_share(29.9), given.error_share(30.0))


def test_a_cold_start_decays_by_e_in_its_time() -> None:
    given = read(SHOP_COLD="5%:60s")

    assert given.error_share(0.0) == pytest.approx(0.05)
    assert given.error_share(60.0) == pytest.approx(0.05 / 2.71828, rel=1e-4)


def test_a_leak_that_ends_in_errors_fails_more_and_more_from_half_full_on() -> None:
    given = read(SHOP_LEAK="1MB/s:64MB:errors")

    shares = [given.error_share(age_s) for age_s in (0, 32, 48, 64, 1000)]
    assert [0.0, 0.0, 0.5, 1.0, 1.0] == shares


def test_a_leak_that_ends_the_process_makes_no_errors_before() -> None:
    leak = read(SHOP_LEAK="2MB/s").leak

    assert leak == faults.Leak(2_000_000, 64_000_000, ends_in_errors=False)
    assert leak is not None
    assert (0.0, 0.5) == (leak.errors(1000), leak.filled(16))


def test_no_share_is_above_all_requests() -> None:
    given = read(SHOP_ERRORS="80%", SHOP_COLD="80%:1h")

    assert given.error_share(0.0) == 1.0


def test_the_tail_is_slower_by_its_delay_and_the_base_spreads_little() -> None:
    delays = [fate.delay_s for fate in fates(read(SHOP_LATENCY="10ms", SHOP_TAIL="2%:400ms"), 1000)]

    slow = [delay for delay in delays if delay > 0.4]
    base = sorted(delay for delay in delays if delay <= 0.4)
    assert len(slow) == 18
    assert 0.0095 < base[len(base) // 2] < 0.0105
    assert 0.005 < base[0] < base[-1] < 0.02


def test_the_crash_meets_the_request_of_its_number() -> None:
    crashes = [fate.crash for fate in fates(read(SHOP_CRASH_AFTER="3"), 5)]

    assert [False, False, True, False, False] == crashes


def test_a_crash_may_come_with_time() -> None:
    assert read(SHOP_CRASH_AFTER="20s") == faults.Faults(crash_after_s=20.0)


def test_an_empty_value_is_as_none() -> None:
    assert read(SHOP_ERRORS="", SHOP_LEAK="") == faults.Faults()


def test_only_all_requests_that_hang_are_hanging_always() -> None:
    assert [False, True] == [read(SHOP_HANG=share).hangs_always for share in ("99%", "100%")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHOP_ERRORS", "5"),
        ("SHOP_LATENCY", "10"),
        ("SHOP_TAIL", "2%"),
        ("SHOP_TAIL", "2%:400ms:x"),
        ("SHOP_HANG", "101%"),
        ("SHOP_CRASH_AFTER", "0"),
        ("SHOP_CRASH_AFTER", "²"),
        ("SHOP_CRASH_AFTER", "soon"),
        ("SHOP_LEAK", "1MB"),
        ("SHOP_LEAK", "0MB/s"),
        ("SHOP_LEAK", "1MB/s:2GB"),
        ("SHOP_LEAK", "1MB/s:0MB"),
        ("SHOP_LEAK", "1MB/s:64MB:boom"),
        ("SHOP_LEAK", "1MB/s:64MB:exit:x"),
        ("SHOP_SLOW_START", "x"),
        ("SHOP_COLD", "5%:0s"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_wanted(name: str, value: str) -> None:
    assert [f"{name}: found {value!r}, want"] == [
        problem[: problem.index("want") + 4] for problem in problems_of(**{name: value})
    ]


def test_all_wrong_values_are_told_at_once() -> None:
    wrong = problems_of(SHOP_ERRORS="x", SHOP_TAIL="x", SHOP_LEAK="x")

    assert ["SHOP_ERRORS", "SHOP_TAIL", "SHOP_LEAK"] == [
        problem.partition(":")[0] for problem in wrong
    ]


def test_an_age_for_errors_wants_errors() -> None:
    assert ["SHOP_ERRORS_AFTER: set without SHOP_ERRORS, want both, such as 5% and 30s"] == (
        problems_of(SHOP_ERRORS_AFTER="30s")
    )
