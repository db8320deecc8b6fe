"""A failed request is tried again at the same pod: clusters of 3 on average."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True


def run(rng):
    return Service(stable=0.0001, bursts=Bursts(rate=5e-4, mean=3)).run(rng)
