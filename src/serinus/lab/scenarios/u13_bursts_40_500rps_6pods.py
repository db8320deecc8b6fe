"""Six pods at 500 requests a second with bursts of 40 errors."""

from serinus.lab.service import Bursts, Service

KIND = "null"
HISTORY_S = 3600
POD_FAULTS = True
STABLE_PODS = 6


def run(rng):
    return Service(rps=500, pods=6, bursts=Bursts(2.5e-5, mean=40)).run(rng)
