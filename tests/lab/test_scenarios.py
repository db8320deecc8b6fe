"""Every scenario that ships: it plays by its plan, and what it says is so."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from serinus.core.state.counts import CANDIDATE, STABLE
from serinus.lab import play, scenario, shelf
from serinus.lab.play import Planned
from serinus.lab.scenario import Scenario
from tests.lab import small

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "scenarios.md"
EVERY = [one for ones in shelf.sets().values() for one in ones]
AGE = [one for one in shelf.sets()["age"] if not one.pod_faults]
COUNTS = shelf.sets()["counts"]
every = pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)


def played(one: Scenario, seed: int = 1) -> list[Planned]:
    return play.planned(one, np.random.default_rng(seed))[1]


@every
def test_it_plays_by_its_plan_and_its_counts_are_sound(one: Scenario) -> None:
    past, found = play.planned(one, np.random.default_rng(1))

    ticks = [*past, *(planned.tick for planned in found)]
    counts = [pod for tick in ticks for arm in tick.arms.values() for pod in arm.replicas.values()]
    assert len(found) >= 0.6 * one.plan_s / one.tick_s
    assert len(past) >= 0.6 * one.history_s / one.tick_s
    assert all(0 <= x <= n for n, x in counts)
    assert any(tick.arms[CANDIDATE].requests for tick in ticks if CANDIDATE in tick.arms)
    assert {one.stable_pods} == {len(tick.arms[STABLE].replicas) for tick in ticks}


@every
def test_it_is_the_same_for_the_same_seed_and_another_one_for_another(one: Scenario) -> None:
    brief = 40 * one.tick_s
    short = dataclasses.replace(one, history_s=min(one.history_s, brief), plan=((0.3, brief),))

    first, again, other = (play.planned(short, np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert first == again
    assert first != other


@every
def test_it_has_a_title_of_one_sentence(one: Scenario) -> None:
    assert one.title.endswith(".")
    assert len(one.title) <= 100


UNLUCKY = {"n15", "n22"}
"""Single pods have a luck in them that is no part of what is true."""

CLUSTERS = {"n09": 80, "n10": 11, "n11": 41, "n12": 7, "a18": 21}
"""The variance of errors that come in bursts, in those of single ones."""


@pytest.mark.parametrize("one", [*COUNTS, *AGE], ids=lambda one: one.name)
def test_what_is_true_tells_the_kind_and_agrees_with_the_counts(one: Scenario) -> None:
    ratio, plus = one.checks["errors"]
    lucky = one.name[:3] not in UNLUCKY
    expected, found, worse = {STABLE: 0.0, CANDIDATE: 0.0}, {STABLE: 0, CANDIDATE: 0}, False
    for seed in range(2):
        for _, tick, truth in played(one, seed):
            assert truth is not None
            worse |= truth.candidate > ratio * truth.stable + plus + 1e-12
            for arm, share in zip((STABLE, CANDIDATE), truth, strict=True):
                expected[arm] += tick.arms[arm].requests * share
                found[arm] += tick.arms[arm].errors

    assert worse == (one.kind == "regression")
    for arm, errors in found.items():
        spread = np.sqrt(CLUSTERS.get(one.name[:3], 1) * expected[arm])
        assert not lucky or abs(errors - expected[arm]) <= 4 * spread + 1e-9


def test_the_example_of_the_reference_plays(tmp_path: Path) -> None:
    text = PAGE.read_text().partition("```python\n")[2].partition("```")[0]
    one = scenario.load(small.file(tmp_path, "slow_rot", text))

    found = played(one)

    first, last = (truth for _, _, truth in (found[0], found[-1]) if truth)
    assert (360, 4) == (len(found), len(found[0].tick.arms[STABLE].replicas))
    assert first.candidate < 1.5 * first.stable + 0.001 < last.candidate
