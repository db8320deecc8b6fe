"""Both versions get slower all the time, 2.5 times in half an hour."""

import numpy as np

from serinus.lab.delays import Delays
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
CHECKS = {"latency": (1.05, 0.0005)}
PLAN = [(0.1, 1800)]


def run(rng):
    return Service(latency=Delays(times=lambda m: 1 + 1.5 * np.clip(m.since / 1800, 0, 1))).run(rng)
