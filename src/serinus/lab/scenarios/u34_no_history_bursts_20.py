"""No history, and bursts of 20 errors."""

from serinus.lab.service import Bursts, Service

KIND = "null"
POD_FAULTS = True


def run(rng):
    return Service(bursts=Bursts(5e-5, mean=20)).run(rng)
