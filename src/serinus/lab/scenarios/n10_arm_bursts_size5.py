"""Errors of single pods come in bursts of 5 on average, 2 in 10,000 requests."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(bursts=Bursts(rate=2e-4, mean=5)).run(rng)
