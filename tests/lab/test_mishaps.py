import itertools

import numpy as np
import pytest

from serinus.lab import mishaps
from serinus.lab.scenario import Wish
from serinus.lab.service import Service


def test_some_scrapes_are_missing_and_what_they_counted_with_them() -> None:
    rng = np.random.default_rng(1)
    run = mishaps.missing(rng, Service(pods=2).run(rng), share=0.3)
    next(run)

    found = [run.send(wish) for wish in itertools.repeat(Wish(), 1000)]

    seen = [tick for tick in found if tick is not None]
    requests = [sum(n for n, _ in tick["stable"].values()) for tick in seen]
    assert pytest.approx(700, abs=60) == len(seen)
    assert pytest.approx(500, abs=5) == np.mean(requests)
