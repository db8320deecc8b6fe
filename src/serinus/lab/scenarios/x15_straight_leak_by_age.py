"""Each pod leaks evenly: 1 % more errors in half an hour."""

import numpy as np

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(candidate=lambda m: np.minimum(0.001 + 0.01 * m.age / 1800, 1)).run(rng)
