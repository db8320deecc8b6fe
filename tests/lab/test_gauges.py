import itertools

import numpy as np
import pytest

from serinus.lab.gauges import Gauge, sampled
from serinus.lab.moment import Array
from serinus.lab.scenario import Wish
from serinus.lab.service import Service


def values(gauge: Gauge, seed: int, number: int = 20_000) -> Array:
    return np.array(list(itertools.islice(gauge.values(np.random.default_rng(seed)), number)))


@pytest.mark.parametrize("gauge", [Gauge(sd=3), Gauge(sd=3, memory=0.9), Gauge(sd=3, tails=3)])
def test_the_difference_of_the_arms_is_as_wide_as_said(gauge: Gauge) -> None:
    difference = values(gauge, 1) - values(gauge, 2)

    assert pytest.approx(0, abs=0.2) == difference.mean()
    assert pytest.approx(3, rel=0.2) == difference.std()


@pytest.mark.parametrize("memory", [0.0, 0.9, 0.97])
def test_noise_remembers_the_tick_before(memory: float) -> None:
    found = values(Gauge(memory=memory), 1)
    apart = found - found.mean()

    assert pytest.approx(memory, abs=0.02) == (apart[1:] * apart[:-1]).mean() / apart.var()


def test_spikes_come_in_their_share_of_the_ticks() -> None:
    found = values(Gauge(level=100, spikes=0.02), 1)

    assert pytest.approx(0.02, rel=0.15) == (found > 108).mean()


def test_heavy_tails_are_heavier() -> None:
    light, heavy = (np.abs(values(Gauge(tails=tails), 1) - 100).max() for tails in (None, 3))

    assert heavy > 2 * light


def test_a_candidate_is_sampled_while_it_has_traffic_and_is_shifted() -> None:
    rng = np.random.default_rng(1)
    run = sampled(rng, Service().run(rng), "memory", Gauge(level=50, sd=1, shift=4))
    next(run)

    before = [run.send(Wish()) for _ in range(3)]
    after = [run.send(Wish(0.5, ("c0",))) for _ in range(400)]

    told = [(tick or {})["samples"]["memory"] for tick in after]
    assert all({"stable"} == (tick or {})["samples"]["memory"].keys() for tick in before)
    assert not any("truth" in (tick or {}) for tick in after)
    assert pytest.approx(4, abs=0.2) == np.mean([one["candidate"] - one["stable"] for one in told])
