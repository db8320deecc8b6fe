from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pytest

from serinus.lab.delays import Delays
from serinus.lab.faults import BadPods, Hiccups, WarmUp
from serinus.lab.moment import Moment
from serinus.lab.scenario import Wish
from serinus.lab.service import Bursts, Service, Shared

TWO = Wish(0.2, ("c0", "c1"))
Ticks = list[Mapping[str, Any]]


def play(service: Service, wishes: Iterable[Wish], seed: int = 1) -> Ticks:
    run = service.run(np.random.default_rng(seed))
    assert {} == next(run)
    found = [run.send(wish) for wish in wishes]
    return [tick for tick in found if tick is not None]


def total(ticks: Ticks, arm: str, place: int) -> int:
    return sum(counts[place] for tick in ticks for counts in tick.get(arm, {}).values())


def share(ticks: Ticks, arm: str) -> float:
    return total(ticks, arm, 1) / total(ticks, arm, 0)


def of_pod(ticks: Ticks, arm: str, pod: str) -> tuple[int, int]:
    counts = [tick[arm][pod] for tick in ticks if pod in tick.get(arm, {})]
    return sum(n for n, _ in counts), sum(x for _, x in counts)


def test_the_candidate_gets_its_weight_spread_equally_over_its_pods() -> None:
    ticks = play(Service(rps=100, pods=4), [TWO] * 400)

    assert pytest.approx(40_000, rel=0.02) == total(ticks, "candidate", 0)
    assert pytest.approx(160_000, rel=0.02) == total(ticks, "stable", 0)
    assert pytest.approx(20_000, rel=0.03) == of_pod(ticks, "candidate", "c1")[0]
    assert pytest.approx(40_000, rel=0.03) == of_pod(ticks, "stable", "s3")[0]
    assert "twin" not in ticks[0]


def test_twins_share_the_stable_part_and_fail_as_the_old_version() -> None:
    ticks = play(Service(pods=3, candidate=0.5), [Wish(0.2, ("c0",), ("t0",))] * 400)

    assert pytest.approx(40_000, rel=0.03) == of_pod(ticks, "twin", "t0")[0]
    assert pytest.approx(40_000, rel=0.03) == of_pod(ticks, "stable", "s0")[0]
    assert share(ticks, "twin") < 0.003
    assert pytest.approx(0.5, abs=0.01) == share(ticks, "candidate")


def test_a_weight_without_pods_stays_with_stable() -> None:
    ticks = play(Service(), [Wish(0.5)] * 100)

    assert {"stable", "truth"} == set(ticks[0])
    assert pytest.approx(50_000, rel=0.03) == total(ticks, "stable", 0)


def test_the_same_seed_and_wishes_give_the_same_ticks() -> None:
    service = Service(faults=[Hiccups(300, 20, 0.3)], bursts=Bursts(1e-3, 5))
    wishes = [Wish()] * 50 + [TWO] * 50

    assert play(service, wishes, 3) == play(service, wishes, 3)
    assert play(service, wishes, 3) != play(service, wishes, 4)


def test_what_is_drawn_ahead_is_not_served_under_another_wish() -> None:
    wishes = [Wish(0.1, (f"c{place}",)) if place % 3 else Wish() for place in range(60)]

    ticks = play(Service(rps=1000), wishes)

    named = [tuple(tick.get("candidate", {})) for tick in ticks]
    assert [wish.candidate_pods for wish in wishes] == named


def test_the_clock_of_the_candidate_begins_with_its_first_traffic() -> None:
    late = Service(candidate=lambda m: 1.0 * m.during(20, 40))

    ticks = play(late, [Wish()] * 3 + [Wish(0, ("c0",))] * 3 + [Wish(0.5, ("c0",))] * 10)

    truth = [tick["truth"]["candidate"] for tick in ticks[6:]]
    assert [0.0] * 4 + [1.0] * 4 + [0.0] * 2 == truth


