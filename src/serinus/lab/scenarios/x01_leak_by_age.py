"""Each pod leaks: from its 10th minute on, quadratic, 5 % more errors at its 30th."""

import numpy as np

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    def leaking(m):
        return np.minimum(0.001 + 0.05 * np.maximum(0, (m.age - 600) / 1200) ** 2, 1)

    return Service(candidate=leaking).run(rng)
