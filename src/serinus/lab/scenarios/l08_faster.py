"""A candidate that is faster: 0.7 times as slow."""

from serinus.lab.delays import Delays
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
CHECKS = {"latency": (1.05, 0.0005)}
PLAN = [(0.1, 1800)]


def run(rng):
    return Service(latency=Delays(), candidate_latency=Delays(times=0.7)).run(rng)
