import itertools

import numpy as np
import pytest

from serinus.lab import faults
from serinus.lab.faults import PIECE, Fault
from serinus.lab.moment import Array

EVERY = [
    faults.Sessions(number=100, unlucky=0.02, errors=0.3, lasts_s=600),
    faults.Hiccups(every_s=600, lasts_s=30, errors=0.3),
    faults.Hiccups(every_s=600, lasts_s=30, errors=0.3, spread=True),
    faults.BadPods(chance=0.2, errors=0.05),
    faults.WarmUp(errors=0.2, decay_s=60),
    faults.Uneven(sd=0.4),
    faults.Wander(sd=0.8, memory_s=600),
]


def luck(fault: Fault, seed: int, pieces: int = 2, *, fresh: bool = True) -> Array:
    series = fault.luck(np.random.default_rng(seed), 5.0, fresh=fresh)
    return np.concatenate(list(itertools.islice(series, pieces)))


@pytest.mark.parametrize("fault", EVERY, ids=repr)
def test_luck_comes_in_whole_pieces_and_is_a_share_or_a_factor(fault: Fault) -> None:
    found = luck(fault, 1)

    assert (2 * PIECE,) == found.shape
    assert found.min() >= 0
    assert fault.factor or found.max() <= 1


@pytest.mark.parametrize("fault", EVERY, ids=repr)
def test_the_same_seed_gives_the_same_luck(fault: Fault) -> None:
    assert luck(fault, 7).tolist() == luck(fault, 7).tolist()


@pytest.mark.parametrize("spread", [False, True])
@pytest.mark.parametrize("fresh", [False, True])
def test_hiccups_take_their_part_of_the_time(*, spread: bool, fresh: bool) -> None:
    fault = faults.Hiccups(every_s=600, lasts_s=30, errors=0.5, spread=spread)

    found = np.mean([luck(fault, seed, fresh=fresh) for seed in range(150)])

    # 30 s of every 600 s at one half, overlaps counted once.
    assert pytest.approx(0.5 * (1 - np.exp(-30 / 600)), rel=0.1) == found


def test_an_old_pod_may_be_found_in_the_midst_of_a_hiccup_and_a_fresh_one_is_not() -> None:
    fault = faults.Hiccups(every_s=100, lasts_s=100, errors=1.0)
    first = {
        fresh: np.mean([luck(fault, seed, 1, fresh=fresh)[0] for seed in range(400)])
        for fresh in (False, True)
    }

    assert first[True] < 0.1
    assert pytest.approx(1 - np.exp(-1), abs=0.1) == first[False]


def test_a_hiccup_goes_on_over_the_edge_of_a_piece() -> None:
    fault = faults.Hiccups(every_s=30_000, lasts_s=8_000, errors=1.0)  # a piece is 5,120 s
    found = [luck(fault, seed, 4) for seed in range(30)]

    ended = [np.flatnonzero((one[:-1] > 0) & (one[1:] == 0)) + 1 for one in found]

    assert any(ends.size for ends in ended)
    assert [] == [end for ends in ended for end in ends if end % PIECE == 0]


def test_hiccups_may_wait_for_the_release_where_pods_were_there_from_the_first() -> None:
    fault = faults.Hiccups(every_s=60, lasts_s=20, errors=0.5, quiet_s=6000)

    old, fresh = luck(fault, 1, fresh=False), luck(fault, 1, fresh=True)

    assert 0 == old[:1200].max() < old[1200:].max()
    assert fresh[:1200].max() > 0


def test_a_pod_is_as_good_as_its_sessions_and_they_change_slowly() -> None:
    fault = faults.Sessions(number=100, unlucky=0.02, errors=0.3, lasts_s=600)

    found = np.array([luck(fault, seed, 1) for seed in range(200)])
    apart = found - found.mean()

    # Two of 100 on average, as many as a Poisson number; a session lasts 120 ticks.
    assert pytest.approx(0.02 * 0.3, rel=0.05) == found.mean()
    assert pytest.approx(0.3 / 100 * np.sqrt(2), rel=0.1) == found.std()
    kept = (apart[:, 120:] * apart[:, :-120]).mean() / found.var()
    assert pytest.approx(1 / np.e, abs=0.1) == kept


def test_some_pods_are_bad_and_stay_bad() -> None:
    found = [luck(faults.BadPods(chance=0.2, errors=0.05), seed) for seed in range(400)]

    assert all(one.min() == one.max() for one in found)
    assert pytest.approx(0.2, abs=0.06) == np.mean([one[0] == 0.05 for one in found])


def test_only_fresh_pods_have_to_warm_up() -> None:
    fault = faults.WarmUp(errors=0.2, decay_s=60)

    fresh = luck(fault, 1)

    assert (0.2, pytest.approx(0.2 / np.e)) == (fresh[0], fresh[12])
    assert (np.diff(fresh) < 0).all()
    assert 0 == luck(fault, 1, fresh=False).max()


@pytest.mark.parametrize("fault", [faults.Uneven(sd=0.4), faults.Wander(sd=0.4, memory_s=600)])
def test_factors_are_one_on_average_and_as_wide_as_said(fault: Fault) -> None:
    found = np.array([luck(fault, seed, 1)[::200] for seed in range(800)])

    assert pytest.approx(1.0, abs=0.05) == found.mean()
    assert pytest.approx(0.4, abs=0.03) == np.log(found).std()


def test_what_wanders_forgets_within_its_memory() -> None:
    paths = np.log([luck(faults.Wander(sd=1.0, memory_s=100), seed, 1) for seed in range(100)])
    paths -= paths.mean()

    kept = (paths[:, 20:] * paths[:, :-20]).mean() / paths.var()

    assert pytest.approx(1 / np.e, abs=0.05) == kept
