"""A plan of 2 hours, of which each pod leaks from its 40th minute on."""

import numpy as np

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
PLAN = [(0.01, 1200), (0.05, 1200), (0.1, 1200), (0.25, 1200), (0.5, 2400)]


def run(rng):
    def leaking(m):
        return np.minimum(0.001 + 0.05 * np.maximum(0, (m.age - 2400) / 4800) ** 2, 1)

    return Service(candidate=leaking).run(rng)