def test_a_pod_is_as_old_as_the_time_since_it_was_first_named() -> None:
    service = Service(candidate=lambda m: 1.0 * (m.age >= 20), stable=lambda m: 1.0 * (m.age < 20))
    first, both = Wish(0.0, ("c0",), ("t0",)), Wish(0.5, ("c0", "c1"), ("t0", "t1"))

    # Named without weight for two ticks, then not at all for two, then again beside fresh pods.
    ticks = play(service, [first] * 2 + [Wish()] * 2 + [both] * 2)

    assert [tick["truth"]["candidate"] for tick in ticks[4:]] == [0.5, 0.5]
    (n, old), (_, new) = of_pod(ticks[4:], "candidate", "c0"), of_pod(ticks, "candidate", "c1")
    assert (n, 0) == (old, new)
    assert 0 == of_pod(ticks[4:], "twin", "t0")[1] == total(ticks, "stable", 1)
    assert of_pod(ticks, "twin", "t1")[1] == of_pod(ticks, "twin", "t1")[0] > 0


def test_fresh_pods_draw_their_own_luck() -> None:
    names = tuple(f"c{place}" for place in range(200))
    service = Service(rps=10_000, stable=0.0, faults=[BadPods(chance=0.2, errors=0.5)])

    ticks = play(service, [Wish(0.5, names)] * 3)

    bad = [of_pod(ticks, "candidate", name)[1] > 0 for name in names]
    assert pytest.approx(0.2, abs=0.09) == np.mean(bad)


def test_a_pod_that_comes_back_has_kept_its_luck_and_aged() -> None:
    service = Service(stable=0.0, faults=[BadPods(0.5, 0.5), WarmUp(1.0, 5.0)])
    names = tuple(f"c{place}" for place in range(12))

    ticks = play(service, [Wish(0.5, names)] * 30 + [Wish()] * 500 + [Wish(0.5, names)] * 500)

    def bad(part: Ticks) -> list[bool]:
        return [of_pod(part, "candidate", name)[1] > 0 for name in names]

    assert all(bad(ticks[:1]))
    assert bad(ticks[20:30]) == bad(ticks[-500:])
    assert {True, False} == set(bad(ticks[-500:]))


def test_bursts_add_their_mean_and_are_told_as_a_mean() -> None:
    service = Service(bursts=Bursts(1e-3, mean=5), candidate_bursts=Bursts(1e-3, mean=20))

    ticks = play(service, [TWO] * 4000)

    assert {"stable": pytest.approx(0.006), "candidate": pytest.approx(0.021)} == ticks[0]["truth"]
    assert pytest.approx(0.006, rel=0.05) == share(ticks, "stable")
    assert pytest.approx(0.021, rel=0.15) == share(ticks, "candidate")


def test_a_burst_that_does_not_fit_into_a_tick_goes_on_in_the_next() -> None:
    # Bursts of 20 where five requests come in a tick; the wish changes all the time.
    names = tuple(f"c{place}" for place in range(50))
    service = Service(rps=100, stable=0.0, pods=1, bursts=Bursts(5e-3, mean=20))

    ticks = play(service, [Wish(0.5, names), Wish(0.51, names)] * 400)

    # All are served, one after the other, and none comes while another one fails all requests.
    assert pytest.approx(0.1, rel=0.1) == share(ticks, "candidate")
    assert all(x <= n for tick in ticks for n, x in tick["candidate"].values())


def test_an_outbreak_hits_whoever_serves() -> None:
    ticks = play(Service(stable=0.0, outbreaks=Bursts(rate=0.02, mean=40)), [TWO] * 4000)

    struck = [tick for tick in ticks if tick["truth"]["candidate"] > 0]
    told = np.mean([tick["truth"]["stable"] for tick in ticks])
    assert pytest.approx(1 - np.exp(-0.1), rel=0.1) == len(struck) / len(ticks)
    assert pytest.approx(told, rel=0.03) == share(ticks, "stable")
    assert pytest.approx(told, rel=0.05) == share(ticks, "candidate")
    assert 0 == total([tick for tick in ticks if tick["truth"]["stable"] == 0], "stable", 1)


