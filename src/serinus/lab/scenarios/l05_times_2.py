"""Twice as slow, all of it."""

from serinus.lab.delays import Delays
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
CHECKS = {"latency": (1.05, 0.0005)}
PLAN = [(0.1, 1800)]


def run(rng):
    return Service(latency=Delays(), candidate_latency=Delays(times=2.0)).run(rng)
