"""A storm of retries: 0.2 % errors, e times as many every 3 minutes, up to 50 %."""

import numpy as np

from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600


def run(rng):
    return Service(candidate=lambda m: np.minimum(0.002 * np.exp(m.since / 180), 0.5)).run(rng)