def test_load_and_errors_follow_the_weight() -> None:
    service = Service(
        rps=lambda m: 200 if m.weight > 0.3 else 20, stable=lambda m: 0.2 if m.weight > 0.3 else 0.0
    )

    low, high = (play(service, [Wish(weight, ("c0",))] * 200) for weight in (0.1, 0.5))

    assert pytest.approx(2000, rel=0.1) == total(low, "candidate", 0)
    assert 0 == total(low, "stable", 1)
    assert pytest.approx(100_000, rel=0.02) == total(high, "candidate", 0)
    assert pytest.approx(0.2, rel=0.05) == share(high, "candidate")


def test_what_is_shared_wanders_alike_for_both_arms() -> None:
    rng = np.random.default_rng(2)
    walk = Shared(rng, sd=1.0, memory_s=600)
    run = Service(rps=10_000, stable=lambda m: 0.02 * walk(m)).run(rng)
    next(run)

    found = [run.send(Wish(0.5, ("c0",))) for _ in range(400)]

    ticks = [tick for tick in found if tick is not None]
    truths = np.array([tick["truth"]["stable"] for tick in ticks])
    shares = np.array([tick["candidate"]["c0"][1] / tick["candidate"]["c0"][0] for tick in ticks])
    assert truths.max() > 2 * truths.min()
    assert np.abs(shares - truths).max() < 0.01
    assert truths.tolist() == [tick["truth"]["candidate"] for tick in ticks]


def test_a_factor_that_is_shared_depends_on_the_clock_alone() -> None:
    walk = Shared(np.random.default_rng(1), sd=1.0, memory_s=60)
    ticks = np.arange(20.0)[:, None] * 5
    moment = Moment(t=ticks, since=ticks, age=ticks, weight=0.0, tick_s=5.0)

    assert walk(moment).tolist() == walk(moment).tolist()


def test_latency_falls_into_buckets_of_which_each_arm_tells_all() -> None:
    service = Service(latency=Delays(), candidate_latency=Delays(times=4.0), bounds_ms=(50, 200))

    ticks = play(service, [TWO] * 200)

    stable, candidate = (
        np.sum([tick["latency"][arm]["every"] for tick in ticks], axis=0)
        for arm in ("stable", "candidate")
    )
    assert "truth" not in ticks[0]
    assert (total(ticks, "stable", 0), total(ticks, "candidate", 0)) == (
        stable.sum(),
        candidate.sum(),
    )
    assert pytest.approx(0.5, abs=0.01) == stable[0] / stable.sum()
    assert pytest.approx(0.5, abs=0.01) == candidate[2] / candidate.sum()


def test_fresh_pods_may_be_slow_and_the_arm_tells_their_mean() -> None:
    service = Service(latency=Delays(times=lambda m: 1 + 3 * (m.age < 20)), bounds_ms=(200,))

    ticks = play(service, [Wish(0.5, ("c0",))] * 4 + [Wish(0.5, ("c0", "c1"))] * 4)

    slow = [tick["latency"]["candidate"]["every"][1] / 250 for tick in ticks]
    usual = ticks[-1]["latency"]["stable"]["every"][1] / 250
    assert pytest.approx(0.5, abs=0.1) == np.mean(slow[:4])
    assert pytest.approx((0.5 + usual) / 2, abs=0.1) == np.mean(slow[4:])


def test_lines_are_counted_for_each_pod_and_check() -> None:
    service = Service(pods=2, lines={"a": (0.1, 0.1), "b": (0.0, 0.5)})

    ticks = play(service, [Wish(0.5, ("c0",), ("t0",))] * 200)

    def lines(arm: str, pod: str, check: str) -> float:
        bad = sum(tick["lines"][arm][pod][check] for tick in ticks)
        return float(bad / of_pod(ticks, arm, pod)[0])

    assert {"s0", "s1"} == ticks[0]["lines"]["stable"].keys()
    assert pytest.approx(0.1, abs=0.01) == lines("stable", "s1", "a")
    assert 0 == lines("stable", "s0", "b") == lines("twin", "t0", "b")
    assert pytest.approx(0.5, abs=0.01) == lines("candidate", "c0", "b")
    assert "truth" not in ticks[0]
