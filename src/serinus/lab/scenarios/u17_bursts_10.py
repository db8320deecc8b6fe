"""Bursts of 10 errors, 1 in 10,000 requests."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(bursts=Bursts(1e-4, mean=10)).run(rng)
