"""1.5 times as slow, with a heavy tail."""

from serinus.lab.delays import Delays
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
CHECKS = {"latency": (1.05, 0.0005)}
PLAN = [(0.1, 1800)]


def run(rng):
    return Service(
        latency=Delays(median_ms=20, pareto=1.1),
        candidate_latency=Delays(median_ms=20, pareto=1.1, times=1.5),
    ).run(rng)
