"""The candidate gets slower all the time, twice as slow in half an hour."""

import numpy as np

from serinus.lab.delays import Delays
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
CHECKS = {"latency": (1.05, 0.0005)}
PLAN = [(0.1, 1800)]


def run(rng):
    leaking = Delays(times=lambda m: 1 + np.maximum(0, m.since) / 1800)
    return Service(latency=Delays(), candidate_latency=leaking).run(rng)
