"""5 % errors when the candidate first has traffic, decaying with 60 s.

The clock is the wall's: it is over soon, even where the pods were replaced (x09 goes by their age).
"""

import numpy as np

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
HEALS = True


def run(rng):
    return Service(candidate=lambda m: 0.001 + 0.05 * np.exp(-m.since / 60)).run(rng)
