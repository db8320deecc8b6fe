import numpy as np
import pytest

from serinus.lab.faults import PIECE, BadPods, Fault, Hiccups, Uneven
from serinus.lab.pods import Pod


def pod(*faults: Fault, born: int = 0, seed: int = 1) -> Pod:
    return Pod("c0", born, fresh=True, rng=np.random.default_rng(seed), tick_s=5.0, faults=faults)


def test_luck_does_not_depend_on_how_it_is_asked_for() -> None:
    whole, parts = (pod(Hiccups(300, 30, 0.3), Uneven(0.4)) for _ in range(2))

    _, at_once = whole.luck(0, 3 * PIECE)
    found = [parts.luck(place, place + 96)[1] for place in range(0, 3 * PIECE, 96)]

    assert at_once.tolist() == np.concatenate(found).tolist()


def test_luck_begins_with_the_birth_of_the_pod() -> None:
    old, late = pod(Hiccups(300, 30, 0.3)), pod(Hiccups(300, 30, 0.3), born=500)

    assert old.luck(0, 100)[1].tolist() == late.luck(500, 600)[1].tolist()


def test_faults_meet_as_independent_causes_and_factors_multiply() -> None:
    found = pod(BadPods(1.0, 0.2), BadPods(1.0, 0.5), Uneven(0.0))

    times, plus = found.luck(0, 3)

    assert [1.0] * 3 == times.tolist()
    assert [pytest.approx(0.6)] * 3 == plus.tolist()
