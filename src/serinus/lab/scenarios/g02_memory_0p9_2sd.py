"""A gauge whose noise keeps 0.9 from tick to tick; the candidate's is 2 sd higher."""

from serinus.lab.gauges import Gauge, sampled
from serinus.lab.service import Service

KIND = "regression"
HISTORY_S = 3600
GAUGES = ("memory",)
CHECKS = {"memory": (1.0, 0.0)}


def run(rng):
    return sampled(rng, Service().run(rng), "memory", Gauge(memory=0.9, shift=2))
