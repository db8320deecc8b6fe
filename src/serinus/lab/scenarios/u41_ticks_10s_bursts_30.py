"""Ticks of 10 s, and bursts of 30 errors."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
TICK_S = 10


def run(rng):
    return Service(bursts=Bursts(3e-5, mean=30), tick_s=TICK_S).run(rng)
