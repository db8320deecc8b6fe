"""Each pod of the candidate fails at 5 % when it begins, decaying with 60 s."""

import numpy as np

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
HEALS = True


def run(rng):
    return Service(candidate=lambda m: 0.001 + 0.05 * np.exp(-m.age / 60)).run(rng)
