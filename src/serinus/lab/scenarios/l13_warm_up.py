"""Fresh pods of either version begin three times as slow, decaying with a minute."""

import numpy as np

from serinus.lab.delays import Delays
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
CHECKS = {"latency": (1.05, 0.0005)}
PLAN = [(0.1, 1800)]


def run(rng):
    return Service(latency=Delays(times=lambda m: 1 + 2 * np.exp(-m.age / 60))).run(rng)
