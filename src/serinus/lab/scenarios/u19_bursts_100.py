"""Bursts of 100 errors, 1 in 100,000 requests."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(bursts=Bursts(1e-5, mean=100)).run(rng)
