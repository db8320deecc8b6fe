"""Both versions are three times as slow for 5 s of every minute."""

from serinus.lab.delays import Delays
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
CHECKS = {"latency": (1.05, 0.0005)}
PLAN = [(0.1, 1800)]


def run(rng):
    phase = rng.uniform(0, 60)
    return Service(latency=Delays(times=lambda m: 1 + 2 * m.every(60, 5, phase))).run(rng)
