from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.random import Generator as Random

from serinus.lab import mishaps
from serinus.lab.scenario import Wish
from serinus.lab.service import Service, Ticks

HALF = Wish(0.5, ("c0", "c1"))
TICKS = 1200


def played(
    wrap: Callable[[Random, Ticks], Ticks], ticks: int = TICKS, **service: Any
) -> list[dict[str, Any]]:
    rng = np.random.default_rng(1)
    run = wrap(rng, Service(pods=2, **service).run(rng))
    assert {} == next(run)
    return [dict(run.send(HALF) or {}) for _ in range(ticks)]


def total(ticks: list[dict[str, Any]], place: int) -> int:
    arms = [tick.get(arm, {}) for tick in ticks for arm in ("stable", "candidate")]
    return sum(counts[place] for pods in arms for counts in pods.values())


def sound(ticks: list[dict[str, Any]]) -> bool:
    arms = [tick.get(arm, {}) for tick in ticks for arm in ("stable", "candidate")]
    return all(0 <= x <= n for pods in arms for n, x in pods.values())


def test_some_scrapes_are_missing_and_what_they_counted_with_them() -> None:
    found = played(lambda rng, run: mishaps.missing(rng, run, share=0.3))

    seen = [tick for tick in found if tick]
    assert pytest.approx(0.7, abs=0.05) == len(seen) / TICKS
    assert pytest.approx(500, abs=5) == total(seen, 0) / len(seen)


def test_where_counters_go_on_nothing_is_lost_and_ticks_are_as_long_as_they_were() -> None:
    found = played(lambda rng, run: mishaps.gathered(rng, run, share=0.3))

    seen = [tick for tick in found if tick]
    assert pytest.approx(0.7, abs=0.05) == len(seen) / TICKS
    assert pytest.approx(500 * TICKS, rel=0.01) == total(seen, 0)
    assert pytest.approx(5 * TICKS, abs=50) == sum(tick["seconds"] for tick in seen)
    assert all(pytest.approx(100 * tick["seconds"], rel=0.25) == total([tick], 0) for tick in seen)


def test_a_counter_that_begins_anew_loses_part_of_a_tick() -> None:
    found = played(lambda rng, run: mishaps.resets(rng, run, every_s=50), stable=0.2)

    # Every tenth tick of a pod loses half of its counts on average.
    assert sound(found)
    assert pytest.approx(0.95, abs=0.01) == total(found, 0) / (500 * TICKS)
    assert pytest.approx(0.2, abs=0.01) == total(found, 1) / total(found, 0)


def test_what_is_late_comes_with_the_next_tick() -> None:
    found = played(lambda rng, run: mishaps.late(rng, run, share=0.2), stable=0.2)
    pods = [counts for tick in found for counts in tick["stable"].values()]

    assert sound(found)
    assert pytest.approx(0.2, abs=0.03) == sum(n == 0 for n, _ in pods) / len(pods)
    assert pytest.approx(500 * TICKS, rel=0.01) == total(found, 0)


def test_a_late_clock_moves_a_part_of_the_candidates_counts_into_the_next_tick() -> None:
    # The candidate fails in every second tick only.
    def flapping(rng: Random, run: Ticks) -> Ticks:
        return mishaps.skewed(rng, run, part=0.6)

    found = played(flapping, stable=lambda m: 1.0 * m.every(10, 5))

    stable = [sum(x for _, x in tick["stable"].values()) > 0 for tick in found]
    share = [
        sum(x for _, x in tick["candidate"].values()) / total([{**tick, "stable": {}}], 0)
        for tick in found[1:]
    ]
    assert sound(found)
    assert [True, False] * (TICKS // 2) == stable
    assert pytest.approx(0.6, abs=0.02) == np.mean(share[0::2])
    assert pytest.approx(0.4, abs=0.02) == np.mean(share[1::2])


def test_the_candidate_gets_another_share_than_was_asked_for() -> None:
    found = played(lambda _, run: mishaps.misrouted(run, times=1.5))

    its = sum(n for tick in found for n, _ in tick["candidate"].values())
    assert pytest.approx(0.75, abs=0.01) == its / total(found, 0)


def test_nobody_gets_more_than_all() -> None:
    found = played(lambda _, run: mishaps.misrouted(run, times=3), ticks=20)

    assert 0 == sum(n for tick in found for n, _ in tick["stable"].values())
