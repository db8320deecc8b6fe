"""Errors of single pods come in bursts of 20 on average, 5 in 100,000 requests."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(bursts=Bursts(rate=5e-5, mean=20)).run(rng)
