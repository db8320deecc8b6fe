"""Bursts of 50 errors, 2 in 100,000 requests."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(bursts=Bursts(2e-5, mean=50)).run(rng)
