"""Latency with a heavy tail: Pareto, exponent 1.1."""

from serinus.lab.delays import Delays
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
CHECKS = {"latency": (1.05, 0.0005)}
PLAN = [(0.1, 1800)]


def run(rng):
    return Service(latency=Delays(median_ms=20, pareto=1.1)).run(rng)
