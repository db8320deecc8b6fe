"""No history, and each pod leaks from its 10th minute on."""

import numpy as np

from serinus.lab.service import Service

KIND = "regression"


def run(rng):
    def leaking(m):
        return np.minimum(0.001 + 0.05 * np.maximum(0, (m.age - 600) / 1200) ** 2, 1)

    return Service(candidate=leaking).run(rng)
