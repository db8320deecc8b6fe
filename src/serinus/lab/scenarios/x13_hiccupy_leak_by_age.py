"""A service with hiccups of 10 s once in 20 minutes, of which each pod leaks."""

import numpy as np

from serinus.lab.faults import Hiccups
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    def leaking(m):
        return np.minimum(0.001 + 0.05 * np.maximum(0, (m.age - 600) / 1200) ** 2, 1)

    hiccups = Hiccups(every_s=1200, lasts_s=10, errors=0.3)
    return Service(candidate=leaking, faults=[hiccups]).run(rng)
