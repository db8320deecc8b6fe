"""A gauge with a memory of 0.9 and heavy tails (t, 3 degrees)."""

from serinus.lab.gauges import Gauge, sampled
from serinus.lab.service import Service

KIND = "null"
HISTORY_S = 3600
GAUGES = ("memory",)
CHECKS = {"memory": (1.0, 0.0)}


def run(rng):
    return sampled(rng, Service().run(rng), "memory", Gauge(memory=0.9, tails=3))
